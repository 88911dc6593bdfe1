#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# debian.sh OUTDIR [NAME...]
#
# Makes full-size dumps of Debian 12's own kernels in QEMU, one folder OUTDIR/NAME each:
#   vmlinux      the kernel's debug file
#   vmcore       /proc/vmcore as the second kernel saw it, mode 0600
#   console.log  the serial console of both kernels
#   modules/     debug files of the modules that were loaded
#   kdcrash.ko   where the module crashed: with debug information, ORC and BTF
#   ok           made last: the folder is complete
# A folder with "ok" is left alone; remove it to make the dump again. Without a NAME, all.
#
# Not root. Packages come from the sources of this host's apt, by a private apt state in
# OUTDIR/cache that knows amd64 and i386: the host's own package lists, its architectures and its
# installed packages are neither needed nor touched.
set -eu
umask 077

declare -A NAMES=(
	# arch    series flavour     RAM  crash      other
	[x86_64-6.1]="amd64 6.1 cloud-amd64 1024 sysrq"
	[x86_64-6.1-module]="amd64 6.1 cloud-amd64 1024 null-work"
	[i386-686pae]="i386 6.1 686-pae 6144 sysrq elf=64"
	[i386-686]="i386 6.1 686 1024 sysrq elf=32"
	[x86_64-6.12]="amd64 6.12 cloud-amd64 1024 sysrq"
	[x86_64-6.1-timer]="amd64 6.1 cloud-amd64 1024 null-timer"
	[x86_64-6.1-l4]="amd64 6.1 cloud-amd64 1024 sysrq cpu=max,la57=off"
	[i386-686pae-module]="i386 6.1 686-pae 1024 null-work elf=64"
	[x86_64-6.1-bug]="amd64 6.1 cloud-amd64 1024 bug"
	[x86_64-6.1-abba]="amd64 6.1 cloud-amd64 1024 abba"
	[x86_64-6.1-stack]="amd64 6.1 cloud-amd64 1024 stack"
	[x86_64-6.1-spin]="amd64 6.1 cloud-amd64 1024 spin"
	[x86_64-6.12-module]="amd64 6.12 cloud-amd64 1024 null-work"
	[i386-686-timer]="i386 6.1 686 1024 null-timer elf=32"
	[i386-686-abba]="i386 6.1 686 1024 abba elf=32"
	[i386-686-bug]="i386 6.1 686 1024 bug elf=32"
	[i386-686-spin]="i386 6.1 686 1024 spin elf=32"
)
ORDER=(x86_64-6.1 x86_64-6.1-module i386-686pae i386-686 x86_64-6.12 x86_64-6.1-timer
	x86_64-6.1-l4 i386-686pae-module x86_64-6.1-bug x86_64-6.1-abba x86_64-6.1-stack
	x86_64-6.1-spin x86_64-6.12-module i386-686-timer i386-686-abba i386-686-bug i386-686-spin)
# Loaded in the first kernel, so that there are modules of Debian's to look at.
EXTRA_MODULES="virtio_blk virtio_pci"
BOOT_SECONDS=${BOOT_SECONDS:-900}

here=$(cd "$(dirname "$0")" && pwd)
qemu_pid=''

die()
{
	echo "debian.sh: $*" >&2
	exit 1
}

step()
{
	echo "$name: $*"
}

cleanup()
{
	[ -z "$qemu_pid" ] || kill "$qemu_pid" 2>/dev/null || true
	qemu_pid=''
}

# apt_for ARCH COMMAND...: apt with the private state of ARCH.
apt_for()
{
	local arch=$1 state=$cache/apt-$1
	shift
	local tool=$1
	shift
	"$tool" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$state" -o Dir::State::status="$state/status" \
		-o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none "$@"
}

apt_ready()
{
	local state=$cache/apt-$1
	[ ! -e "$state/ready" ] || return 0
	step "package lists for $1"
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	# One index that fails while the archive is mirrored does not matter, if the packages are
	# there: that is seen when they are looked for.
	apt_for "$1" apt-get update >"$state/update.log" 2>&1 || tail -n 5 "$state/update.log" >&2
	apt_for "$1" apt-cache pkgnames linux-image- | grep -q . || die "no package lists for $1"
	touch "$state/ready"
}

