#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# debian.sh OUTDIR [NAME | NAME=SPEC]...
#
# Makes full-size dumps of Debian's own kernels in QEMU, one folder OUTDIR/NAME each:
#   vmlinux      the kernel's debug file
#   vmcore       /proc/vmcore as the second kernel saw it, mode 0600
#   console.log  the serial console of both kernels
#   modules/     debug files of the modules that were loaded
#   kdcrash.ko   where the module crashed: with debug information, ORC and BTF
#   ok           made last: the folder is complete
# A folder with "ok" is left alone; remove it to make the dump again. Without a NAME, all that need
# no other suite than the host's.
#
# SPEC is a dump that the table of names does not have, in the words of that table:
#   ARCH SERIES FLAVOUR RAM CRASH [OPTION...]
# ARCH amd64 or i386; SERIES 6.1 or 6.12.117, or "newest"; FLAVOUR amd64, cloud-amd64, rt-amd64,
# 686, ...; RAM in MiB; CRASH sysrq or a mode of kdcrash. Options: suite=NAME (a suite of the
# archive, not the host's own), elf=32|64, cpu=MODEL for QEMU, show=KEYS (sysrq keys pressed before
# the crash: t prints all tasks), net (a network, see net_commands), append=ARGUMENT for the first
# kernel's command line, filter=LEVEL (makedumpfile makes a vmcore.filtered, too), debug=no (a kernel
# without a debug package: no vmlinux, and of the crashes only sysrq and oom).
#   debian.sh /var/tmp/cores 'rt=amd64 newest rt-amd64 768 abba suite=trixie-backports show=t'
#
# Not root. Packages come from the sources of this host's apt, or from the suite that is named in
# the same archive, by a private apt state in OUTDIR/cache that knows amd64 and i386: the host's own
# package lists, its architectures and its installed packages are neither needed nor touched. What a
# kernel of another suite needs to have a module built (its compiler, its libraries) is unpacked
# there too and used by unshare(1) and chroot(1).
set -eu
umask 077

# Where the newest kernel of the names "newest" comes from.
NEWEST=${NEWEST:-trixie-backports}
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
	[x86_64-6.1-net]="amd64 6.1 cloud-amd64 768 sysrq net"
	[x86_64-6.12-net]="amd64 6.12 cloud-amd64 768 sysrq net"
	[i386-686-net]="i386 6.1 686 768 sysrq elf=32 net"
	[x86_64-6.12-full]="amd64 6.12 amd64 768 sysrq suite=trixie show=tl append=log_buf_len=1M"
	[x86_64-newest]="amd64 newest cloud-amd64 768 sysrq suite=$NEWEST show=tl append=log_buf_len=1M"
	[x86_64-newest-module]="amd64 newest cloud-amd64 768 null-work suite=$NEWEST"
	[x86_64-newest-timer]="amd64 newest cloud-amd64 768 null-timer suite=$NEWEST"
	[x86_64-newest-softlock]="amd64 newest cloud-amd64 768 softlock suite=$NEWEST"
	[x86_64-newest-spin]="amd64 newest cloud-amd64 768 spin suite=$NEWEST"
	[x86_64-newest-abba]="amd64 newest cloud-amd64 768 abba suite=$NEWEST"
	[x86_64-newest-full]="amd64 newest amd64 768 null-work suite=$NEWEST"
	[x86_64-newest-rt]="amd64 newest rt-amd64 768 abba suite=$NEWEST show=tl append=log_buf_len=1M"
	[x86_64-sid]="amd64 newest cloud-amd64 768 bug suite=sid show=tl append=log_buf_len=1M"
)
ORDER=(x86_64-6.1 x86_64-6.1-module i386-686pae i386-686 x86_64-6.12 x86_64-6.1-timer
	x86_64-6.1-l4 i386-686pae-module x86_64-6.1-bug x86_64-6.1-abba x86_64-6.1-stack
	x86_64-6.1-spin x86_64-6.12-module i386-686-timer i386-686-abba i386-686-bug i386-686-spin)
# Loaded in the first kernel, so that there are modules of Debian's to look at.
EXTRA_MODULES="virtio_blk virtio_pci"
# Where the machine has a network.
NET_MODULES="virtio_net veth dummy bridge 8021q"
BOOT_SECONDS=${BOOT_SECONDS:-900}
# Debug packages have up to 1.2 GB and are not needed again.
KEEP_PACKAGES=${KEEP_PACKAGES:-}

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/mkcores.d/packages.sh
. "$here/packages.sh"
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

