# SPDX-License-Identifier: GPL-3.0-or-later
# The verdict on every fixture: the function and the instruction at fault.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

for dir in "$CORES"/*/; do
	n=$(basename "$dir")
	[ -e "$dir/vmcore" ] || continue
	cd "$dir" || exit 1
	for engine in native auto; do
		kd --engine $engine verdict vmcore vmlinux
		is "$n: $engine" 0 $rc
		shows "$n: $engine: which function" '^(in|hangs in) +(kd_|sysrq_handle_crash$)'
		shows "$n: $engine: which line" '^line +.*(kdcrash|sysrq)\.c:[0-9]+$'
		shows "$n: $engine: the stack" '^#[0-9]+ +(kd_|sysrq_handle_crash)'
		is "$n: $engine: one CPU crashed" 1 "$(grep -c '^\* ' "$tmp/out")"
		shows "$n: $engine: nothing is wrong with the dump" '^nothing read so far is damaged'
	done
	kd --engine native verdict vmcore vmlinux
	if grep -q '^BUG: .*address: ' "$tmp/out"; then
		# the kernel's own words against the operand computed from registers
		said=$(sed -n 's/^BUG: .*address: 0*\([0-9a-f]\+\)$/\1/p' "$tmp/out")
		shows "$n: the bad address is the one the kernel named" "^because .* at 0x$said, "
	fi
	kd --json --engine native verdict vmcore vmlinux
	is "$n: JSON" 0 $rc
	shows "$n: JSON: the headline" '"headline": "'
	shows "$n: JSON: the function" '"function": "(kd_|sysrq_handle_crash)'
done

ln -s "$CORES/x86_64/vmcore" "$tmp/vmcore"
cd "$tmp" || exit 1
kd verdict vmcore
is 'without a vmlinux' 0 $rc
shows 'without a vmlinux: the function' '^in +kd_sum_from \[kdcrash\]'
shows 'without a vmlinux: the cause' '^because +it reads 1 byte at 0x18, .*rdi is 0x0$'
