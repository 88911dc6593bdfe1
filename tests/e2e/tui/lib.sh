# SPDX-License-Identifier: GPL-3.0-or-later
# The panes, driven through a terminal: tmux with a socket of its own and a fixed size, keys
# typed into it, the screen read back as text. Nothing sleeps: what is awaited is looked for
# until it is there, or a time is over.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
patience=${TUI_PATIENCE:-60}
terminals=0
tmux_() { tmux -S "$tmp/tmux.$terminals" -f /dev/null "$@"; }
trap 'tmux_ kill-server 2>/dev/null; rm -rf "$tmp"' EXIT

# tui_start COLUMNSxROWS COMMAND: a terminal that runs a shell command, and then says "left STATUS".
tui_start() {
	# A server that is about to end would take the next one's orders.
	tmux_ kill-server 2>/dev/null
	terminals=$((terminals + 1))
	: >"$tmp/err"
	tmux_ new-session -d -x "${1%x*}" -y "${1#*x}" "bash -c '$2"'; echo "left $?"; exec sleep 1000'"'"
}

# Start kdview with arguments, at the default size.
kdview_start() { tui_start 80x24 "\"$KDVIEW\" $*"; }

keys() { tmux_ send-keys "$@"; }
resize() { tmux_ resize-window -x "${1%x*}" -y "${1#*x}"; }
screen() { tmux_ capture-pane -p >"$tmp/out"; }

# await REGEX: until a line of the screen is like it; false when that takes too long.
await() {
	local end=$((SECONDS + patience))
	while screen; ! grep -qE -- "$1" "$tmp/out"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# sees NAME REGEX: a line like it comes up on the screen.
sees() { if await "$2"; then ok "$1"; else not_ok "$1 (no /$2/ on the screen)"; fi; }

# gone NAME REGEX: no line is like it any more.
gone() {
	local end=$((SECONDS + patience))
	while screen; grep -qE -- "$2" "$tmp/out"; do
		[ "$SECONDS" -lt "$end" ] || { not_ok "$1 (/$2/ is still on the screen)"; return; }
		sleep 0.05
	done
	ok "$1"
}

# gdbs: the processes of gdb that the program in the terminal has.
kdview_pid() { pgrep -P "$(tmux_ display-message -p '#{pane_pid}')" -x kdview; }
gdbs() { pgrep -P "$(kdview_pid)" -x gdb; }
