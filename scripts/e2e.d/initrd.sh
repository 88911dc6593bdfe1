# SPDX-License-Identifier: GPL-3.0-or-later
# The initramfs files of e2e: that of the second kernel, with kdview or with its peers, and that of
# the first, which loads the second.
# shellcheck shell=bash disable=SC2154

# The modules that a machine needs for its disks, for packages.sh.
all_module_files()
{
	local module
	for module; do
		module_files "$module"
	done | awk '!seen[$0]++'
}

# copy_program PROGRAM ROOT: of this host, with its libraries where it looks for them.
copy_program()
{
	local lib
	mkdir -p "$2/sbin"
	cp -L "$1" "$2/sbin/"
	while read -r lib; do
		mkdir -p "$2${lib%/*}"
		cp -L "$lib" "$2$lib"
	done < <(ldd "$1" | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p')
}

# peer PROGRAM ROOT PACKAGE...: a program of kdview's peers, for the machine's architecture. PACKAGE
# where it has to be fetched: it and its libraries.
peer()
{
	local tool=$1 to=$2 program found
	shift 2
	found=$(command -v "$tool" || true)
	if [ "$arch" = amd64 ] && [ "$found" ]; then
		copy_program "$found" "$to"
	else
		apt_ready "$arch"
		program_ready "$tool" "$arch" "$@"
		cp -rL "$program/." "$to/"
	fi
}

# add_modules ROOT MODULE...: unpacked and without debug information; prints names.
add_modules()
{
	local root=$1 file base
	shift
	mkdir -p "$root/modules"
	for file in $(all_module_files "$@"); do
		base=${file##*/}
		case $base in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -qdc "$file" ;;
		*) cat "$file" ;;
		esac >"$root/modules/${base%%.*}.ko"
		strip --strip-debug "$root/modules/${base%%.*}.ko"
		echo "/modules/${base%%.*}.ko"
	done
}

# pack ROOT OUT. Not by zstd from a pipe: its window takes 8 MiB while the kernel unpacks it.
pack()
{
	(cd "$1" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --owner=+0:+0) |
		gzip -n -9 >"$2"
}

# The second kernel's as people make it: second_of_initrd TARGET [OPTION]...
second_of_initrd()
{
	local config=$tree/boot/config-$release
	"$build/kdview" initrd "$dir/second.initrd" --target "$@" --module virtio_pci \
		--module virtio_blk --init "$capture" --kernel-release "$release" \
		--modules-dir "$tree/lib/modules/$release" --config "$config" --limit 300 \
		>"$dir/initrd.txt"
}

# The same by hand, with kdview-capture as all of it; kdview.conf comes from standard input.
second_of_capture()
{
	local root=$dir/root module
	mkdir -p "$root"/{dev,proc,sys}
	cp "$capture" "$root/init"
	for module in $(add_modules "$root" "${disk_modules[@]}" "$@"); do
		echo "module $module"
	done >"$root/kdview.conf"
	cat >>"$root/kdview.conf"
	pack "$root" "$dir/second.initrd"
	rm -r "$root"
}

# The second kernel's, with makedumpfile and busybox.
second_of_makedumpfile()
{
	local root=$dir/root busybox
	mkdir -p "$root"/{dev,proc,sys,tmp,bin,target}
	peer makedumpfile "$root" makedumpfile libc6 libdw1 libelf1 libbz2-1.0 liblzma5 zlib1g liblzo2-2
	busybox=$cache/busybox-$arch
	if [ ! -e "$busybox/bin/busybox" ]; then
		apt_ready "$arch"
		unpack "$arch" busybox-static "$busybox" './bin/busybox'
	fi
	cp "$busybox/bin/busybox" "$root/bin/"
	{
		cat <<-'EOF'
			#!/bin/busybox sh
			/bin/busybox --install -s /bin
			mount -t proc proc /proc
			mount -t sysfs sys /sys
			mount -t devtmpfs dev /dev
			exec >/dev/console 2>&1
		EOF
		for module in $(add_modules "$root" "${disk_modules[@]}"); do
			echo "insmod $module"
		done
		cat <<-'EOF'
			mount -t ext4 /dev/vda /target &&
				makedumpfile -l -d 31 --message-level 4 /proc/vmcore /target/vmcore &&
				sync && echo "the dump is saved: /target/vmcore"
			umount /target
			reboot -f
		EOF
	} >"$root/init"
	chmod 755 "$root/init"
	pack "$root" "$dir/second.initrd"
	rm -r "$root"
}

# The bzImage's payload, where it is asked for: an ELF file as vmlinux is.
kernel_image()
{
	local kernel=$tree/boot/vmlinuz-$release sects offset size
	if [ "$image" = bzImage ]; then
		echo "$kernel"
		return
	fi
	sects=$(od -An -tu1 -j $((0x1f1)) -N 1 "$kernel")
	offset=$(od -An -tu4 -j $((0x248)) -N 4 "$kernel")
	size=$(od -An -tu4 -j $((0x24c)) -N 4 "$kernel")
	dd if="$kernel" of="$dir/payload" bs=64K iflag=skip_bytes,count_bytes status=none \
		skip="$(((sects + 1) * 512 + offset))" count="$size"
	# Behind it stands its unpacked size, which not all programs take for the end.
	case $(od -An -tx1 -N 4 "$dir/payload" | tr -d ' ') in
	28b52ffd) zstd -qdc "$dir/payload" ;;
	fd377a58) xz -dc --single-stream "$dir/payload" ;;
	02214c18) lz4 -dcq "$dir/payload" ;;
	1f8b*) gzip -dcq "$dir/payload" ;;
	*) die "$name: the kernel is packed in an unknown way" ;;
	esac >"$dir/vmlinux" 2>/dev/null || true
	rm "$dir/payload"
	[ "$(od -An -tx1 -N 4 "$dir/vmlinux" | tr -d ' ')" = 7f454c46 ] ||
		die "$name: the kernel has no vmlinux in it"
	echo "$dir/vmlinux"
}

# The words that load the crash kernel in the machine; kdview has a command line of its own.
load_commands()
{
	local words append=''
	[ -z "$more" ] || append=" --append \"$second_cmdline$more\""
	case $loader in
	kdview) words="/sbin/kdview-capture load" ;;
	kexec)
		words="/sbin/kexec -p"
		append=" --append \"$second_cmdline$more\""
		# Without, the crash kernel would get neither core headers nor a map.
		[ "$image" = bzImage ] || words+=" --args-linux"
		;;
	esac
	[ -z "$how" ] || words+=" $how"
	[ -z "$elf" ] || words+=" --elf$elf-core-headers"
	echo "$words /crash/kernel --initrd /crash/initrd$append"
}

# first_initrd [MODULE]...: the first kernel's, with all that loads the second.
first_initrd()
{
	local root=$dir/first machine=x86_64
	[ "$arch" = amd64 ] || machine=i386
	rm -rf "$root"
	mkdir -p "$root/sbin"
	case $loader in
	kdview) cp "$capture" "$root/sbin/kdview-capture" ;;
	kexec) peer kexec "$root" kexec-tools libc6 ;;
	esac
	load_commands >"$root/load"
	if [ "${extra_load-}" ]; then
		peer kexec "$root" kexec-tools libc6
		echo "$extra_load" >>"$root/load"
	fi
	"$here/mkcores.d/guest/mkinitrd.sh" -a "$machine" -o "$dir/first.initrd" -x "$root" \
		-k "$(kernel_image)" -i "$dir/second.initrd" -c "$second_cmdline" "$@"
	rm -rf "$root" "$dir/vmlinux"
}