# package ARCH NAME: the path of the package file, downloaded when it is not in the cache.
package()
{
	local dir=$cache/deb-$1 file
	mkdir -p "$dir"
	file=$(find "$dir" -name "${2}_*.deb" | head -n 1)
	if [ -z "$file" ]; then
		step "download $2:$1" >&2
		mkdir -p "$dir/partial-$2"
		(cd "$dir/partial-$2" && apt_for "$1" apt-get download "$2" >&2) ||
			die "no package $2:$1"
		mv "$dir/partial-$2"/*.deb "$dir/"
		rmdir "$dir/partial-$2"
		file=$(find "$dir" -name "${2}_*.deb" | head -n 1)
	fi
	echo "$file"
}

# unpack ARCH PACKAGE DIR PATTERN...
unpack()
{
	local deb dir=$3
	deb=$(package "$1" "$2")
	shift 3
	mkdir -p "$dir"
	dpkg --fsys-tarfile "$deb" | tar -x -C "$dir" --wildcards "$@"
}

# The newest release of the series and flavour of which both the kernel and its debug file exist.
find_release()
{
	local names release pattern="$series\.[0-9]+(-[0-9]+)?(\+deb12)?-$flavour"
	names=$(apt_for "$arch" apt-cache pkgnames "linux-image-$series.")
	while read -r release; do
		if grep -qx "linux-image-$release-dbg" <<<"$names"; then
			echo "$release"
			return
		fi
	done < <(sed -n -E "s/^linux-image-($pattern)\$/\1/p" <<<"$names" | sort -rV)
	die "no linux-image-$series.*-$flavour with a -dbg package in the apt sources"
}

# The kernel, its modules and its debug files in $tree.
kernel_ready()
{
	tree=$cache/$release
	[ ! -e "$tree/ready" ] || return 0
	step "unpack $release"
	unpack "$arch" "linux-image-$release" "$tree" './boot/*' './lib/modules/*'
	unpack "$arch" "linux-image-$release-dbg" "$tree" './usr/lib/debug/boot/vmlinux-*' \
		'*/virtio*.ko' '*/nvme*.ko'
	/sbin/depmod -b "$tree" "$release"
	touch "$tree/ready"
}

# The .ko files that the module NAME needs, itself last; nothing if it is built in.
module_files()
{
	/sbin/modprobe -d "$tree" -S "$release" --show-depends "$1" |
		sed -n 's/^insmod \([^ ]*\) *$/\1/p'
}

# kdcrash.ko for $release in $tree/kdcrash; the headers and kbuild are unpacked, not installed.
module_ready()
{
	local headers=$cache/headers-$release common kbuild btfids
	[ ! -e "$tree/kdcrash/ready" ] || return 0
	step "build kdcrash.ko for $release"
	common=linux-headers-${release%-"$flavour"}-common
	kbuild=linux-kbuild-$series
	[ "$series" = 6.1 ] || kbuild=linux-kbuild-${release%-"$flavour"}
	unpack "$arch" "linux-headers-$release" "$headers" './usr/src/*'
	unpack "$arch" "$common" "$headers" './usr/src/*'
	unpack amd64 "$kbuild" "$headers" './usr/*'
	sed -i "s,/usr/src/,$headers/usr/src/," "$headers/usr/src/linux-headers-$release/Makefile"
	# pahole takes the kernel's types from there for the module's BTF.
	ln -sf "$tree/usr/lib/debug/boot/vmlinux-$release" \
		"$headers/usr/src/linux-headers-$release/vmlinux"
	# Only some kbuild packages bring it; kdcrash has no .BTF_ids section for it to fill.
	btfids=$headers/usr/src/linux-headers-$release/tools/bpf/resolve_btfids/resolve_btfids
	if [ ! -e "$btfids" ]; then
		mkdir -p "$(dirname "$btfids")"
		ln -s /bin/true "$btfids"
	fi
	rm -rf "$tree/kdcrash"
	cp -r "$here/guest/kdcrash" "$tree/kdcrash"
	make -C "$headers/usr/src/linux-headers-$release" M="$tree/kdcrash" modules \
		>"$tree/kdcrash/make.log" 2>&1 || {
		tail -n 20 "$tree/kdcrash/make.log" >&2
		die "kdcrash.ko does not build"
	}
	touch "$tree/kdcrash/ready"
}

