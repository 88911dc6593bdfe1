# SPDX-License-Identifier: GPL-3.0-or-later
# Damaged dumps: whatever is broken, every command ends by itself, with an exit code of its own
# and, where it fails, a sentence; no control bytes get out. DAMAGE_SEEDS="1 2 3" for more and
# DAMAGE_FIXTURES="..." for others (make asan is the place). One place at a time: wounds_e2e.sh.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# judge NAME: of the command that was run last
judge() {
	local why=
	case $rc in
	0) ;;
	1 | 3) grep -q '^kdview: ' "$tmp/err" || why='no sentence' ;;
	*) why="ended with $rc" ;;
	esac
	grep -q 'Sanitizer\|runtime error' "$tmp/err" && why=sanitizer
	LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' "$tmp/out" "$tmp/err" && why="$why control bytes"
	is "$1" '' "$why"
}

# Without gdb, one after the other in one session.
native='info
ps
ps -w
bt --all
stacks
log -T
mod
cpu
irq
files 1
mount
net
struct task_struct init_task
struct module
list -h modules
whatis init_task
regs
verdict
report --all
sym schedule
vtop init_task
mem init_task 64'

# natively NAME FILE...
natively() {
	local name=$1
	shift
	timeout 300 "$KDVIEW" --force --engine native "$@" >"$tmp/out" 2>"$tmp/err" <<<"$native"
	rc=$?
	judge "$name"
}

for n in ${DAMAGE_FIXTURES:-x86_64 i386-nopae-elf64}; do
	dir=$CORES/$n
	for seed in ${DAMAGE_SEEDS:-1 2 3 4 5 6 7 8 9 10 11 12}; do
		kind=$(python3 "$here/damage.py" "$dir/vmcore" "$tmp/dump" "$seed")
		for c in 'report --all' ps mod regs log 'bt --all --json --engine=native'; do
			# shellcheck disable=SC2086
			kd --force --gdb-timeout 20 $c "$tmp/dump" "$dir/vmlinux"
			judge "$n: $kind damaged ($seed): $c"
		done
		natively "$n: $kind damaged ($seed): all commands" "$tmp/dump" "$dir/vmlinux"
		natively "$n: $kind damaged ($seed): all commands, alone" "$tmp/dump"
	done
done
