#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# initrd: archives that cpio reads, from a system that is a folder of files.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

root=$tmp/root
pci=$root/sys/devices/pci0000:00/0000:00:04.0
modules=$root/lib/modules/6.6.6

# A system: one disk that virtio drives, with xfs, mounted at /srv.
mkdir -p "$pci/virtio1/block/vda/vda1" "$root"/{boot,dev,srv/crash} "$root/sys/class/block" \
	"$root"/sys/bus/{pci,virtio}/drivers "$root"/sys/module/{virtio_pci,virtio_blk} \
	"$root"/proc/{self,sys/kernel} "$modules"/kernel "$root/etc/modprobe.d"
for pair in pci/virtio-pci:virtio_pci virtio/virtio_blk:virtio_blk; do
	driver=$root/sys/bus/${pair%/*}/drivers/$(basename "${pair%:*}")
	mkdir -p "$driver"
	ln -s "../../../../module/${pair#*:}" "$driver/module"
done
ln -s ../../../bus/pci/drivers/virtio-pci "$pci/driver"
ln -s ../../../../bus/virtio/drivers/virtio_blk "$pci/virtio1/driver"
echo pci:v00001AF4d00001001 >"$pci/modalias"
echo virtio:d00000002v00001AF4 >"$pci/virtio1/modalias"
ln -s ../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1 "$root/sys/class/block/vda1"
printf 'major minor  #blocks  name\n\n 254 0 1 vda\n 254 1 1 vda1\n' >"$root/proc/partitions"
echo '25 1 254:1 /sub /srv rw - xfs /dev/vda1 rw' >"$root/proc/self/mountinfo"
echo 6.6.6 >"$root/proc/sys/kernel/osrelease"; echo x86_64 >"$root/proc/sys/kernel/arch"
echo "00001000-0009ffff : System RAM" >"$root/proc/iomem"
{ printf XFSB; head -c 28 /dev/zero; printf '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20'
	head -c 60 /dev/zero; printf dumps; head -c 8000 /dev/zero; } >"$root/dev/vda1"
head -c 4096 /dev/zero >"$root/dev/vda"

# Modules are files that are linked once, as real ones.
for m in virtio_ring virtio virtio-pci virtio_blk xfs softdog extra; do
	echo "int $(echo "$m" | tr - _)_data = 1;" | gcc -x c -c -o "$modules/kernel/$m.ko" -
done
# one with debug information, as kernels built at home have them, and one that is signed
cat >"$tmp/virtio.c" <<'END'
extern int virtio_ring_data;
static const char *names[] = { "one", "two" };
const char *virtio_name(unsigned i) { return i < 2 ? names[i] : virtio_ring_data ? "x" : "y"; }
END
gcc -g -O1 -ffunction-sections -c -o "$modules/kernel/virtio.ko" "$tmp/virtio.c"
cp "$modules/kernel/virtio.ko" "$tmp/virtio.ko"
cp "$modules/kernel/virtio.ko" "$modules/kernel/softdog.ko"
printf 'signature~Module signature appended~\n' >>"$modules/kernel/softdog.ko"
cp "$modules/kernel/softdog.ko" "$tmp/softdog.ko"
gzip -n "$modules/kernel/virtio_blk.ko"
zstd -q --rm "$modules/kernel/xfs.ko"
xz "$modules/kernel/virtio-pci.ko"
cat >"$modules/modules.dep" <<'END'
kernel/virtio_ring.ko:
kernel/virtio.ko: kernel/virtio_ring.ko
kernel/virtio-pci.ko.xz: kernel/virtio.ko kernel/virtio_ring.ko
kernel/virtio_blk.ko.gz: kernel/virtio.ko kernel/virtio_ring.ko
kernel/xfs.ko.zst:
kernel/softdog.ko:
kernel/extra.ko:
END
echo "alias fs-xfs xfs" >"$modules/modules.alias"
echo "options virtio_blk queue_depth=4" >"$root/etc/modprobe.d/x.conf"
printf 'CONFIG_RD_GZIP=y\nCONFIG_RD_ZSTD=y\n' >"$root/boot/config-6.6.6"
printf 'int main(void) { return 0; }' | gcc -x c -static -o "$tmp/init" -
printf 'int main(void) { return 0; }' | gcc -x c -o "$tmp/dynamic" -

out=$tmp/out.img
make_it() { kd initrd "$out" --root "$root" --init "$tmp/init" "$@"; }
unpack() {
	rm -rf "$tmp/u" && mkdir "$tmp/u"
	case $(od -An -tx1 -N2 "$out") in
	*28*b5*) zstd -qdc "$out" ;;
	*1f*8b*) gzip -dc "$out" ;;
	*) cat "$out" ;;
	esac >"$tmp/out.cpio"
	# devices are only made by root
	(cd "$tmp/u" && cpio --quiet -id --no-absolute-filenames init kdview.conf 'modules/*' \
		'hook/*' <"$tmp/out.cpio") 2>"$tmp/err"
}

make_it --target /srv/crash
is "it is written" 0 $rc
is "for its owner alone" 600 "$(stat -c %a "$out")"
unpack
is "cpio has nothing to say" "" "$(cat "$tmp/err")"
is "and lists what is in it" ". dev dev/console dev/kmsg dev/null init kdview.conf modules \
modules/softdog.ko modules/virtio.ko modules/virtio_blk.ko modules/virtio_pci.ko \
modules/virtio_ring.ko modules/xfs.ko proc sys" \
	"$( (echo .; cpio --quiet -it <"$tmp/out.cpio") | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
is "the folder is a path in the file system, whose name lasts; modules are in order" \
	"module /modules/virtio_ring.ko
module /modules/virtio.ko
module /modules/virtio_blk.ko queue_depth=4
module /modules/virtio_pci.ko
module /modules/xfs.ko
module /modules/softdog.ko
target UUID=01020304-0506-0708-090a-0b0c0d0e0f10 xfs /sub/crash" \
	"$(grep -v '^#' "$tmp/u/kdview.conf")"
for m in virtio_ring virtio_blk virtio_pci xfs; do
	is "$m.ko is a module" ELF "$(head -c 4 "$tmp/u/modules/$m.ko" | tail -c 3)"
done
objdump -dr "$tmp/virtio.ko" | tail -n +4 >"$tmp/want"
objdump -dr "$tmp/u/modules/virtio.ko" | tail -n +4 >"$tmp/out"
is "without debug information the code and its relocations are the same" "$(cat "$tmp/want")" \
	"$(cat "$tmp/out")"
shows "(there are some)" "R_.*virtio_ring_data"
is "so are the symbols" "$(nm "$tmp/virtio.ko")" "$(nm "$tmp/u/modules/virtio.ko")"
readelf -SW "$tmp/u/modules/virtio.ko" >"$tmp/out" 2>&1
lacks "there is no debug information" "debug_.*(PROGBITS|RELA)"
lacks "readelf has no complaint" "[Ww]arning|[Ee]rror"
if [ "$(stat -c %s "$tmp/u/modules/virtio.ko")" -lt "$(stat -c %s "$tmp/virtio.ko")" ]; then
	ok "it is smaller"
else
	not_ok "it is not smaller"
fi
if cmp -s "$tmp/u/modules/softdog.ko" "$tmp/softdog.ko"; then
	ok "a signed module is not touched"
else
	not_ok "a signed module was changed"
fi
if cmp -s "$tmp/u/init" "$tmp/init"; then ok "init is the program"; else not_ok "init differs"; fi
is "console is a device" "crw------- root root 5, 1 dev/console" "$(cpio --quiet -itv \
	<"$tmp/out.cpio" | awk '$NF == "dev/console" { print $1, $3, $4, $5, $6, $NF }')"
cp "$out" "$tmp/first"
make_it --target /srv/crash
if cmp -s "$out" "$tmp/first"; then ok "the same again is the same"; else not_ok "bytes differ"; fi
make_it --target LABEL=dumps --pack gzip && unpack
is "by label, gzip" "target LABEL=dumps xfs /" "$(grep ^target "$tmp/u/kdview.conf")"
make_it --target raw:/dev/vda1 --pack none && unpack
is "raw, not packed" "raw /dev/vda1" "$(grep ^raw "$tmp/u/kdview.conf")"
make_it -t /dev/vda1:xfs/x -t UUID=00-00:ext9/y -m extra:a=1 --watchdog none --on-done halt \
	--capture-options "-d 31" --limit 60 --hook "$tmp/init now" --no-verify
is "what has no driver here is refused only for its file system" 1 $rc
says "that is said" "no file system ext9"
make_it -t /dev/vda1:xfs/x -t UUID=00-00:xfs/y -m extra:a=1 --watchdog none --on-done halt \
	--capture-options "-d 31" --limit 60 --hook "$tmp/init now" --no-verify --dmesg-only \
	--on-fail poweroff --wait 7
shows "what is not there is told" "no device has UUID=00-00 now"
unpack
is "all options are in kdview.conf" "module /modules/extra.ko a=1
target UUID=01020304-0506-0708-090a-0b0c0d0e0f10 xfs /x
target UUID=00-00 xfs /y
hook /hook/init now
capture -d 31
dmesg
verify no
wait 7
limit 60
end halt
failed poweroff" "$(grep -v -e '^#' -e virtio -e 'xfs.ko' "$tmp/u/kdview.conf")"

make_it -t LABEL=dumps --no-modules && unpack
is "no modules: none are there" "target LABEL=dumps xfs / " \
	"$(grep -v '^#' "$tmp/u/kdview.conf") $(cd "$tmp/u" && ls -d modules 2>/dev/null)"

# refused ERROR OPTION...
refused() {
	local what=$1
	shift
	rm -f "$out"
	make_it "$@"
	if [ "$rc" != 0 ] && [ ! -e "$out" ] && grep -qE -- "$what" "$tmp/err"; then
		ok "refused: $*"
	else
		not_ok "refused: $* ($rc)"
	fi
}
refused "no target" -q
refused "no ssh" -t root@host:/var/crash
refused "no ssh" -t ssh:host:/var/crash
refused "no network" -t host:/export
refused "is no target" -t crash
refused "make that folder" -t /srv/none
refused "no block device /dev/vdz" -t /dev/vdz:ext4/x
refused "no device has LABEL=other" -t LABEL=other
refused "a blank" -t "/dev/vda1/a b"
refused "no module nothing" -t /dev/vda1 -m nothing
refused "linked dynamically" -t /dev/vda1 --hook "$tmp/dynamic"
refused "a script" -t /dev/vda1 --hook "$0"
refused "no static program" -t /dev/vda1 --init "$tmp/dynamic"
refused "unknown option|no option" -t /dev/vda1 --capture-options "--nothing"
refused "it is reboot" -t /dev/vda1 --on-done sleep
refused "it is reboot" -t /dev/vda1 --on-fail sleep
refused "exclude each other" -t /dev/vda1 --no-modules -m extra
refused "modules of kernel 7.7.7" -t /dev/vda1 --kernel-release 7.7.7
ln -sf ../../devices/virtual/block/dm-0 "$root/sys/class/block/dm-0"
mkdir -p "$root/sys/devices/virtual/block/dm-0/dm"
echo LVM-x >"$root/sys/devices/virtual/block/dm-0/dm/uuid"
cp "$root/dev/vda1" "$root/dev/dm-0"
refused "a volume of LVM" -t /dev/dm-0
printf 'no module' | xz >"$modules/kernel/virtio-pci.ko.xz"
refused "it is no module" -t /dev/vda1
printf 'damaged' >"$modules/kernel/virtio-pci.ko.xz"
refused "xz stream is damaged" -t /dev/vda1

kd load "$CORES/x86_64/vmlinux" --dry-run --target /srv
says "load takes the options only with --build-initrd" "target goes with --build-initrd"
kd load "$CORES/x86_64/vmlinux" --dry-run --build-initrd --initrd "$tmp/first" --target /srv
says "and that not with --initrd" "exclude each other"
kd load "$CORES/x86_64/vmlinux" --dry-run --build-initrd --root "$root" --init "$tmp/init" --target /srv
says "modules are those of the kernel that is loaded" "6[.]1[.]192-kdC"
