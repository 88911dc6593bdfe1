# SPDX-License-Identifier: GPL-3.0-or-later
# From what is named as the kernel to its debug information: stripped files, the compressed
# kernel, build IDs and debug links.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

x=$CORES/x86_64 i=$CORES/i386-nopae-elf32
id=$(readelf -n "$x/vmlinux" | sed -n 's/^ *Build ID: //p')

# room: an empty folder with the dump in it, and the two halves of its vmlinux elsewhere
room() {
	rm -rf "$tmp/room"
	mkdir -p "$tmp/room/.debug" "$tmp/room/root/.build-id/${id:0:2}"
	ln -s "$1/vmcore" "$tmp/room/vmcore"
	ln -s "$1/kdcrash.ko" "$tmp/room/kdcrash.ko"
	cd "$tmp/room" || exit 1
}
mkdir "$tmp/parts"
for n in x i; do
	objcopy --only-keep-debug "${!n}/vmlinux" "$tmp/parts/$n.debug"
	objcopy --strip-all "${!n}/vmlinux" "$tmp/parts/$n.stripped"
done
# linked DEBUGFILE STRIPPED OUT: with .gnu_debuglink
linked() { objcopy --add-gnu-debuglink="$1" "$2" "$3"; }

# same NAME FIXTURE: info and the crashed stack are those of the whole vmlinux
same() {
	local name=$1 fixture=$2
	shift 2
	kd bt vmcore "$@"
	is "$name: exit code" 0 $rc
	cp "$tmp/out" "$tmp/got"
	(cd "$fixture" && "$KDVIEW" bt vmcore vmlinux) >"$tmp/want"
	is "$name: the same stack" '' "$(diff "$tmp/want" "$tmp/got" | head -n 5)"
}

room "$x"
cp "$tmp/parts/x.debug" vmlinux.debug
linked vmlinux.debug "$tmp/parts/x.stripped" image
same 'a link beside it' "$x" image
kd info vmcore image
shows 'a link beside it: what is used' '^vmlinux +.*/room/vmlinux\.debug$'
mv vmlinux.debug .debug/
same 'a link in .debug/' "$x" image
mv .debug/vmlinux.debug "root/.build-id/${id:0:2}/${id:2}.debug"
same 'by build ID' "$x" image --debug-dir root
mkdir -p "root/$PWD"
mv "root/.build-id/${id:0:2}/${id:2}.debug" "root/$PWD/vmlinux.debug"
same 'a link below a debug root' "$x" image --debug-dir root
rm "root/$PWD/vmlinux.debug"
kd struct vmcore image list_head
is 'not found: the dump alone answers' 0 $rc
shows 'not found: types out of the dump' 'struct list_head \*next'
says 'not found: it is told, with what was tried' 'stripped, and its debug file was not found; tried: .*/\.debug/vmlinux\.debug'

room "$i"
cp "$tmp/parts/i.debug" vmlinux.debug
linked vmlinux.debug "$tmp/parts/i.stripped" image
same 'i386: a link' "$i" image
kd struct vmcore image task_struct.comm init_task
shows 'i386: types of the debug file' 'comm = "swapper/0"'
rm vmlinux.debug
kd bt vmcore image
is 'i386: not found: refused' 3 $rc
says 'i386: not found: says why' 'stripped.*the dump alone does not tell enough'

# a module in the same way
room "$i"
cp "$i/vmlinux" vmlinux # a link would lead to the folder with the whole module
rm kdcrash.ko
objcopy --only-keep-debug "$i/kdcrash.ko" .debug/kdcrash.dbg
strip -g -o kdcrash.ko "$i/kdcrash.ko"
kd mod vmcore vmlinux
shows 'a module without debug information' '^kdcrash .*/room/kdcrash\.ko$'
objcopy --add-gnu-debuglink=.debug/kdcrash.dbg kdcrash.ko
kd mod vmcore vmlinux
shows 'a module: the link is followed' '^kdcrash .*/room/\.debug/kdcrash\.dbg$'
kd struct vmcore vmlinux kd_item
shows 'a module: its types' '^size +44$'

# another build's debug file, by the same name
room "$i"
cp "$tmp/parts/x.debug" vmlinux.debug
linked vmlinux.debug "$tmp/parts/i.stripped" image
kd bt vmcore image
is 'the debug file of another build: not taken' 3 $rc
# without build IDs the checksum decides
objcopy -R .notes "$tmp/parts/i.debug" vmlinux.debug
linked vmlinux.debug "$tmp/parts/i.stripped" image
kd info vmcore image
shows 'no build ID: the checksum fits' '^vmlinux +.*/room/vmlinux\.debug$'
printf x >>vmlinux.debug
kd bt vmcore image
is 'no build ID: another checksum: not taken' 3 $rc

kd bt "$x/vmcore" "$tmp/parts/i.stripped"
is 'stripped, of another kernel: refused' 3 $rc
says 'stripped, of another kernel: why' 'is an i386 kernel|its build ID is [0-9a-f]{40}'

# A compressed kernel: the header of one around the stripped vmlinux.
cat >"$tmp/image.py" <<'PY'
import struct, subprocess, sys
how, elf, out = sys.argv[1:]
data = open(elf, "rb").read()
if how == "lz4":  # literals alone, in blocks of 8 MiB
    packed = b"\x02\x21\x4c\x18"
    for i in range(0, len(data), 8 << 20):
        part = data[i:i + (8 << 20)]
        n = len(part) - 15
        block = b"\xf0" + b"\xff" * (n // 255) + bytes([n % 255]) + part
        packed += struct.pack("<I", len(block)) + block
else:
    packed = subprocess.run([how, "-c", elf], stdout=subprocess.PIPE, check=True).stdout
# gzip and xz: gzip ends with the size itself
payload = packed if how == "gzip" else packed + struct.pack("<I", len(data))
head = bytearray(4096)
head[0x1f1] = 3
head[0x202:0x206] = b"HdrS"
struct.pack_into("<H", head, 0x206, 0x20f)
struct.pack_into("<H", head, 0x20e, 0x300)
head[0x500:0x500 + 14] = b"6.1.192-kdC (x"
struct.pack_into("<II", head, 0x248, 4096 - 2048, len(payload))
open(out, "wb").write(bytes(head) + payload)
PY
for how in gzip zstd lz4; do
	room "$x"
	python3 "$tmp/image.py" $how "$tmp/parts/x.stripped" vmlinuz
	cp "$tmp/parts/x.debug" "root/.build-id/${id:0:2}/${id:2}.debug"
	same "vmlinuz, $how" "$x" vmlinuz --debug-dir root
	kd info vmcore vmlinuz
	is "vmlinuz, $how: alone" 0 $rc
	says "vmlinuz, $how: what was not found" "vmlinuz is the compressed kernel: no vmlinux found for .*$id"
	kd info "$i/vmcore" vmlinuz
	is "vmlinuz, $how: of another kernel" 3 $rc
	says "vmlinuz, $how: of another kernel: why" "vmlinuz is not the kernel that crashed: its build ID is $id"
done
# one whose payload is broken still has its release
room "$x"
python3 "$tmp/image.py" zstd "$tmp/parts/x.stripped" vmlinuz
printf '\377\377\377\377' | dd of=vmlinuz bs=1 seek=5000 conv=notrunc status=none
kd info vmcore vmlinuz
is 'a broken vmlinuz: alone' 0 $rc
kd info "$i/vmcore" vmlinuz
is 'a broken vmlinuz: of another release' 3 $rc
says 'a broken vmlinuz: of another release: why' 'it is 6\.1\.192-kdC, the dump.s is 6\.1\.192-kdA'
