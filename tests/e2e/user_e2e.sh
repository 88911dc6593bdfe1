# SPDX-License-Identifier: GPL-3.0-or-later
# What a person brings along: foreach, aliases, files of lines, notes, a log of the session.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1

# at LINES...: lines at the prompt, natively.
at() {
	printf '%s\n' "$@" >"$tmp/lines"
	timeout 120 "$KDVIEW" --engine native --log "$tmp/log" "$tmp/vmcore" vmlinux <"$tmp/lines" \
		>"$tmp/out" 2>"$tmp/err"
	rc=$?
}
ln -s "$PWD/vmcore" "$tmp/real"
cp --reflink=auto vmcore "$tmp/vmcore"
kd --json ps vmcore vmlinux
tasks=$(grep -c '"task": "0x' "$tmp/out")

at 'foreach bt -n 1'
is 'foreach: every task' 0 $rc
is 'foreach: as many as ps has' "$tasks" "$(grep -c '^== PID ' "$tmp/out")"
at 'foreach UN bt -n 2'
is 'foreach: by state' "$(grep -c '^== PID ' "$tmp/out")" "$(grep -c 'uninterruptible$' "$tmp/out")"
shows 'foreach: there are some' '^== PID .*"kd-dstate"'
at 'foreach kd-sleep kd-pi* files'
is 'foreach: by name and pattern' 2 "$(grep -c '^== PID .* TASK ' "$tmp/out")"
at 'foreach active regs'
is 'foreach: what ran' 2 "$(grep -c '^from +the crash note\|^from  *the crash note' "$tmp/out")"
at 'foreach nosuch bt'
is 'foreach: no such task' 1 $rc
at 'foreach 1 nosuch'
is 'foreach: no such command' 1 $rc
says 'foreach: which is told' 'nosuch'
at 'foreach'
is 'foreach: no command' 1 $rc
at 'foreach 1 foreach 1 foreach 1 foreach 1 foreach 1 foreach 1 foreach 1 foreach 1 foreach 1 bt'
is 'foreach: not without end' 1 $rc
at 'task 1' 'foreach kernel bt -n 1 > /dev/null' 'regs'
shows 'foreach: the current task stays' '^task +1 init'
at 'foreach 1 bt -n 1 --json' ; is 'foreach: JSON' 0 $rc

at 'alias hung foreach UN bt -n 1' 'hung | grep -c uninterruptible' 'alias' 'alias hung' 'hung'
shows 'an alias stands for its line' '^[1-9][0-9]*$'
shows 'aliases are listed' '^hung +foreach UN bt -n 1$'
is 'a removed one is none' 1 $rc
says 'and is told' 'line 5: .*no command "hung"'
at 'alias bt bt -n 1' 'bt'
is 'an alias of its own name' 0 $rc
is 'is taken once' 1 "$(grep -c '^#' "$tmp/out")"
at 'alias a b' 'alias b a' 'a'
is 'two of each other end' 1 $rc

printf 'bt -n 1\n# a comment\nnonsense\nps 1\n' >"$tmp/file"
at "source $tmp/file"
is 'a line that fails is told' 1 $rc
says 'with its number' "$tmp/file: line 3: .*nonsense"
shows 'the others are run' '^ *>? *1 .* init'
echo "source $tmp/file2" >"$tmp/file2"
at "source $tmp/file2"
is 'a file that names itself ends' 1 $rc
at "source $tmp/none"
is 'no such file' 1 $rc
mkfifo "$tmp/fifo"
at "source $tmp/fifo"
is 'a pipe is no file of lines' 1 $rc

rm -f "$tmp/vmcore.notes"
at 'note seen before' 'note -t 1 it began here' 'note -f 1 the list is empty' \
	'note -a init_task the first' 'notes'
is 'notes' 0 $rc
is 'four of them' 4 "$(grep -cE '^ +[1-4]  20' "$tmp/out")"
is 'kept for the owner alone' 600 "$(stat -c %a "$tmp/vmcore.notes")"
kd --engine native verdict "$tmp/vmcore" vmlinux
shows 'the verdict shows them' 'seen before$'
kd --engine native report "$tmp/vmcore" vmlinux
shows 'so does a report' 'the list is empty$'
kd --engine native --json report "$tmp/vmcore" vmlinux
shows 'in JSON too' '"text": "it began here"'
at 'note -D 2' 'notes'
lacks 'one is removed' 'it began here'
shows 'the others stay' 'the first$'
at 'note -D 9'
is 'no such note' 1 $rc
printf 'garbage\n{"text":3}\n{"on":"\\u001b[31m","text":"\\u001b[2J"}\n' >>"$tmp/vmcore.notes"
at 'notes'
lacks 'what others wrote there reaches no terminal' $'\033'
is 'a damaged file is read as far as it goes' 0 $rc

rm -f "$tmp/log"
at 'ps 1' 'nonsense'
cp "$tmp/log" "$tmp/out"
shows 'the log has what was typed' '^kdview> ps 1$'
shows 'and answered' ' init'
shows 'and what failed' '^! .*nonsense'
is 'for the owner alone' 600 "$(stat -c %a "$tmp/log")"
