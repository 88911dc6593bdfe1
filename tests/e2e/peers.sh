#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# peers.sh DIR [NAME...]
#
# Compares kdview's stacks of all tasks with those of other programs, on the full-size
# dumps in DIR: folders DIR/NAME as scripts/mkcores --debian makes them, with vmlinux,
# vmcore, console.log and the modules' debug files. Without a NAME, all of them.
#
#   drgn    x86_64, every frame of every task: pc, function, file:line, inlined
#           (python3-drgn: drgn_compare.py)
#   crash   x86_64, names of functions of every task (crash: crash_compare.py)
#   gdb     i386, ELF32 cores, every frame up to the entry code (gdb: gdb_compare.py)
#   crash   i386, ELF32 cores: crash reads only dumps of the architecture it was built
#           for. It needs a folder with a system for i386:
#               debootstrap --arch=i386 --variant=minbase --include=crash bookworm FOLDER
#           which I386=FOLDER names, and root (chroot, and mounts in a namespace of its own)
#   oops    all, the call traces that the kernel printed itself (oops_compare.py)
# and not stacks, but
#   whatis  x86_64, what some hundred addresses are, against drgn (whatis_compare.py)
#   net     where ip(8) wrote to the console: devices and addresses (net_compare.py)
#
# What is not installed is left out and shown as such. Not part of `make check`: the
# dumps are large, and so is what has to be installed.
#
# From the environment:
#   KDVIEW   the program (build/kdview)
#   PYTHON   a Python that has drgn (/usr/bin/python3)
#   CRASH    the crash for x86_64 (crash). 8.0.2 does not find sleeping tasks of kernels
#            as new as 6.1.192; 8.0.6 does.
#   I386     see above
#   OUT      where answers and comparisons go (a temporary folder)
#
# Prints a table. Exit status 1 if something differs, or nothing was compared.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -d "${1:-}" ]; then
	sed -n '3,39s/^# \{0,1\}//p' "$0"
	exit 2
fi
dumps=$(cd "$1" && pwd)
shift
KDVIEW=${KDVIEW:-$here/../../build/kdview}
PYTHON=${PYTHON:-/usr/bin/python3}
CRASH=${CRASH:-crash}
I386=${I386:-}
if [ -z "${OUT:-}" ]; then
	OUT=$(mktemp -d)
	trap 'rm -rf "$OUT"' EXIT
fi
mkdir -p "$OUT"
compared=0 failed=0

row() {
	printf '%-20s %-6s %-7s %s\n' "$@" | tee -a "$OUT/table"
}

# compare NAME PEER COMMAND...: run a comparison, put its last line in the table.
compare() {
	local name=$1 peer=$2 verdict=agrees log=$OUT/$1.$2
	shift 2
	if ! "$@" >"$log" 2>&1; then
		verdict=DIFFERS
		failed=1
	fi
	compared=$((compared + 1))
	if [ "$peer" = oops ]; then
		while IFS= read -r line; do
			row "$name" "$peer" "$verdict" "$line"
		done <"$log"
	else
		row "$name" "$peer" "$verdict" "$(tail -n 1 "$log")"
	fi
}

left_out() {
	row "$1" "$2" '-' "left out: $3"
}

elf_class() {
	head -c 5 "$1" | tail -c 1 | od -An -tu1 | tr -d ' '
}

elf_machine() {
	head -c 20 "$1" | tail -c 2 | od -An -tu2 | tr -d ' '
}

crash_x86_64() {
	# shellcheck disable=SC2086 # CRASH may be several words
	echo 'foreach bt' | $CRASH -s "$2/vmlinux" "$2/vmcore" >"$OUT/$1.crash.txt" \
		2>"$OUT/$1.crash.err"
	grep -q '^PID:' "$OUT/$1.crash.txt" || {
		tail -n 1 "$OUT/$1.crash.txt"
		return 1
	}
	"$PYTHON" "$here/crash_compare.py" "$2/vmlinux" "$OUT/$1.crash.txt" "$OUT/$1.json"
}

