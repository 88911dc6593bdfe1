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
is 'nobody else can read it' '700 600 600 600' \
	"$(stat -c %a "$dir" "$dir/vmcore" "$dir/vmcore.json" "$dir/vmcore-dmesg.txt" | xargs)"
same 'the dump in the folder' "$dir/vmcore"
kd log "$core"
is 'the log as text' "$(grep -c . "$tmp/out")" "$(grep -c . "$dir/vmcore-dmesg.txt")"
kd capture -q "$core" "$tmp/crash"
is 'a second one of the same moment' "$dir.2" "$(echo "$dir".2)"
same 'is whole, too' "$dir.2/vmcore"

kd capture -q --dmesg "$core" "$tmp/file"
is 'into a file' "0 file file-dmesg.txt file.json" "$rc $(cd "$tmp" && echo file*)"
same 'the file' "$tmp/file"

kd capture -q --ssh "$tmp/ssh" "$core" "ssh:root@host:$tmp/far away/it's"
is 'through ssh' "0 it's it's.json" "$rc $(cd "$tmp/far away" && echo *)"
same 'the other end' "$tmp/far away/it's"
is 'ssh is given the host' root@host "$(sort -u "$tmp/ssh.log")"
KDVIEW_SSH=$tmp/ssh kd capture -q "$core" "ssh:host:$tmp/far away/"
is 'into a folder there' 'vmcore vmcore-dmesg.txt vmcore.json' "$(ls "$tmp/far away"/*-*/ | xargs)"
same 'in the folder there' "$tmp/far away"/*-*/vmcore
kd capture -q --ssh false "$core" "ssh:host:$tmp/nowhere"
is 'an ssh that fails' 1 $rc

kd capture -q "$core" - && cp "$tmp/out" "$tmp/stream"
is 'to standard output' 0 $rc
same 'the stream' "$tmp/stream"

kd capture --dump-dmesg "$core" "$tmp/only.txt"
is 'the log alone' "$(cat "$dir/vmcore-dmesg.txt")" "$(cat "$tmp/only.txt")"

mkdir "$tmp/logs"
kd capture --dump-dmesg "$core" "$tmp/logs"
is 'the log alone, into a folder' "$(cat "$dir/vmcore-dmesg.txt")" \
	"$(cat "$tmp/logs/$(basename "$dir")/vmcore-dmesg.txt")"
is 'and nothing else' vmcore-dmesg.txt "$(ls "$tmp/logs"/*)"
# a host without a name is called by its kernel
release=$("$KDVIEW" info "$core" 2>/dev/null | sed -n 's/^kernel  *//p')
is 'the name of the folder' yes "$([[ $(basename "$dir") =~ ^("$release"|[a-z]+)-20 &&
	$(basename "$dir") != unknown* ]] && echo yes)"
# no types: two tasks, of which only the CPU is known
kd capture "$CORES/i386-pae-elf64/vmcore" "$tmp/i386"
is 'tasks that only their CPUs tell are compared with themselves' 0 $rc
shows 'both of them' '^tasks +2 +2$'

# --- the manifest, and what it is for
kd verify "$tmp/file"
is 'what was written is sound' 0 $rc
shows 'by its manifest' 'checked by +its manifest'
kd verify "$tmp/far away/it's"
is 'so is what went to another host' 0 $rc
"$KDVIEW" info --json "$core" >"$tmp/out" 2>/dev/null
id=$(grep -oE '"build_id": "[0-9a-f]{40}"' "$tmp/out")
is 'the manifest has the build ID' "${id:-none}" \
	"$(grep -oE '"build_id": "[0-9a-f]{40}"' "$tmp/file.json")"
cp "$tmp/file" "$tmp/rotten" && cp "$tmp/file.json" "$tmp/rotten.json"
size=$(stat -c %s "$tmp/file")
at=$((size - 1000))
byte=$(od -An -tu1 -j $at -N 1 "$tmp/file")
# shellcheck disable=SC2059
printf "\\x$(printf %x $((byte ^ 4)))" | dd of="$tmp/rotten" bs=1 seek=$at conv=notrunc status=none
kd verify "$tmp/rotten"
is 'one bit is seen' 1 $rc
block=$((at / (16 << 20)))
shows 'and where' "^ *$block +$((block * (16 << 20))) +$((size - 1)) +differs"
cp "$tmp/file" "$tmp/rotten" && truncate -s -1 "$tmp/rotten"
kd verify "$tmp/rotten"
is 'so is a byte that is missing' 1 $rc
shows 'as that' 'cut off'
cp "$tmp/file" "$tmp/rotten" && echo >>"$tmp/rotten"
kd verify "$tmp/rotten"
is 'and one too many' 1 $rc
rm "$tmp/rotten.json"
cp "$tmp/file" "$tmp/rotten"
kd verify "$tmp/rotten"
is 'without a manifest, structure' 0 $rc
shows 'it says so' 'no manifest'
truncate -s $((size * 3 / 4)) "$tmp/rotten"
kd verify "$tmp/rotten"
is 'a cut file is seen by structure' 1 $rc
echo '{}' >"$tmp/rotten.json"
kd verify "$tmp/rotten"
is 'a manifest that is none' 3 $rc
kd verify "$tmp/none"
is 'nothing to verify' 3 $rc

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

