# SPDX-License-Identifier: GPL-3.0-or-later
# Damaged dumps: whatever is broken, every command ends by itself, with an exit code of its own
# and, where it fails, a sentence. DAMAGE_SEEDS="1 2 3" for more (make asan is the place).
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

for n in x86_64 i386-nopae-elf64; do
	dir=$CORES/$n
	for seed in ${DAMAGE_SEEDS:-1 2 3 4 5 6 7 8 9 10 11 12}; do
		kind=$(python3 "$here/damage.py" "$dir/vmcore" "$tmp/dump" "$seed")
		for c in 'report --all' 'report --all --engine=native' ps mod regs log; do
			# shellcheck disable=SC2086
			kd --force --gdb-timeout 20 $c "$tmp/dump" "$dir/vmlinux"
			case $rc in
			0) ok "$n: $kind damaged ($seed): $c" ;;
			1 | 3)
				if grep -q '^kdview: ' "$tmp/err" && ! grep -q 'Sanitizer\|runtime error' "$tmp/err"; then
					ok "$n: $kind damaged ($seed): $c says why it fails"
				else
					not_ok "$n: $kind damaged ($seed): $c says why it fails"
				fi
				;;
			*) not_ok "$n: $kind damaged ($seed): $c ended with $rc" ;;
			esac
		done
	done
done
