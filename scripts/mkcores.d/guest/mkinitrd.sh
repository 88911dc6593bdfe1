#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkinitrd.sh -a ARCH -o OUTPUT [options] [MODULE[:PARAMETERS]...]
#
# Packs an initramfs for the machines that make kdview's dumps: the static /init built from this
# folder's sources, kernel modules, and for a first kernel everything to load the crash kernel.
#
#   -a ARCH     i386 or x86_64
#   -o OUTPUT   the initramfs (gzip, newc); replaced only when all went well
#   -k KERNEL   crash kernel (bzImage)            } the three together make an
#   -i INITRD   its initramfs, made by this script } initramfs for the first kernel
#   -c CMDLINE  its command line                   }
#   -x DIR      a folder copied to / as it is, any number of times: on i386 one with kexec and
#               what it needs (sbin/kexec, lib/...; kexec-tools:i386 unpacked, or a static binary)
#   -f SRC:DST  one more file, any number of times
#   MODULE      a .ko (.ko.xz and .ko.zst are unpacked), loaded in the order given; stripped of
#               debug information, which the machine does not need
#
# Only the arch's compiler (gcc -m32, no libc), cpio and gzip are needed; not root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

die()
{
	echo "mkinitrd.sh: $*" >&2
	exit 1
}

build_init()
{
	case $arch in
	i386) flags='-m32 -march=i686' ;;
	x86_64) flags=-m64 ;;
	*) die "unknown architecture '$arch'" ;;
	esac
	# The host's 64-bit <asm/...> headers serve both: they look at the compiler's target.
	# shellcheck disable=SC2086
	${CC:-gcc} $flags -std=gnu17 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 \
		-Wmissing-prototypes -Wstrict-prototypes -Wcast-qual -Wwrite-strings -Wvla -Werror \
		-isystem /usr/include/x86_64-linux-gnu -isystem /usr/include/i386-linux-gnu \
		-ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables \
		-fno-pic -no-pie -nostdlib -static -s -Wl,-z,noexecstack -o "$1" \
		"$here/init.c" "$here/crowd.c" "$here/procs.c" "$here/save.c" \
		"$here/sys.c" "$here/tasks.c"
}

# add_module MODULE[:PARAMETERS]
add_module()
{
	file=${1%%:*}
	params=
	[ "$file" = "$1" ] || params=" ${1#*:}"
	name=$(basename "$file")
	case $name in
	*.ko) cp "$file" "$root/modules/$name" ;;
	*.ko.xz) name=${name%.xz} && xz -dc "$file" >"$root/modules/$name" ;;
	*.ko.zst) name=${name%.zst} && zstd -qdc "$file" >"$root/modules/$name" ;;
	*) die "$file: not a kernel module" ;;
	esac
	strip --strip-debug "$root/modules/$name"
	echo "$name$params" >>"$root/modules/list"
}

arch='' output='' kernel='' initrd='' cmdline=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir -p "$root/modules" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/mnt"

while getopts a:o:k:i:c:x:f: opt; do
	case $opt in
	a) arch=$OPTARG ;;
	o) output=$OPTARG ;;
	k) kernel=$OPTARG ;;
	i) initrd=$OPTARG ;;
	c) cmdline=$OPTARG ;;
	x) cp -rL "$OPTARG/." "$root/" ;;
	f)
		mkdir -p "$root/$(dirname "${OPTARG#*:}")"
		cp "${OPTARG%%:*}" "$root/${OPTARG#*:}"
		;;
	*) die "see the head of the script for its options" ;;
	esac
done
shift $((OPTIND - 1))
if [ -z "$arch" ] || [ -z "$output" ]; then
	die "-a and -o are needed"
fi

build_init "$root/init"
for module; do
	add_module "$module"
done
if [ "$kernel" ]; then
	[ "$initrd" ] || die "-k needs -i"
	mkdir "$root/crash"
	cp -L "$kernel" "$root/crash/kernel"
	cp -L "$initrd" "$root/crash/initrd"
	printf '%s\n' "$cmdline" >"$root/crash/cmdline"
fi

(cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --owner=+0:+0) |
	gzip -n -1 >"$work/initrd"
mv "$work/initrd" "$output"
