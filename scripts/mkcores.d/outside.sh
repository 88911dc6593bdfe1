#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# outside.sh OUTDIR [DEBIANDIR [NAME...]]
#
# Makes dumps of machines that QEMU wrote from outside, without its device vmcoreinfo: Debian 12's
# kernels 6.1 for i386, with and without PAE, and x86_64. In OUTDIR/NAME:
#   vmlinux              the kernel's debug file
#   vmcore               ELF
#   vmcore.kdump-zlib    the same moment, kdump-compressed and flattened
#   memory.raw           the same moment, pmemsave from address 0 on
#   kdcrash.ko           where the module did it
#   console.log          the serial console
#   ok                   made last: the folder is complete, and left alone from then on
# NAME is one of
#   i386-686, i386-686pae, x86_64    they live; the second has 5 GiB, most of it above 4 GB
#   x86_64-reset                     it lives, but was reset: its memory has the kernel of its
#                                    first life as well
#   x86_64-abba, i386-686-abba       tasks hang in each other's locks, and the log says so
#   x86_64-softlock                  a CPU loops in the kernel, and the log says so
#   x86_64-panic, i386-686-panic     it crashed, but there was no second kernel
#
# DEBIANDIR is the folder of "mkcores --debian" (default: its default), in whose cache the kernels
# are; what is not there "mkcores --debian DEBIANDIR" makes. Half a minute each. Not root.
set -eu
umask 077

# shellcheck disable=SC2034 # for monitor.sh
DUMP_SECONDS=600
BOOT_SECONDS=300
MODULES="qemu_fw_cfg"

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/mkcores.d/monitor.sh
. "$here/monitor.sh"

#               flavour RAM what the guest does, seconds until the dump
declare -A DUMP=(
	[i386-686]="686 1024 live 1"
	[i386-686pae]="686-pae 5120 live 1"
	[x86_64]="cloud-amd64 1024 live 1"
	[x86_64-reset]="cloud-amd64 1024 live 1"
	[x86_64-abba]="cloud-amd64 1024 abba 20"
	[i386-686-abba]="686 1024 abba 20"
	[x86_64-softlock]="cloud-amd64 1024 softlock 20"
	[x86_64-panic]="cloud-amd64 1024 sysrq 5"
	[i386-686-panic]="686 1024 sysrq 5"
)
ORDER=(i386-686 i386-686pae x86_64 x86_64-reset x86_64-abba i386-686-abba x86_64-softlock
	x86_64-panic i386-686-panic)
# The dump of "mkcores --debian" that brings a kernel and its kdcrash.ko.
declare -A MADE_BY=([686]=i386-686-abba [686-pae]=i386-686pae-module [cloud-amd64]=x86_64-6.1-abba)

die()
{
	echo "outside.sh: $*" >&2
	exit 1
}

step()
{
	echo "outside: $*"
}

find_kernel()
{
	find "$debian/cache" -maxdepth 2 -path "*/6.1.*-$flavour/ready" -printf '%h\n' 2>/dev/null |
		sort -V | tail -n 1
}

kernel_ready()
{
	tree=$(find_kernel)
	if [ -z "$tree" ] || { [ "$mode" != live ] && [ ! -e "$tree/kdcrash/kdcrash.ko" ]; }; then
		"$here/debian.sh" "$debian" "${MADE_BY[$flavour]}"
		tree=$(find_kernel)
	fi
	[ "$tree" ] || die "no kernel 6.1 $flavour in $debian/cache"
	release=$(basename "$tree")
	ln -f "$tree/usr/lib/debug/boot/vmlinux-$release" "$out/vmlinux" 2>/dev/null ||
		cp "$tree/usr/lib/debug/boot/vmlinux-$release" "$out/vmlinux"
}

