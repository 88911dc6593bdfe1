# SPDX-License-Identifier: GPL-3.0-or-later
# The stacks of all tasks of every fixture, frame by frame against others: drgn where it
# unwinds (x86_64), a gdb that knows nothing of kdview where it opens the core (ELF32), and
# the call traces that the kernel printed itself. tests/e2e/peers.sh does it for full-size
# dumps.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
# python3-drgn belongs to the system's own Python
python=/usr/bin/python3

# agrees NAME SCRIPT ARGUMENT...
agrees() {
	local name=$1
	shift
	: >"$tmp/err"
	if "$python" "$here/$1" "${@:2}" >"$tmp/out" 2>"$tmp/err"; then
		ok "$name: $(tail -n 1 "$tmp/out")"
	else
		not_ok "$name"
	fi
}

# denies NAME SCRIPT ARGUMENT...: a comparison that can not fail is none.
denies() {
	local name=$1
	shift
	: >"$tmp/err"
	"$python" "$here/$1" "${@:2}" >"$tmp/out" 2>"$tmp/err"
	if [ $? -eq 1 ] && grep -q '^differs: .*' "$tmp/out" && [ ! -s "$tmp/err" ]; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

# spoil: the same answer, but for one function's name in the stack of the panic task.
spoil() {
	"$python" -c '
import json, sys
answer = json.load(sys.stdin)
stack = next(s for s in answer["stacks"] if s["task"]["panicked"])
frame = [f for f in stack["frames"] if f["kind"] == "normal"][-1]
frame["function"] = "kd_not_there"
json.dump(answer, sys.stdout)'
}

for dir in "$CORES"/*/; do
	n=$(basename "$dir")
	[ -e "$dir/vmcore" ] || continue
	cd "$dir" || exit 1
	kd bt --all --json vmlinux vmcore
	is "$n: stacks as JSON" 0 $rc
	cp "$tmp/out" "$tmp/stacks"
	spoil <"$tmp/stacks" >"$tmp/spoilt"

	agrees "$n: the kernel's own call trace" \
		oops_compare.py "$KDVIEW" vmlinux vmcore "$tmp/stacks"
	denies "$n: a wrong frame is not the kernel's" \
		oops_compare.py "$KDVIEW" vmlinux vmcore "$tmp/spoilt"

	case $(od -An -tu1 -j4 -N1 vmcore | tr -d ' ')-$(od -An -tu2 -j18 -N2 vmlinux | tr -d ' ') in
	2-62)
		agrees "$n: drgn" drgn_compare.py vmlinux vmcore "$tmp/stacks" ./*.ko
		denies "$n: a wrong frame is not drgn's" \
			drgn_compare.py vmlinux vmcore "$tmp/spoilt" ./*.ko
		;;
	1-3)
		agrees "$n: gdb alone" gdb_compare.py vmlinux vmcore "$tmp/stacks"
		denies "$n: a wrong frame is not gdb's" gdb_compare.py vmlinux vmcore "$tmp/spoilt"
		;;
	esac
done
