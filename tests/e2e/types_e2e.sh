# SPDX-License-Identifier: GPL-3.0-or-later
# Types that only a module defines, alone and with files, and debug information that is
# compressed.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

# what the source of kdcrash says, on 64 and 32 bits
for n in x86_64 i386-nopae-elf64; do
	cd "$CORES/$n" || exit 1
	kd struct vmcore vmlinux kd_item
	shows "$n: a type of a module" '^type +struct kd_item$'
	shows "$n: whose it is" '^module +kdcrash$'
	case $n in
	x86_64) size=64 name=40 ;;
	*) size=44 name=28 ;;
	esac
	shows "$n: its size" "^size +$size\$"
	shows "$n: a member" "^ +$name +char name\[12\] +\(12\)"
	shows "$n: an anonymous struct" '      u32 high +\(4\)'
	kd struct vmcore vmlinux kdcrash:kd_colour
	shows "$n: of that module" '^ +KD_BLUE = 5$'
	kd struct vmcore vmlinux kernel:kd_item
	says "$n: of the kernel alone" 'no type "kernel:kd_item" in the kernel'
	kd struct vmcore vmlinux no_module:kd_item
	says "$n: of a module that is not there" 'no module "no_module"'
	kd struct vmcore vmlinux no_such
	says "$n: nowhere" 'no type "no_such" in the kernel.*, nor in those of 1 of its 1 modules'
	kd struct vmcore vmlinux kd_item#2
	says "$n: a second of a name" 'only 1 types are called "kd_item"'
	kd struct vmcore vmlinux kd_job kd_job
	shows "$n: a module's variable" 'title = "sum of a broken chain"|title = 0x[0-9a-f]+ .*"sum of a broken chain"'
	kd list vmcore vmlinux -H modules -o module.list -s module.name
	shows "$n: list by a type of the kernel" '"kdcrash"$'
done

# out of the dump's memory alone
mkdir "$tmp/alone"
ln -s "$CORES/x86_64/vmcore" "$tmp/alone/vmcore"
cd "$tmp/alone" || exit 1
kd struct vmcore kd_item
is 'alone: a type of a module' 0 $rc
grep -v '^$' "$tmp/out" >"$tmp/got"
(cd "$CORES/x86_64" && "$KDVIEW" struct vmcore vmlinux kd_item) | grep -v '^$' >"$tmp/want"
is 'alone: as with the file' '' "$(diff "$tmp/want" "$tmp/got")"

# debug information of vmlinux and module, compressed: the same answers
for how in zlib zstd; do
	rm -rf "$tmp/packed"
	mkdir "$tmp/packed"
	cd "$tmp/packed" || exit 1
	ln -s "$CORES/i386-nopae-elf64/vmcore" vmcore
	for f in vmlinux kdcrash.ko; do
		objcopy --compress-debug-sections=$how "$CORES/i386-nopae-elf64/$f" $f
	done
	is "$how: is compressed" 0 "$(readelf -SW vmlinux | grep -q '\.debug_info.* C '; echo $?)"
	for what in 'struct task_struct' 'struct kd_item' 'bt' 'info'; do
		# shellcheck disable=SC2086
		kd ${what%% *} vmcore vmlinux ${what#"${what%% *}"}
		is "$how: $what" 0 $rc
		sed "s#$tmp/packed#.#" "$tmp/out" >"$tmp/got"
		# shellcheck disable=SC2086
		(cd "$CORES/i386-nopae-elf64" &&
			"$KDVIEW" ${what%% *} vmcore vmlinux ${what#"${what%% *}"}) |
			sed "s#$CORES/i386-nopae-elf64#.#; s#$(readlink -f "$CORES/i386-nopae-elf64")#.#" >"$tmp/want"
		is "$how: $what: the same" '' "$(diff "$tmp/want" "$tmp/got" | head -n 5)"
	done
done