make_initrd()
{
	local module file files=() arch=x86_64
	[ "$flavour" = cloud-amd64 ] || arch=i386
	for module in $MODULES; do
		for file in $(/sbin/modprobe -d "$tree" -S "$release" --show-depends "$module" |
			sed -n 's/^insmod \([^ ]*\) *$/\1/p'); do
			[[ " ${files[*]-} " == *" $file "* ]] || files+=("$file")
		done
	done
	case $mode in
	live | sysrq) ;;
	*)
		cp "$tree/kdcrash/kdcrash.ko" "$out/"
		files+=("$tree/kdcrash/kdcrash.ko")
		;;
	esac
	"$here/guest/mkinitrd.sh" -a "$arch" -o "$out/initrd" "${files[@]}"
}

# wait_ready N: until the guest has said it N times.
wait_ready()
{
	local start=$SECONDS
	until (($(grep -a -c '^kd: ready' "$log") >= $1)); do
		((SECONDS - start < BOOT_SECONDS)) || die "not ready after $BOOT_SECONDS s: see $log"
		kill -0 "$qemu_pid" 2>/dev/null || die "QEMU ended: see $log"
		sleep 1
	done
}

boot()
{
	log=$out/console.log
	: >"$log"
	step "$name: boot $release with $ram MiB"
	# Relative names: QEMU's option syntax has no safe way to quote a path.
	coproc QEMU {
		cd "$out" && exec qemu-system-x86_64 -M pc -accel tcg,thread=multi -cpu max -m "$ram" \
			-smp 2 -nodefaults -display none -serial file:console.log -qmp stdio \
			-kernel "$tree/boot/vmlinuz-$release" -initrd initrd \
			-append "console=ttyS0 kd.stay=$mode"
	}
	# shellcheck disable=SC2153 # bash sets QEMU_PID
	qemu_pid=$QEMU_PID
	# shellcheck disable=SC2034 # for monitor.sh
	exec {from_qemu}<&"${QEMU[0]}" {to_qemu}>&"${QEMU[1]}"
	qmp 60 '{"execute":"qmp_capabilities"}'
	wait_ready 1
	if [[ $name == *-reset ]]; then
		qmp 60 '{"execute":"system_reset"}'
		wait_ready 2
	fi
	sleep "$seconds"
	! grep -a -q '^kd: failed' "$log" || die "$(grep -a '^kd: failed' "$log"): see $log"
	qmp 60 '{"execute":"stop"}'
}

make_dump()
{
	local flavour ram mode seconds tree release log name=$1 top=$out
	read -r flavour ram mode seconds <<<"${DUMP[$name]}"
	out=$top/$name
	if [ ! -e "$out/ok" ]; then
		mkdir -p "$out"
		kernel_ready
		make_initrd
		boot
		dump elf false vmcore
		dump kdump-zlib false vmcore.kdump-zlib
		qmp 600 "{\"execute\":\"pmemsave\",\"arguments\":{\"val\":0,\"size\":$((ram <= 3072 ?
			ram << 20 : (ram + 1024) << 20)),\"filename\":\"memory.raw\"}}"
		fallocate -d "$out/memory.raw"
		stop_guest
		rm -f "$out/initrd" "$out/pipe"
		touch "$out/ok"
	fi
	out=$top
}

if [ $# -lt 1 ] || [[ $1 == -* ]]; then
	sed -n '4,29s/^# \{0,1\}//p' "$0"
	exit 1
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
debian=${2:-${TMPDIR:-/tmp}/kdview-debian-$(id -u)}
[[ $debian == /* ]] || debian=$PWD/$debian
shift $(($# > 1 ? 2 : 1))
names=("$@")
((${#names[@]})) || names=("${ORDER[@]}")
for name in "${names[@]}"; do
	[[ -v DUMP[$name] ]] || die "no dump is called $name"
done
trap cleanup EXIT
trap 'exit 130' INT TERM
# A QEMU that ended is found by the failing write.
trap : PIPE
for name in "${names[@]}"; do
	make_dump "$name"
done
step "complete"
