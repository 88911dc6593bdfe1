# SPDX-License-Identifier: GPL-3.0-or-later
# A walk through the panes: verdict, tasks, stack, locals, memory and back; search, filter, help.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1

kdview_start vmlinux vmcore
sees 'the first screen says what crashed' 'BUG: kernel NULL pointer dereference'
sees 'and is the verdict' '^\[verdict\] - line [0-9]+ of [0-9]+ +[0-9]+%'
sees 'the last row has hints' '2 tasks .*h help'
keys G
sees 'the last line' '^\[verdict\].* 100%'
keys g
sees 'the first line' '^\[verdict\] - line 1 of'

keys 2
sees 'tasks' '^\[tasks\] - line'
keys /kthreadd Enter
sees 'search finds a line' '^> +2 +0 .*kthreadd'
keys Enter
sees 'Enter on a task opens its stack' '^ PID 2  TASK 0x[0-9a-f]{16} .*"kthreadd"'
sees 'with the frame under the cursor below it' '^\[frame\] 0 0x[0-9a-f]{16}'
sees 'frames are there' '#[0-9]+ +kthreadd\+0x'

keys 3
sees 'the stack of what crashed' '^ PID .*panicked'
sees 'gdb adds arguments in place' 'kd_sum_from\+0x.*item=0x0|^ +\(item=0x0'
keys u
sees 'a frame up' '^>#1 +kd_sum_from'
sees 'the lower pane follows' '^\[frame\] 1 '
keys l
sees 'locals' '^\[frame\] 1 0x[0-9a-f]{16} --locals'
sees 'arguments are among them' '^[ >]argument +item +struct kd_item \* +0x0'
keys d
sees 'code' '^\[frame\] 1 0x[0-9a-f]{16} --code'
sees 'the instruction is marked' '^[ >]=> 0xffffffff'
keys L
sees 'source' '^\[frame\] 1 0x[0-9a-f]{16} --source'
keys r
sees 'registers' '^\[frame\] 1 0x[0-9a-f]{16} --regs'
keys l
await '--locals'
keys D
sees 'a frame down' '^\[frame\] 0 '
keys u u
sees 'the frame two up' '^\[frame\] 2 '
sees 'and its arguments' '^[ >]argument +job +struct kd_job \* +0xffffffff'
keys Tab /job Enter
sees 'Tab goes to the lower pane' '^>argument +job +struct kd_job \* +0xffffffff'
keys m
sees 'memory at an argument' '^\[memory\] mem 0xffffffff'
sees 'in hexadecimal and ASCII' '^>0xffffffff[0-9a-f]{8}: [0-9a-f]{16} [0-9a-f]{16} .*\|.*\|'
keys '<'
sees 'back to the locals' '^\[frame\] 2 .*--locals'
keys '>'
sees 'and forward' '^\[memory\] mem 0xffffffff'
keys q q
gone 'q leaves the lower pane' '^\[frame\]'

keys 7
sees 'the log' '^\[log\] - line'
keys '&' 'kd_sum'
sees 'a filter shows what it does while it is typed' '^\[log\] - [0-9]+ of [0-9]+ lines match "kd_sum"'
keys Escape
sees 'Escape takes it back' '^\[log\] - line [0-9]+ of [0-9]+'
keys '&' 'kd_sum' Enter
sees 'a filter' '^\[log\] - [0-9]+ of [0-9]+ lines match "kd_sum"'
gone 'other lines are gone' 'Linux version'
keys '&' Enter
sees 'an empty one shows all' '^\[log\] - line [0-9]+ of [0-9]+'
keys '/no such text' Enter
sees 'a search that finds nothing says so' 'no line matches "no such text"'
keys g
keys '/Linux version' Enter
sees 'a search from the top' '^>\[ +0.000000\] Linux version'
keys '?Call Trace' Enter
sees 'a search backward goes round' '^>\[.*Call Trace'

keys ':sym schedule' Enter
sees 'a command line' '^\[sym\] schedule'
sees 'and its answer' 'schedule'
keys ':ps | grep -c .' Enter
sees 'a shell command takes an answer' '^\[tasks\] ps \| grep -c'
sees 'and gives one' '^>[0-9]+ *$'
keys ':nonsence' Enter
sees 'an unknown word' 'no command "nonsence"'
keys ':messages' Enter
sees 'messages are kept' '^>no command "nonsence"'
keys ':me' Tab
sees 'completion offers commands' '^(mem|messages) .*(mem|messages)'
keys Escape
gone 'Escape leaves the line' '^:me'
keys ':' Up
sees 'the history has the last line' '^:messages'
keys C-c
gone '^C leaves the line' '^:me'
for v in 4:memory 5:registers 6:code 8:modules 9:cpus; do
	keys "${v%:*}"
	sees "view ${v#*:}" "^\[${v#*:}\]"
done
keys h
sees 'help: keys' '^ == Views =='
sees 'help: what they do' '2 +tasks'
keys /bt Enter
sees 'help: commands' '^>bt +stacks of tasks'
keys Enter
sees 'help on one' 'usage: bt'

keys 0
sees 'a line for gdb' '^\(gdb\)$'
keys 'print init_task.comm' Enter
sees 'which answers' '\$1 = "swapper/0'
keys 'print no_such_thing' Enter
sees 'and complains' 'No symbol "no_such_thing"'
keys Escape

keys Q
sees 'Q asks' 'Quit\? \(y/n\)'
keys n
gone 'n stays' 'Quit\?'
keys Q y
sees 'y quits, without failure' '^left 0'

# A note on what is under the cursor, kept and shown.
cp vmcore "$tmp/noted"
ln -s "$PWD/vmlinux" "$tmp/vmlinux"
cd "$tmp" || exit 1
kdview_start vmlinux noted
sees 'the verdict again' '^>in +kd_value_of'
keys a
sees 'a: a note on the frame' '^:note -f 0 -t 0x[0-9a-f]{16} *$'
keys 'item is NULL' Enter
sees 'it is kept' '^[ >]note 1 is kept in '
keys :notes Enter
sees 'notes are listed' '^[ >]+1  20.* frame 0 0x[0-9a-f]{16} +item is NULL'
keys :mem Space init_task Enter
sees 'memory' '^\[mem'
keys e ' 4 -s' Enter
sees 'its line can be edited' '^\[mem.* init_task 4 -s - line'
keys Q
sees 'quitting asks' 'Quit'
keys y
sees 'and goes' '^left 0'
kd --engine native verdict vmlinux noted
shows 'the verdict has the note' 'item is NULL$'

# As many rows as a large machine has tasks: to the end, back, by pages and by lines.
for _ in $(seq 110); do echo ps; done >"$tmp/many"
kdview_start --engine native vmlinux noted
sees 'a verdict once more' '^>in +kd_value_of'
keys ":source $tmp/many" Enter
sees 'more than 5,000 rows' '^\[source\].* line [0-9]+ of [5-9][0-9]{3}'
keys g
sees 'the first' '^\[source\].* line 1 of'
for _ in $(seq 40); do keys Space; done
for _ in $(seq 100); do keys j; done
sees 'pages and lines down, none of them lost' '^\[source\].* line 9[0-9]{2} of|^\[source\].* line 1[0-9]{3} of'
keys G
sees 'the last' '^\[source\].* 100%'
keys /kd-busy Enter
sees 'search goes round' '^>.*kd-busy'
keys Q
sees 'asked again' 'Quit'
keys y
sees 'left again' '^left 0'
