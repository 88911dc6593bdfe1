# SPDX-License-Identifier: GPL-3.0-or-later
# What leaves the panes: files, JSON, pipes, copies.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1

kdview_start vmcore --engine=native
await '^\[verdict\] - line'
keys 2
await '^\[tasks\] - line'
keys ":w $tmp/tasks.txt" Enter
sees ':w says what it wrote' 'tasks.txt: [0-9]+ bytes'
is ':w: its owner only' 600 "$(stat -c %a "$tmp/tasks.txt")"
kd ps vmcore --engine=native
is ':w: what the command prints' 0 "$(cmp -s "$tmp/out" "$tmp/tasks.txt"; echo $?)"
keys ":w $tmp/tasks.txt" Enter
sees ':w does not overwrite' 'tasks.txt exists: :w! '
keys ":w! $tmp/tasks.txt" Enter
sees ':w! does' 'tasks.txt: [0-9]+ bytes'
keys ":w! $PWD/vmcore" Enter
sees 'but not a dump' 'vmcore: this is a dump'
keys w
sees 'w begins the line' '^:w$'
keys "$tmp/tasks.json" Enter
await 'tasks.json: [0-9]+ bytes'
python3 -c 'import json,sys; d = json.load(open(sys.argv[1])); assert len(str(d)) > 1000' "$tmp/tasks.json" &&
	ok ':w NAME.json is JSON' || not_ok ':w NAME.json is JSON'
keys ':w /nonexistent/folder/x' Enter
sees ':w: a folder that is not there' 'cannot create'
keys J
sees 'J shows JSON' '"command": "ps"'
keys q
await '^\[tasks\] - line'
keys '|'
sees '| begins the line' '^:\|'
keys "tee $tmp/piped | wc -l" Enter
sees '| runs a shell command' '^[0-9]+$'
keys Enter
await '^\[tasks\] - line'
is '| gives it the view' 0 "$(cmp -s "$tmp/piped" "$tmp/tasks.txt"; echo $?)"
keys ":ps > $tmp/written" Enter
sees '> writes an answer' 'written: [0-9]+ bytes'
is '>: what the command prints' 0 "$(cmp -s "$tmp/written" "$tmp/tasks.txt"; echo $?)"
keys q
await '^\[tasks\] - line'
keys '/kthreadd' Enter
await '^> +2 '
keys y
sees 'y copies' 'copied.*: .'
keys ':' C-y
sees '^Y inserts the copy' '^:.'
keys C-c
gone '^C leaves the line' '^:'
keys Q y
sees 'left' '^left 0'