# The modules of the machine with all they need, in the order of loading: .ko files.
all_module_files()
{
	local module
	for module in nvme $EXTRA_MODULES ${net:+$NET_MODULES}; do
		module_files "$module"
	done | awk '!seen[$0]++'
}

# What builds modules for $release, with all it is linked with, unpacked as a root folder: the
# compiler that built the kernel, its kbuild programs, pahole.
build_root_ready()
{
	local deb dir=$cache/apt-$arch-$suite/cache/archives needs
	root=$cache/root-$release
	[ ! -e "$root/ready" ] || return 0
	step "unpack a compiler for $release" >&2
	needs=$(apt_for "$arch" apt-cache depends "linux-headers-$release" |
		sed -n -E 's/^ *Depends: ([a-z0-9][^ ]*)$/\1/p' | grep -v '^linux-\(image\|base\)')
	# shellcheck disable=SC2086
	apt_for "$arch" apt-get install -y --download-only --no-install-recommends $needs make gcc \
		bash dash coreutils sed grep mawk findutils perl-base diffutils \
		>"$cache/root-$release.log" 2>&1 || die "see $cache/root-$release.log"
	rm -rf "$root"
	mkdir -p "$root"/{dev,proc,tmp,usr/{bin,sbin,lib,lib64}}
	for deb in bin sbin lib lib64; do
		ln -s "usr/$deb" "$root/$deb"
	done
	for deb in "$dir"/*.deb "$(package "$arch" "linux-headers-$release")"; do
		dpkg --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"
	done
	ln -sf mawk "$root/usr/bin/awk"
	rm -f "$dir"/*.deb
	touch "$root/ready"
}

# kdcrash.ko for a kernel of $suite: compiled by that suite's own programs.
build_in_suite()
{
	local root
	build_root_ready
	rm -rf "$tree/kdcrash" "$root/kdcrash"
	cp -r "$here/guest/kdcrash" "$root/kdcrash"
	# pahole takes the kernel's types from there for the module's BTF.
	cp "$(realpath "$tree/usr/lib/debug/boot/vmlinux-$release")" \
		"$root/usr/src/linux-headers-$release/vmlinux"
	# shellcheck disable=SC2016 # the inner shell expands
	unshare --map-root-user --mount sh -c 'mount --rbind /dev "$1/dev" &&
		mount --rbind /proc "$1/proc" &&
		exec chroot "$1" make -C "/usr/src/linux-headers-$2" M=/kdcrash modules' \
		sh "$root" "$release" >"$root/kdcrash/make.log" 2>&1 || {
		tail -n 20 "$root/kdcrash/make.log" >&2
		die "kdcrash.ko does not build"
	}
	rm "$root/usr/src/linux-headers-$release/vmlinux"
	mv "$root/kdcrash" "$tree/kdcrash"
	touch "$tree/kdcrash/ready"
}

# kdcrash.ko for $release in $tree/kdcrash; the headers and kbuild are unpacked, not installed.
module_ready()
{
	local headers=$cache/headers-$release common kbuild btfids
	[ ! -e "$tree/kdcrash/ready" ] || return 0
	step "build kdcrash.ko for $release"
	if [ "$suite" ]; then
		build_in_suite
		return
	fi
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

# The network of a machine, as ip(8) makes it: devices of several kinds with addresses, two
# namespaces with names. What ip says of them afterwards is on the console.
net_commands()
{
	sed 's,^,/sbin/ip ,' <<'EOF'
link set lo up
link set eth0 up
addr add 10.0.2.15/24 broadcast 10.0.2.255 dev eth0
addr add 10.0.2.77/24 dev eth0 label eth0:1
addr add 2001:db8::15/64 dev eth0
link set dummy0 mtu 9000 address 02:00:00:00:00:99 up
addr add 192.0.2.1/32 peer 192.0.2.9/32 dev dummy0
link add br0 type bridge
link set br0 up
link add link eth0 name eth0.7 type vlan id 7
link add dummy1 type dummy
link set dummy1 promisc on
netns add blue
netns add red
link add veth0 type veth peer name veth1 netns blue
link set veth0 master br0
link set veth0 up
addr add 10.9.0.1/30 dev br0
-n blue link set lo up
-n blue link set veth1 up
-n blue addr add 10.9.0.2/30 dev veth1
-n blue addr add 2001:db8:9::2/64 dev veth1
EOF
	echo "sleep 3"
	printf '/sbin/ip %s\n' 'netns list' 'address' '-n blue address' '-n red address' \
		'-json -statistics address' '-n blue -json -statistics address' \
		'-n red -json -statistics address'
}

# Both initramfs files for $out.
make_initrds()
{
	local mkinitrd=$here/guest/mkinitrd.sh machine=x86_64
	local program first=() second=() more=()
	[ "$arch" = amd64 ] || machine=i386
	mapfile -t first < <(all_module_files)
	mapfile -t second < <(module_files nvme)
	keep_debug_files "${first[@]}"
	if [[ $crash != sysrq && $crash != oom ]]; then
		module_ready
		first+=("$tree/kdcrash/kdcrash.ko")
		cp "$tree/kdcrash/kdcrash.ko" "$out/"
	fi
	if [ "$machine" = i386 ]; then
		program_ready kexec i386 kexec-tools libc6
		more=(-x "$program")
	fi
	if [ "$net" ]; then
		program_ready ip "$arch" iproute2 libbpf1 libelf1 libmnl0 libbsd0 libcap2 libmd0 \
			zlib1g libc6
		net_commands >"$out/commands"
		more+=(-x "$program" -f "$out/commands:commands")
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
		-append "console=ttyS0 crashkernel=192M panic=5 kd.crash=$crash kd.elf=$elf kd.show=$show$append" \
		-drive "file=$disk,format=raw,if=none,id=dump,cache=unsafe" \
		-device nvme,drive=dump,serial=kd \
		${net:+-nic user,model=virtio-net-pci,mac=52:54:00:12:34:56} </dev/null &
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
	[ "$debug" = no ] ||
		ln -f "$(realpath "$tree/usr/lib/debug/boot/vmlinux-$release")" "$out/vmlinux"
	rm -f "$out/first.initrd" "$out/second.initrd" "$out/commands"
}

# The options of a dump in the variables of make_dump.
read_options()
{
	local word
	for word; do
		case $word in
		elf=*) elf=${word#elf=} ;;
		cpu=*) cpu=${word#cpu=} ;;
		suite=*) suite=${word#suite=} ;;
		show=*) show=${word#show=} ;;
		filter=*) filter=${word#filter=} ;;
		debug=*) debug=${word#debug=} ;;
		net) net=1 ;;
		append=*) append+=" ${word#append=}" ;;
		*) die "$name: unknown option '$word'" ;;
		esac
	done
}

# The dump without the pages that makedumpfile leaves out, compressed by what this one knows.
filter_dump()
{
	local how=-l
	! makedumpfile -v 2>&1 | grep -q '^zstd.*enabled' || how=-z
	step "filter, level $filter"
	rm -f "$out/vmcore.filtered"
	makedumpfile "$how" -d "$filter" "$out/vmcore" "$out/vmcore.filtered" \
		>"$out/makedumpfile.log" 2>&1 || die "$name: see $out/makedumpfile.log"
}

make_dump()
{
	local arch series flavour ram crash more release tree out=$outdir/$name
	local elf=auto cpu=max suite='' show='' append='' filter='' debug=yes net=''
	if [ -e "$out/ok" ]; then
		step "is there"
		return
	fi
	read -r arch series flavour ram crash more <<<"${NAMES[$name]}"
	[ "$crash" ] || die "$name: ARCH SERIES FLAVOUR RAM CRASH are needed"
	# shellcheck disable=SC2086
	read_options $more
	mkdir -p "$out"
	apt_ready "$arch"
	apt_ready amd64
	release=$(find_release)
	kernel_ready
	make_initrds
	run_machine
	check_dump
	[ -z "$filter" ] || filter_dump
	touch "$out/ok"
	step "complete ($release)"
}

if [ $# -lt 1 ] || [[ $1 == -* ]]; then
	sed -n '4,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"
	printf '%s\n' "${!NAMES[@]}" | sort | xargs echo Names:
	exit 1
fi
mkdir -p "$1/cache"
outdir=$(cd "$1" && pwd)
cache=$outdir/cache
shift
trap cleanup EXIT
trap 'cleanup; exit 130' INT TERM
[ $# -gt 0 ] || set -- "${ORDER[@]}"
names=()
for name; do
	if [[ $name =~ ^[A-Za-z0-9._-]+=. ]]; then
		NAMES[${name%%=*}]=${name#*=}
		name=${name%%=*}
	fi
	[ "${NAMES[$name]-}" ] || die "unknown name '$name'; there are: ${!NAMES[*]}"
	names+=("$name")
done
for name in "${names[@]}"; do
	make_dump
done