# crash for i386 knows no KASLR: --reloc takes away what is given, so it is given the
# complement; then it takes the moved kernel's start for the start of the linear map. And
# it wants a symbol that kernels have no more since 4.17.
crash_i386() {
	local name=$1 dir=$2 moved open text box=$OUT/$1.box
	moved=$("$KDVIEW" info --json "$dir/vmlinux" "$dir/vmcore" | "$PYTHON" -c '
import json, sys
print(hex(-int(json.load(sys.stdin)["kaslr_offset"], 16) & 0xffffffff))')
	text=$(nm "$dir/vmlinux" | awk '$3 == "_text" { print $1; exit }')
	open=$(nm "$dir/vmlinux" | awk '$3 == "__ia32_sys_open" { print $1; exit }')
	mkdir -p "$box"
	objcopy --add-symbol "sys_open=.text:$((0x$open - 0x$text)),function,global" \
		"$dir/vmlinux" "$box/vmlinux" || return
	mkdir -p "$I386/mnt/dump" "$I386/mnt/box"
	# shellcheck disable=SC2016 # the inner shell expands it
	echo 'foreach bt' | unshare -m --propagation private sh -c '
		mount --bind "$1" "$3/mnt/dump" && mount --bind "$2" "$3/mnt/box" &&
		mount -t proc proc "$3/proc" && exec chroot "$3" setarch i386 crash -s \
			--reloc="$4" -m page_offset=0xc0000000 /mnt/box/vmlinux /mnt/dump/vmcore' \
		sh "$dir" "$box" "$I386" "$moved" >"$OUT/$name.crash.txt" 2>"$OUT/$name.crash.err"
	rm -f "$box/vmlinux"
	rmdir "$box"
	grep -q '^PID:' "$OUT/$name.crash.txt" || {
		tail -n 1 "$OUT/$name.crash.txt"
		return 1
	}
	"$PYTHON" "$here/crash_compare.py" "$dir/vmlinux" "$OUT/$name.crash.txt" "$OUT/$name.json"
}

compare_x86_64() {
	local name=$1 dir=$2 modules
	mapfile -t modules < <(find "$dir" -name '*.ko')
	if "$PYTHON" -c 'import drgn' 2>/dev/null; then
		compare "$name" drgn "$PYTHON" "$here/drgn_compare.py" "$dir/vmlinux" \
			"$dir/vmcore" "$OUT/$name.json" "${modules[@]}"
	else
		left_out "$name" drgn 'no python3-drgn'
	fi
	if "$PYTHON" -c 'import drgn' 2>/dev/null; then
		compare "$name" whatis "$PYTHON" "$here/whatis_compare.py" "$KDVIEW" \
			"$dir/vmlinux" "$dir/vmcore"
	fi
	if command -v "${CRASH%% *}" >/dev/null; then
		compare "$name" crash crash_x86_64 "$name" "$dir"
	else
		left_out "$name" crash 'no crash'
	fi
}

compare_i386() {
	local name=$1 dir=$2
	if [ "$(elf_class "$dir/vmcore")" != 1 ]; then
		left_out "$name" gdb 'gdb and crash for i386 open no ELF64 core'
		return
	fi
	compare "$name" gdb "$PYTHON" "$here/gdb_compare.py" "$dir/vmlinux" "$dir/vmcore" \
		"$OUT/$name.json"
	if [ -x "$I386/usr/bin/crash" ]; then
		compare "$name" crash crash_i386 "$name" "$dir"
	else
		left_out "$name" crash 'I386= names no system with crash for i386'
	fi
}

: >"$OUT/table"
if [ $# -eq 0 ]; then
	set -- "$dumps"/*/
fi
for name; do
	name=$(basename "$name")
	dir=$dumps/$name
	if [ ! -e "$dir/vmlinux" ] || [ ! -e "$dir/vmcore" ]; then
		continue
	fi
	if ! "$KDVIEW" bt --all --json "$dir/vmlinux" "$dir/vmcore" >"$OUT/$name.json" \
		2>"$OUT/$name.err"; then
		row "$name" kdview FAILED "$(tail -n 1 "$OUT/$name.err")"
		failed=1
		continue
	fi
	case $(elf_machine "$dir/vmlinux") in
	62) compare_x86_64 "$name" "$dir" ;;
	3) compare_i386 "$name" "$dir" ;;
	esac
	if grep -aqs 'kd: run: .*/ip .*-json' "$dir/console.log"; then
		compare "$name" net "$PYTHON" "$here/net_compare.py" "$KDVIEW" "$dir/vmcore" \
			"$dir/vmlinux" "$dir/console.log"
	fi
	compare "$name" oops "$PYTHON" "$here/oops_compare.py" "$KDVIEW" "$dir/vmlinux" \
		"$dir/vmcore" "$OUT/$name.json"
done
[ $compared -gt 0 ] && [ $failed -eq 0 ]
