# SPDX-License-Identifier: GPL-3.0-or-later
# Terminals: sizes, resizing, old and dumb ones, none at all, colours and UTF-8.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1
say='kernel NULL pointer dereference'

kdview_start vmcore
await "$say"
keys 3
sees 'two panes at 80x24' '^\[frame\]'
for size in 40x10 30x8 20x4 60x15; do
	resize "$size"
	columns=${size%x*}
	sees "it fits $size" '^\[stack\]'
	if awk -v n="$columns" 'length > n { bad = 1 } END { exit bad }' "$tmp/out"; then
		ok "no line is longer at $size"
	else
		not_ok "no line is longer at $size"
	fi
	sees "the cursor is in sight at $size" '^>'
done
resize 15x3
sees 'too small a window is said so' 'window too|window'
resize 80x24
sees 'and back' '^\[frame\] .* [0-9]+%'
resize 200x50
sees 'side by side above 160 columns' '^\[stack\].*\|\[frame\]'
resize 80x24
sees 'stacked again' '^\[frame\]'
keys O
gone 'a pane alone' '^\[frame\]'
keys O
sees 'both again' '^\[frame\]'
keys q S
keys 7
sees 'split: another view below' '^\[log\]'
sees 'and the first above' '^\[verdict\]'
keys Tab j
sees 'Tab: the first has the keys' '^\[verdict\] - line [0-9]+ of [0-9]+ +[0-9]+%'
keys S
gone 'one pane again' '^\[log\]'
keys ':q' Enter
sees ':q quits at once' '^left 0'

for term in vt100 linux xterm-256color ansi; do
	tui_start 80x24 "TERM=$term \"$KDVIEW\" vmcore"
	sees "$term: first screen" "$say"
	sees "$term: title" '^\[verdict\] - line'
	keys Down
	sees "$term: the cursor moves" '^>'
	keys Q y
	sees "$term: left" '^left 0'
done

tui_start 80x24 "TERM=dumb \"$KDVIEW\" vmcore"
sees 'dumb: one sentence' "the terminal 'dumb' cannot place the cursor: here is the prompt instead"
sees 'dumb: the prompt' '^kdview>$'
keys 'quit' Enter
sees 'dumb: left' '^left 0'
tui_start 80x24 "TERM= \"$KDVIEW\" vmcore"
sees 'no TERM: the prompt' '^kdview>$'
keys C-d
tui_start 80x24 "TERM=no-such \"$KDVIEW\" vmcore"
sees 'an unknown terminal: the prompt' '^kdview>$'
keys C-d
kdview_start vmcore --prompt
sees '--prompt: the prompt' '^kdview>$'
keys 'sym schedule' Enter
sees '--prompt: answers' 'schedule'
keys C-d
sees '--prompt: left' '^left 0'

# Without a terminal: the verdict as text.
tui_start 80x24 "\"$KDVIEW\" vmcore | cat -A"
sees 'piped: the verdict' '^== CPUs ==.$'
sees 'piped: left' '^left 0'
if grep -q '\^\[' "$tmp/out"; then not_ok 'piped: no escape codes'; else ok 'piped: no escape codes'; fi
"$KDVIEW" vmcore </dev/null >"$tmp/out" 2>"$tmp/err"
is 'no terminal at all: whole' 0 $?
shows 'no terminal at all: the verdict' "$say"
kd -b vmcore
is '-b: whole' 0 $rc
shows '-b: the verdict' "$say"
tui_start 80x24 "\"$KDVIEW\" -b vmcore"
sees '-b on a terminal: the verdict, and no more' '^== CPUs =='
sees '-b on a terminal: left' '^left 0'
kdview_start /etc/passwd
sees 'no dump: said on the terminal' 'neither a dump nor a vmlinux'
sees 'no dump: usage' '^left 2'
head -c 100000 vmcore >"$tmp/short"
kdview_start "$tmp/short"
sees 'a dump that can not be used' '^left 3'

# Colours are there unless they are not wanted.
for no in '' 1; do
	tui_start 80x24 "NO_COLOR=$no TERM=screen-256color \"$KDVIEW\" vmcore"
	await "$say" && await '^\[verdict\] - line'
	tmux_ capture-pane -pe >"$tmp/out"
	colors=$(grep -c $'\033\[[0-9;]*3[0-7]' "$tmp/out")
	is "NO_COLOR='$no'" "$([ -n "$no" ] && echo 0 || echo 1)" "$((colors > 0))"
	keys Q y
done
