# SPDX-License-Identifier: GPL-3.0-or-later
# The two engines: each is the other's test, on every fixture.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

for dir in "$CORES"/*/; do
	n=$(basename "$dir")
	[ -e "$dir/vmcore" ] || continue
	cd "$dir" || exit 1

	kd selfcheck vmcore vmlinux
	is "$n: both engines find the same" 0 $rc
	shows "$n: no stack differs" '^differ +0 +0$'
	shows "$n: there were stacks" '^the same +[1-9][0-9]+ +[0-9]{3}'
	case $n in i386*)
		# as the kernel itself would do it
		kd selfcheck --frame-pointers vmcore vmlinux
		is "$n: frame pointers alone lead to the same" 0 $rc
		;;
	esac

	kd --engine native --gdb /nonexistent bt --all vmcore vmlinux
	is "$n: natively" 0 $rc
	is "$n: natively: nothing to complain of" 0 "$(wc -c <"$tmp/err")"
	lacks "$n: natively: every stack is whole" '-- (the stack ends here|from #)'
	kd --engine native --gdb /nonexistent report --all vmcore vmlinux
	is "$n: a native report is whole" 0 $rc
	shows "$n: a native report has lines" 'kernel/sched/core\.c:[0-9]+'
done

cd "$CORES/x86_64" || exit 1
# Without arguments gdb has nothing to add, and is not started.
kd --gdb /nonexistent bt --no-args --all vmcore vmlinux
is 'no arguments, no gdb' 0 $rc
is 'no arguments, no gdb: nothing to complain of' 0 "$(wc -c <"$tmp/err")"
kd --engine native bt kthreadd vmcore vmlinux
lacks 'natively there are no arguments' 'prev=|_create='
kd --engine gdb bt kthreadd vmcore vmlinux
shows 'by gdb there are' 'prev=|_create='
kd --engine native --json bt vmcore vmlinux
shows 'frames say how they were found' '"how": *"cfi"'

kd --engine native eval '1+init_task.pid' vmcore vmlinux
is 'expressions natively' 1 "$(cat "$tmp/out")"
kd --gdb /nonexistent eval init_task.comm vmcore vmlinux
is 'expressions need no gdb' '"swapper/0"' "$(cat "$tmp/out")"
kd --engine native eval 'init_task.comm@2' vmcore vmlinux
is 'what only gdb can: refused' 1 $rc
says 'what only gdb can: why' '"@2" is not understood'
kd --engine native eval no_such_name vmcore vmlinux
says 'a name that there is not' 'no symbol "no_such_name"'
kd --engine native bt --locals vmcore vmlinux
is 'local variables natively: refused' 2 $rc
kd --engine fast bt vmcore vmlinux
is 'no such engine' 2 $rc
says 'no such engine: which there are' 'auto, native or gdb'

# A gdb that sees other lines: the check must be able to fail.
cat >"$tmp/gdb" <<'SH'
#!/bin/bash
gdb "$@" | sed -u 's/,line="\([0-9]*\)"/,line="1\1"/g'
SH
chmod +x "$tmp/gdb"
kd --gdb "$tmp/gdb" selfcheck vmcore vmlinux
is 'a difference is found' 1 $rc
shows 'a difference is shown' '^ *[0-9]+ +line +#[0-9]+ 0x.*:[0-9]+ +#[0-9]+ 0x.*:1[0-9]+'
says 'a difference is told' 'the engines differ on [0-9]+ of [0-9]+ stacks'
kd --gdb /nonexistent selfcheck vmcore vmlinux
is 'no gdb, no comparison' 1 $rc