# --- raw memory: nothing in the file says what it is
kd convert -q --format raw "$core" "$tmp/memory"
kd info "$tmp/memory"
is 'raw memory as a dump: wrong usage' 2 $rc
says 'raw memory as a dump: what to do' 'if it is raw memory, --elfcorehdr 0 reads it'
kd capture "$tmp/memory" "$tmp/none"
is 'raw memory as a source: refused' 3 $rc
says 'raw memory as a source: what to do' 'is to be named with --raw-source'
kd convert "$tmp/memory" "$tmp/none"
is 'raw memory, converted: refused' 3 $rc
says 'raw memory, converted: what to do' 'if it is raw memory, --elfcorehdr 0 reads it'
kd capture -q --raw-source "$tmp/memory" "$tmp/from-raw"
is 'raw memory as what it is' 0 $rc
same 'raw memory as what it is: the dump' "$tmp/from-raw"
kd convert -q --elfcorehdr 0 "$tmp/memory" "$tmp/from-raw2"
same 'raw memory, converted as what it is' "$tmp/from-raw2"
"$KDVIEW" convert -q --elfcorehdr 0 - "$tmp/from-raw3" <"$tmp/memory" >"$tmp/out" 2>"$tmp/err"
same 'raw memory from standard input' "$tmp/from-raw3"
kd capture -q --raw-source "$tmp/memory" --elfcorehdr=0x1000 "$tmp/none"
is 'no headers at that address' 3 $rc
says 'it is said' 'no ELF core headers at address 0x1000'
kd capture -q --elfcorehdr=0x1000 "$core" "$tmp/none"
is '--elfcorehdr of what is not raw' 2 $rc
rm -f "$tmp/memory" "$tmp"/from-raw*
head -c 100000 /dev/zero >"$tmp/zeros"
kd info "$tmp/zeros"
says 'zeros are looked at in part' 'zeros at its begin$'

# --- standard input has a name
for in in "$tmp/zeros" /dev/null "$KDVIEW"; do
	for way in '<' '|'; do
		if [ $way = '<' ]; then
			"$KDVIEW" convert - "$tmp/none" <"$in" >"$tmp/out" 2>"$tmp/err"
		else
			# shellcheck disable=SC2002
			cat "$in" | "$KDVIEW" convert - "$tmp/none" >"$tmp/out" 2>"$tmp/err"
		fi
		says "$way$(basename "$in"): its name" '^kdview: convert: standard input: not a dump'
		is "$way$(basename "$in"): no other" 0 "$(grep -c /proc/self "$tmp/err")"
	done
done

# --- options of makedumpfile
for options in '-d 31 -c' '-l -d 17 --message-level 7' '-z --num-threads 2' '-p -F -d 1' \
	'-E -d 31' '-E -F -d 31' '-x vmlinux -i info -b 4 -X -D --cyclic-buffer 1024' \
	'--work-dir=/tmp --non-cyclic --non-mmap --show-stats --splitblock-size 64'; do
	# shellcheck disable=SC2086
	kd capture -f $options "$core" "$tmp/mkd"
	is "options $options" 0 $rc
	same "what they make: $options" "$tmp/mkd"
done
kd capture -q -E -d 31 "$core" "$tmp/elf"
is '-E is an ELF core' '0 CORE ELF64' "$rc $(readelf -h "$tmp/elf" | awk '$1 == "Type:" { print $2 }') \
$(readelf -h "$tmp/elf" | awk '$1 == "Class:" { print $2 }')"
is 'its manifest says so' 1 "$(grep -c '"format": "elf64"' "$tmp/elf.json")"
kd verify "$tmp/elf"
is 'and is its' 0 $rc
for options in '-E -c' '-E --format kdump' '-E --format raw' -Z; do
	# shellcheck disable=SC2086
	kd capture $options "$core" "$tmp/none"
	is "options $options" 2 $rc
done
# --- several files
kd capture -q -l -d 31 --split "$core" "$tmp/part-a" "$tmp/part-b" "$tmp/part-c"
is '--split: three files' "0 part-a part-b part-c" "$rc $(cd "$tmp" && echo part-*)"
kd info "$tmp/part-b" "$tmp/part-a" "$tmp/part-c"
is '--split: they are one dump' 0 $rc
shows '--split: which tells the crash' '^report +BUG'
if command -v makedumpfile >/dev/null; then
	makedumpfile --reassemble "$tmp/part-a" "$tmp/part-b" "$tmp/part-c" "$tmp/of-parts" >"$tmp/out" 2>"$tmp/err"
	is '--split: makedumpfile puts them together' 0 $?
fi
kd capture -q -E --split "$core" "$tmp/none" "$tmp/none2"
is '--split -E: refused' 2 $rc
kd capture -q --split "$core" "$tmp/none" ssh:host:/x
is '--split to another host: refused' 2 $rc
# what it cannot: what does it, and no dump
while IFS='|' read -r options answer; do
	# shellcheck disable=SC2086
	kd capture $options "$core" "$tmp/none"
	is "options $options" 2 $rc
	says "options $options: what does it" "$answer"
done <<'O'
--split|2 to
--format split=3|convert --format split=3
--format elf32|convert --format elf32
--reassemble|kdview info PART
-R|convert - DUMP
-g info|VMCOREINFO
--config file|makedumpfile
--eppic file|makedumpfile
-e|--dump-level
-L 1024|--free-keep
--dry-run|kdview estimate
--mem-usage|kdview estimate
--check-params|kdview check
--vtop 0x10|kdview vtop
-v|kdview version
--xen-syms file|Xen
--diskset=file|sadump
O
is 'none of these wrote anything' '' "$(cd "$tmp" && ls -d none* 2>/dev/null)"
kd capture --help
for format in kdump flat elf64 raw; do
	shows "help lists $format" "^ *--format FORMAT +.*$format"
done
lacks 'and no option without a meaning' 'null|--work-dir'
