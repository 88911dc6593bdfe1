# SPDX-License-Identifier: GPL-3.0-or-later
# capture: where to, what it is called there, and what it refuses.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
core=$CORES/x86_64/vmcore

# same NAME DUMP: it tells the same crash as the original.
"$KDVIEW" info "$core" 2>/dev/null | grep -E '^(panic|report|task)' >"$tmp/info"
is "the original tells a crash" 3 "$(wc -l <"$tmp/info")"
same() {
	kd info "$2"
	is "$1" "$(cat "$tmp/info")" "$(grep -E '^(panic|report|task)' "$tmp/out")"
}

# an ssh that needs no other host: its last word is the command.
cat >"$tmp/ssh" <<'S'
#!/bin/sh
while [ "$1" != -- ]; do shift; done
echo "$2" >>"${0%/*}/ssh.log"
exec sh -c "$3"
S
chmod +x "$tmp/ssh"

# --- places
mkdir "$tmp/crash"
kd capture "$core" "$tmp/crash"
is 'into a folder' 0 $rc
dir=$(echo "$tmp"/crash/*)
is 'the folder has the date' yes "$([[ $dir =~ -[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}$ ]] && echo yes)"
is 'nobody else can read it' '700 600 600' \
	"$(stat -c %a "$dir" "$dir/vmcore" "$dir/vmcore-dmesg.txt" | xargs)"
same 'the dump in the folder' "$dir/vmcore"
kd log "$core"
is 'the log as text' "$(grep -c . "$tmp/out")" "$(grep -c . "$dir/vmcore-dmesg.txt")"
kd capture -q "$core" "$tmp/crash"
is 'a second one of the same moment' "$dir.2" "$(echo "$dir".2)"
same 'is whole, too' "$dir.2/vmcore"

kd capture -q --dmesg "$core" "$tmp/file"
is 'into a file' "0 file file-dmesg.txt" "$rc $(cd "$tmp" && echo file*)"
same 'the file' "$tmp/file"

kd capture -q --ssh "$tmp/ssh" "$core" "ssh:root@host:$tmp/far away/it's"
is 'through ssh' "0 it's" "$rc $(ls "$tmp/far away")"
same 'the other end' "$tmp/far away/it's"
is 'ssh is given the host' root@host "$(sort -u "$tmp/ssh.log")"
KDVIEW_SSH=$tmp/ssh kd capture -q "$core" "ssh:host:$tmp/far away/"
is 'into a folder there' 'vmcore vmcore-dmesg.txt' "$(ls "$tmp/far away"/*-*/ | xargs)"
same 'in the folder there' "$tmp/far away"/*-*/vmcore
kd capture -q --ssh false "$core" "ssh:host:$tmp/nowhere"
is 'an ssh that fails' 1 $rc

kd capture -q "$core" - && cp "$tmp/out" "$tmp/stream"
is 'to standard output' 0 $rc
same 'the stream' "$tmp/stream"

kd capture --dump-dmesg "$core" "$tmp/only.txt"
is 'the log alone' "$(cat "$dir/vmcore-dmesg.txt")" "$(cat "$tmp/only.txt")"

# --- refusals
cp "$core" "$tmp/in"
for out in in ./in; do
	(cd "$tmp" && timeout 60 "$KDVIEW" capture -f in $out >out 2>err </dev/null)
	is "the input as output: $out" 2 $?
	says 'it says so' 'is the input'
done
ln -s in "$tmp/link-incomplete"
(cd "$tmp" && timeout 60 "$KDVIEW" capture -f in link >out 2>err </dev/null)
is 'the input under the incomplete name' 2 $?
is 'the input is as it was' 0 "$(cmp "$core" "$tmp/in" >"$tmp/err" 2>&1; echo $?)"
kd capture "$core" "$tmp/file"
is 'a file that is there' 2 $rc
kd capture --frobnicate "$core" "$tmp/x"
is 'an unknown option' 2 $rc
says 'it is named' 'frobnicate'
kd capture "$tmp/none" "$tmp/x"
is 'no source' 3 $rc
kd capture "$core" "$tmp/no/such/folder/x"
is 'no folder' 1 $rc

# --- options of makedumpfile
for options in '-d 31 -c' '-l -d 17 --message-level 7' '-z --num-threads 2' '-p -F -d 1'; do
	# shellcheck disable=SC2086
	kd capture -f $options "$core" "$tmp/mkd"
	is "options $options" 0 $rc
	same "what they make: $options" "$tmp/mkd"
done
