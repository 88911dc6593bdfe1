# SPDX-License-Identifier: GPL-3.0-or-later
# What goes wrong, and how it ends: gdb killed, missing or deaf; signals; a terminal that goes.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1
export XDG_RUNTIME_DIR=$tmp/run
mkdir -m 700 "$tmp/run"

# until NAME COMMAND...: it becomes true.
until_() {
	local name=$1 end=$((SECONDS + patience))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { screen; not_ok "$name"; return; }
		sleep 0.05
	done
	ok "$name"
}
no_traces() { [ -z "$(ls -A "$tmp/run")" ] && ! pgrep -f "$tmp/run/kdview-" >/dev/null; }

kdview_start vmlinux vmcore
keys 3
sees 'gdb is there' 'item=0x0'
kill -9 $(gdbs)
keys ':bt 1' Enter
sees 'gdb killed: the answer comes all the same' '^ PID 1 '
keys ':gdb print 1+1' Enter
sees 'gdb killed: it is started again' '^>?.?2$|= 2'
until_ 'gdb killed: there is another' gdbs
keys 2
sees 'gdb killed: other views go on' '^\[tasks\]'

# Stopped, so that it answers nothing.
kill -STOP $(gdbs)
keys ':gdb print 2+3' Enter
sees 'a deaf gdb: its time is shown' 'gdb: .* [0-9]+\.[0-9] s, \^C cancels'
keys 7
sees 'a deaf gdb: other views are there at once' '^\[log\] - line'
keys C-c
sees 'a deaf gdb: ^C is heard' 'cancelling'
sees 'a deaf gdb: it is given up' 'did not answer its interruption|cancelled'
keys ':info | sleep 500' Enter
sees 'a slow command: its time is shown' 'sleep 500 [0-9.]+ s, \^C cancels'
keys z
sees 'a slow command: cancelled' 'cancelled'
keys Q y
sees 'left' '^left 0'
until_ 'nothing is left behind' no_traces

kdview_start vmcore
keys 3
await 'item=0x0'
kill -TERM "$(kdview_pid)"
sees 'SIGTERM ends it' '^left 143'
until_ 'SIGTERM: nothing is left behind' no_traces
sees 'SIGTERM: the terminal is whole' '^left 143'
kdview_start vmcore
await 'item=0x0'
pid=$(kdview_pid)
tmux_ kill-server
until_ 'SIGHUP: the terminal is gone, so is it' eval "! kill -0 $pid"
until_ 'SIGHUP: nothing is left behind' no_traces
kdview_start vmcore
await 'item=0x0'
kill -HUP "$(kdview_pid)" "$(kdview_pid)"
sees 'SIGHUP twice: ended by it' '^left 129'
until_ 'SIGHUP twice: nothing is left behind' no_traces
# A fault of the program's own.
kdview_start vmcore
await '^\[verdict\] - line'
kill -SEGV "$(kdview_pid)"
sees 'a fault: the shell is told' '^left 139'
sees 'a fault: its first screen is back' 'Segmentation fault|left 139'
gone 'a fault: no panes are left' '^\[verdict\]'

# Job control.
tui_start 80x24 "exec bash --norc --noprofile -i"
keys "PS1='shell> '" Enter
keys "\"$KDVIEW\" vmcore" Enter
sees 'in a shell' '^\[verdict\] - line'
keys C-z
sees '^Z goes to the shell' 'Stopped'
gone '^Z: the panes are gone' '^\[verdict\]'
resize 70x20
keys fg Enter
sees 'fg comes back' '^\[verdict\] - line'
keys j
sees 'and goes on' '^>'
keys ':!echo by the shell' Enter
sees 'a shell command on the terminal' '^by the shell'
keys Enter
sees 'Enter comes back' '^\[verdict\] - line'
keys Q y
gone 'left' '^\[verdict\]'

kdview_start vmcore --gdb /nonexistent/gdb
sees 'no gdb: it is said' 'can not start /nonexistent/gdb'
keys 3
sees 'no gdb: stacks all the same' '#1 +kd_sum_from'
keys Q y
kdview_start vmcore --engine=native
keys 3
sees 'native: stacks' '#1 +kd_sum_from'
is 'native: no gdb' '' "$(gdbs)"
keys Q y
sees 'native: left' '^left 0'
ln -s "$PWD/vmcore" "$tmp/alone"
tui_start 80x24 "cd \"$tmp\"; \"$KDVIEW\" alone"
sees 'no vmlinux: it is said' 'no vmlinux'
sees 'no vmlinux: the verdict' 'NULL pointer dereference'
keys Q y
sees 'no vmlinux: left' '^left 0'
