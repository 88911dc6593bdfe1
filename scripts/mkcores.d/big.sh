#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# big.sh OUTDIR [DEBIANDIR]
#
# Makes dumps of a large machine that did not crash: QEMU itself writes the memory of a guest with
# 8 GiB and more than 5000 tasks (Debian 12's kernel 6.1 for x86_64). In OUTDIR:
#   vmlinux              the kernel's debug file
#   vmcore               ELF, with the guest's VMCOREINFO; the segments' virtual addresses are the
#                        physical ones, that is, mean nothing
#   vmcore.paging        ELF of the same moment by the guest's page tables: 6000 segments with
#                        virtual addresses, most of which show memory that another one shows too
#   vmcore.kdump-zlib, vmcore.kdump-lzo, vmcore.kdump-snappy
#                        the very same memory, kdump-compressed and flattened, as far as this
#                        QEMU can (Debian 12's only zlib)
#   console.log          the serial console, with the list of tasks right before the dump
#   vmcore.novmcoreinfo, console.novmcoreinfo.log
#                        a second guest, without QEMU's device vmcoreinfo
#   ok                   made last: the folder is complete, and left alone from then on
# All dumps have mode 0600 and holes where the memory is zero: about 1.6 GB of disk space.
#
# DEBIANDIR is the folder of "mkcores --debian" (default: its default), in whose cache the kernel
# is looked for; when it is not there, "mkcores --debian DEBIANDIR x86_64-6.1" fetches it and makes
# that dump. Then about a minute on two CPUs. Environment: TASKS (5000), RAM (8192, in MiB),
# BOOT_SECONDS (900). Not root. Needs what "mkcores --debian" needs.
set -eu
umask 077

RAM=${RAM:-8192}
TASKS=${TASKS:-5000}
CPUS=4
BOOT_SECONDS=${BOOT_SECONDS:-900}
DUMP_SECONDS=600
MODULES="qemu_fw_cfg virtio_blk virtio_pci"

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/mkcores.d/monitor.sh
. "$here/monitor.sh"

die()
{
	echo "big.sh: $*" >&2
	exit 1
}

step()
{
	echo "big: $*"
}

# The newest cloud kernel of 6.1 in the cache; nothing when there is none.
find_kernel()
{
	find "$debian/cache" -maxdepth 2 -path '*/6.1.*-cloud-amd64/ready' -printf '%h\n' \
		2>/dev/null | sort -V | tail -n 1
}

kernel_ready()
{
	tree=$(find_kernel)
	if [ -z "$tree" ]; then
		"$here/debian.sh" "$debian" x86_64-6.1
		tree=$(find_kernel)
	fi
	[ "$tree" ] || die "no kernel 6.1 in $debian/cache: remove $debian/x86_64-6.1/ok"
	release=$(basename "$tree")
	step "kernel $release"
	ln -f "$tree/usr/lib/debug/boot/vmlinux-$release" "$out/vmlinux" 2>/dev/null ||
		cp "$tree/usr/lib/debug/boot/vmlinux-$release" "$out/vmlinux"
}

make_initrd()
{
	local module file files=()
	for module in $MODULES; do
		for file in $(/sbin/modprobe -d "$tree" -S "$release" --show-depends "$module" |
			sed -n 's/^insmod \([^ ]*\) *$/\1/p'); do
			[[ " ${files[*]-} " == *" $file "* ]] || files+=("$file")
		done
	done
	"$here/guest/mkinitrd.sh" -a x86_64 -o "$out/initrd" "${files[@]}"
}

# boot LOG ARGUMENT...: starts the guest and returns when it is ready.
boot()
{
	log=$1
	shift
	: >"$log"
	step "boot with $RAM MiB${*:+ and }${*:-, no device vmcoreinfo}"
	# Relative names: QEMU's option syntax has no safe way to quote a path.
	coproc QEMU {
		cd "$out" && exec qemu-system-x86_64 -M pc -accel tcg,thread=multi -cpu max \
			-m "$RAM" -smp "$CPUS" -nodefaults -display none -no-reboot \
			-serial "file:$(basename "$log")" -qmp stdio \
			-kernel "$kernel" -initrd initrd \
			-append "console=ttyS0 kd.crowd=$TASKS kd.wait=3000" "$@"
	}
	# shellcheck disable=SC2153 # bash sets QEMU_PID
	qemu_pid=$QEMU_PID
	exec {from_qemu}<&"${QEMU[0]}" {to_qemu}>&"${QEMU[1]}"
	qmp 60 '{"execute":"qmp_capabilities"}'
	watch_guest
	# From here on all dumps show one and the same moment.
	qmp 60 '{"execute":"stop"}'
}

# Passes on what the guest says (but not its list of tasks) until it is ready.
watch_guest()
{
	local shown=0 lines start=$SECONDS
	until grep -a -q '^kd: ready' "$log"; do
		((SECONDS - start < BOOT_SECONDS)) || die "not ready after $BOOT_SECONDS s: see $log"
		kill -0 "$qemu_pid" 2>/dev/null || die "QEMU ended: see $log"
		sleep 1
		mapfile -t lines < <(tr -d '\r' <"$log" | sed -n 's/^kd: \([^t]\)/big:   \1/p')
		((${#lines[@]} == shown)) || printf '%s\n' "${lines[@]:shown}"
		shown=${#lines[@]}
	done
	grep -a -q "^kd: crowd: $TASKS" "$log" || die "not all tasks were started: see $log"
}

# Headers and notes lie in front of the memory. The first line comes right after a binary header.
has_vmcoreinfo()
{
	head -c 64K "$out/$1" | grep -a -q 'OSRELEASE='
}

check_dumps()
{
	local name
	has_vmcoreinfo vmcore || die "vmcore has no VMCOREINFO: see $out/console.log"
	! has_vmcoreinfo vmcore.novmcoreinfo || die "vmcore.novmcoreinfo has a VMCOREINFO"
	for name in "$out"/vmcore*; do
		[ "$(stat -c %a "$name")" = 600 ] || die "$name has the wrong mode"
	done
}

make_all()
{
	local tree release kernel log answer format formats
	kernel_ready
	kernel=$tree/boot/vmlinuz-$release
	make_initrd
	boot "$out/console.log" -device vmcoreinfo
	dump elf false vmcore
	dump elf true vmcore.paging
	qmp 60 '{"execute":"query-dump-guest-memory-capability"}'
	formats=$answer
	for format in kdump-zlib kdump-lzo kdump-snappy; do
		if [[ $formats == *"\"$format\""* ]]; then
			dump "$format" false "vmcore.$format"
		else
			step "vmcore.$format: not made, this QEMU cannot"
		fi
	done
	stop_guest
	boot "$out/console.novmcoreinfo.log"
	dump elf false vmcore.novmcoreinfo
	stop_guest
	check_dumps
}

if [ $# -lt 1 ] || [ $# -gt 2 ] || [[ $1 == -* ]]; then
	sed -n '4,27s/^# \{0,1\}//p' "$0"
	exit 1
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
debian=${2:-${TMPDIR:-/tmp}/kdview-debian-$(id -u)}
[[ $debian == /* ]] || debian=$PWD/$debian
if [ -e "$out/ok" ]; then
	step "$out is complete"
	exit
fi
trap cleanup EXIT
trap 'exit 130' INT TERM
# A QEMU that ended is found by the failing write.
trap : PIPE
make_all
touch "$out/ok"
step "complete"