# kexec and the libraries it is linked with, as they lie in the initramfs.
kexec_ready()
{
	local dir=$cache/kexec-i386 raw=$cache/kexec-i386.raw lib pkg
	[ ! -e "$dir/sbin/kexec" ] || return 0
	step "unpack kexec for i386"
	for pkg in kexec-tools libc6; do
		unpack i386 "$pkg" "$raw" './*'
	done
	rm -rf "$dir.new"
	mkdir -p "$dir.new/sbin" "$dir.new/lib"
	cp "$(find "$raw" -path '*/sbin/kexec')" "$dir.new/sbin/"
	cp -L "$(find "$raw" -name 'ld-linux.so.2' | head -n 1)" "$dir.new/lib/"
	for lib in $(readelf -d "$dir.new/sbin/kexec" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
		cp -L "$(find "$raw" -name "$lib" | grep . | head -n 1)" "$dir.new/lib/" ||
			die "kexec needs $lib, which none of the unpacked packages has"
	done
	mv "$dir.new" "$dir"
}

# Both initramfs files for $out.
make_initrds()
{
	local mkinitrd=$here/guest/mkinitrd.sh machine=x86_64 module file
	local first=() second=() more=()
	[ "$arch" = amd64 ] || machine=i386
	for module in nvme $EXTRA_MODULES; do
		for file in $(module_files "$module"); do
			[[ " ${first[*]-} " == *" $file "* ]] || first+=("$file")
		done
	done
	mapfile -t second < <(module_files nvme)
	keep_debug_files "${first[@]}"
	if [ "$crash" != sysrq ]; then
		module_ready
		first+=("$tree/kdcrash/kdcrash.ko")
		cp "$tree/kdcrash/kdcrash.ko" "$out/"
	fi
	if [ "$machine" = i386 ]; then
		kexec_ready
		more=(-x "$cache/kexec-i386")
	fi
	step "initramfs"
	"$mkinitrd" -a "$machine" -o "$out/second.initrd" "${second[@]}"
	"$mkinitrd" -a "$machine" -o "$out/first.initrd" -k "$tree/boot/vmlinuz-$release" \
		-i "$out/second.initrd" "${more[@]}" \
		-c "console=ttyS0 nr_cpus=1 reset_devices panic=5 kd.save=raw:/dev/nvme0n1" \
		"${first[@]}"
}

# Copies the debug files of these modules to $out/modules.
keep_debug_files()
{
	local file debug
	mkdir -p "$out/modules"
	for file; do
		debug=$tree/usr/lib/debug/${file#"$tree/"}
		debug=${debug%.xz}
		[ ! -e "$debug" ] || cp "$debug" "$out/modules/"
	done
}

# Runs the machine until it ends; its disk becomes the dump.
run_machine()
{
	local log=$out/console.log disk=$out/vmcore.disk saved rc=0
	rm -f "$disk"
	# A dump is a little larger than the memory: ELF headers, notes, and kexec's segment of
	# the kernel text, which is there twice.
	truncate -s "$((ram + 512))M" "$disk"
	step "boot with $ram MiB, crash by $crash"
	qemu-system-x86_64 -accel tcg,thread=multi -cpu "$cpu" -m "$ram" -smp 2 -nodefaults \
		-display none -no-reboot -serial "file:$log" \
		-kernel "$tree/boot/vmlinuz-$release" -initrd "$out/first.initrd" \
		-append "console=ttyS0 crashkernel=192M panic=5 kd.crash=$crash kd.elf=$elf" \
		-drive "file=$disk,format=raw,if=none,id=dump,cache=unsafe" \
		-device nvme,drive=dump,serial=kd </dev/null &
	qemu_pid=$!
	watch_machine "$log" || rc=$?
	qemu_pid=''
	saved=$(sed -n 's/^.*kd: saved \([0-9]*\) bytes.*$/\1/p' "$log")
	if [ "$rc" != 0 ] || [ -z "$saved" ]; then
		echo "--- the end of $log:" >&2
		tail -n 40 "$log" >&2
		die "$name: no dump was saved"
	fi
	truncate -s "$saved" "$disk"
	mv "$disk" "$out/vmcore"
	step "vmcore has $saved bytes"
}

# Passes on the guest's messages (but not its list of tasks) while QEMU runs; fails when it takes
# too long.
watch_machine()
{
	local log=$1 message='^kd: [^t]' shown=0 lines start=$SECONDS
	while kill -0 "$qemu_pid" 2>/dev/null; do
		if ((SECONDS - start > BOOT_SECONDS)); then
			echo "$name: no end after $BOOT_SECONDS s" >&2
			cleanup
			return 1
		fi
		sleep 1
		[ -e "$log" ] || continue
		lines=$(grep -a -c "$message" "$log" || true)
		if ((lines > shown)); then
			grep -a "$message" "$log" | tail -n +"$((shown + 1))" | tr -d '\r' |
				sed "s/^kd: */$name:   /"
			shown=$lines
		fi
	done
	wait "$qemu_pid"
}

check_dump()
{
	readelf -h "$out/vmcore" | grep -q 'CORE' || die "$name: vmcore is no ELF core"
	[ "$(stat -c %a "$out/vmcore")" = 600 ] || die "$name: vmcore has the wrong mode"
	ln -f "$tree/usr/lib/debug/boot/vmlinux-$release" "$out/vmlinux"
	rm -f "$out/first.initrd" "$out/second.initrd"
}

make_dump()
{
	local arch series flavour ram crash more elf=auto cpu=max release tree out=$outdir/$name
	if [ -e "$out/ok" ]; then
		step "is there"
		return
	fi
	read -r arch series flavour ram crash more <<<"${NAMES[$name]}"
	case $more in
	elf=*) elf=${more#elf=} ;;
	cpu=*) cpu=${more#cpu=} ;;
	esac
	mkdir -p "$out"
	apt_ready "$arch"
	apt_ready amd64
	release=$(find_release)
	kernel_ready
	make_initrds
	run_machine
	check_dump
	touch "$out/ok"
	step "complete ($release)"
}

if [ $# -lt 1 ] || [[ $1 == -* ]]; then
	sed -n '4,19s/^# \{0,1\}//p' "$0"
	echo "Names: ${ORDER[*]}"
	exit 1
fi
mkdir -p "$1/cache"
outdir=$(cd "$1" && pwd)
cache=$outdir/cache
shift
trap cleanup EXIT
trap 'cleanup; exit 130' INT TERM
[ $# -gt 0 ] || set -- "${ORDER[@]}"
for name; do
	[ "${NAMES[$name]-}" ] || die "unknown name '$name'; there are: ${ORDER[*]}"
done
for name; do
	make_dump
done
