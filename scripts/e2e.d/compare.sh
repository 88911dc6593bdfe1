# SPDX-License-Identifier: GPL-3.0-or-later
# Kdview's segments beside those of kexec-tools: one machine loads by both, one after the other, and
# the host looks at the crash memory after each. What is compared: the program headers of the core
# headers, and the map (e820) in the boot params. What may differ is taken
# out:
#   - where the low memory's copy lies: shown as "backup"
#   - where the linear map of i386 ends, and the addresses of what is above are -1: kexec-tools takes
#     896 MB for it, kdview what the kernel has; what touches there is joined
#   - reserved ranges that a PAE kernel can not reach (64 GB): kexec-tools has none of them
#   - how the crash memory is cut into pieces: only how much of it is usable, to 64 KB, as each keeps
#     its backup and core headers out of it, padded to a size of its own
# shellcheck shell=bash disable=SC2154

# number FILE OFFSET SIZE: little endian.
number()
{
	od -An -v -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The second kernel's elfcorehdr=, as the console has it last; in bytes.
last_elfcorehdr()
{
	local word
	word=$(grep -a -o 'elfcorehdr=[0-9a-fx]*K*' "$console" | tail -n 1 | cut -d= -f2)
	case $word in
	*K) echo $((${word%K} * 1024)) ;;
	?*) echo $((word)) ;;
	esac
}

# headers_of MEMORY ADDRESS: a line for each program header, by kind and physical address; the
# backup's place by its name.
headers_of()
{
	local kind offset virtual physical size line='' end=''
	dd if="$1" of="$1.elf" bs=4K iflag=skip_bytes skip="$(($2 - reserved_at))" count=16 status=none
	# The contents of such a file are missing, which readelf says on its standard error.
	while read -r kind offset virtual physical size; do
		if [ "$kind" = LOAD ] && [ $((virtual & 0xffffffff)) = $((0xffffffff)) ] &&
			[ "$((physical))" = "$end" ]; then
			end=$((physical + size))
			continue
		fi
		[ -z "$line" ] || echo "$line to $end"
		[ "$kind" = NOTE ] || [ $((offset)) = $((physical)) ] || offset=backup
		line="$kind offset $offset virtual $virtual physical $physical"
		end=$((physical + size))
	done < <(readelf -lW "$1.elf" 2>/dev/null | awk '
		/^ *Type/ { on = 1; next }
		on && ($1 == "NOTE" || $1 == "LOAD") { print $1, $2, $3, $4, $5 }' | sort -k 1,1 -k 4,4)
	echo "$line to $end"
}

# The page of the boot params whose command line has that address of the core headers.
boot_params_of()
{
	local at page cmdline
	for at in $(grep -obUaP 'HdrS' "$1" | cut -d: -f1); do
		page=$((at - 0x202))
		[ "$page" -ge 0 ] && [ $((page % 4096)) = 0 ] || continue
		cmdline=$(($(number "$1" $((page + 0x228)) 4) + ($(number "$1" $((page + 0xc8)) 4) << 32)))
		[ "$cmdline" -ge "$reserved_at" ] || continue
		! dd if="$1" bs=2K iflag=skip_bytes skip=$((cmdline - reserved_at)) count=1 \
			status=none | tr '\0' '\n' | head -n 1 | grep -q "elfcorehdr=$(($2 / 1024))K" ||
			echo "$page"
	done | tail -n 1
}

# map_of MEMORY ADDRESS: the map's ranges, and in their place how much of the crash memory is RAM.
map_of()
{
	local page n
	page=$(boot_params_of "$1" "$2")
	[ "$page" ] || return 0
	n=$(number "$1" $((page + 0x1e8)) 1)
	od -An -v -w20 -tu4 -j $((page + 0x2d0)) -N $((20 * n)) "$1" |
		awk -v pae="$([ "$arch" = amd64 ] || echo 1)" \
			-v from="$reserved_at" -v to="$((reserved_at + (reserve << 20)))" '{
			start = $1 + $2 * 4294967296
			len = $3 + $4 * 4294967296
			if (start >= from && start < to)
				usable[$5] += len
			else if (!pae || start < 68719476736)
				printf "%.0f-%.0f type %d\n", start, start + len - 1, $5
		}
		END {
			for (type in usable)
				printf "crash memory: %d * 64 KB of type %d\n",
					(usable[type] + 32768) / 65536, type
		}' | sort -n
}

# Wait for the next "waiting" of the machine, its COUNT-th, and keep what the reservation has.
look()
{
	local program=$1 count=$2 at
	until [ "$(grep -a -c 'kd: waiting' "$console")" -ge "$count" ]; do
		kill -0 "$qemu_pid" 2>/dev/null || return 1
		sleep 0.2
	done
	find_reservation
	at=$(last_elfcorehdr)
	check "$program says where the core headers are" test "$at"
	qmp 60 '{"execute":"stop"}'
	save_memory "$reserved_at" "$((reserve << 20))" "$program.bin"
	qmp 60 '{"execute":"cont"}'
	headers_of "$dir/$program.bin" "${at:-$reserved_at}" >"$dir/$program.headers"
	map_of "$dir/$program.bin" "${at:-$reserved_at}" >"$dir/$program.map"
	check "$program's core headers are found" grep -q LOAD "$dir/$program.headers"
	check "$program's map is found" grep -q 'crash memory' "$dir/$program.map"
	rm -f "$dir/$program.bin" "$dir/$program.bin.elf"
}

do_compare()
{
	second_of_capture </dev/null
	extra_load="key
/sbin/kexec -d -p -c${elf:+ --elf$elf-core-headers} /crash/kernel --initrd=/crash/initrd --append=\"$second_cmdline\""
	first_initrd
	boot kd.wait=key
	look kdview 1 && press_key && look kexec 2
	stop_machine
	check "both were loaded" sh -c '! grep -a "kd: failed" "$1"' sh "$console"
	check "the core headers say the same" diff -u "$dir/kexec.headers" "$dir/kdview.headers"
	check "the maps say the same" diff -u "$dir/kexec.map" "$dir/kdview.map"
}
