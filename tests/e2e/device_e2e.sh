# SPDX-License-Identifier: GPL-3.0-or-later
# Real disks, as loop devices: one that is the target itself, and ext4 on one, of every size from
# too small up. SIZES: how many (8). TABLE: a file that gets what became of each.
# Needs root and loop devices; without, it is left out.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
# without its vmlinux, as what is written will be
core=$tmp/core
cp --sparse=always "$CORES/x86_64/vmcore" "$core"
truncate -s 64M "$tmp/disk"
loop=$(losetup -f --show "$tmp/disk" 2>"$tmp/err")
if [ -z "$loop" ] || ! type -P mkfs.ext4 >/dev/null; then
	ok "no loop devices here ($(head -n 1 "$tmp/err")): all of this is left out"
	exit 0
fi
small=
# shellcheck disable=SC2317
clean_up() {
	umount "$tmp/mnt"
	losetup -d "$loop"
	[ -z "$small" ] || losetup -d "$small"
	rm -rf "$tmp"
}
trap 'clean_up 2>/dev/null' EXIT
mkdir "$tmp/mnt"

"$KDVIEW" info "$core" 2>/dev/null | grep -E '^(panic|report|task)' >"$tmp/info"
is 'the original tells a crash' 3 "$(wc -l <"$tmp/info")"
"$KDVIEW" log "$core" >"$tmp/log" 2>/dev/null
"$KDVIEW" bt --engine native "$core" 2>/dev/null | grep -E '^ *#' >"$tmp/bt"
is 'and has a stack' yes "$([ -s "$tmp/bt" ] && echo yes)"

# look FILE: $opens $log $stack $crash, each yes or no
look() {
	opens=no log=no stack=no crash=no
	kd info "$1"
	[ $rc -ne 0 ] || opens=yes
	[ "$(grep -E '^(panic|report|task)' "$tmp/out")" != "$(cat "$tmp/info")" ] || crash=yes
	timeout 60 "$KDVIEW" log "$1" >"$tmp/log.x" 2>/dev/null
	cmp -s "$tmp/log" "$tmp/log.x" && log=yes
	timeout 60 "$KDVIEW" bt --engine native "$1" 2>/dev/null | grep -E '^ *#' >"$tmp/bt.x"
	cmp -s "$tmp/bt" "$tmp/bt.x" && stack=yes
}

number() { grep -oE "\"$1\": [0-9]+" "$tmp/out" | head -n 1 | grep -oE '[0-9]+'; }

# --- the device itself
kd capture "$core" "$loop"
is 'onto a device' 0 $rc
look "$loop"
is 'it is read there' 'yes yes yes yes' "$opens $log $stack $crash"
kd convert -q "$loop" "$tmp/copy"
is 'and copied off' 0 $rc
look "$tmp/copy"
is 'the copy is a dump' 'yes yes yes yes' "$opens $log $stack $crash"
is 'nothing stands beside a device' '' "$(ls -d "$loop"?* 2>/dev/null | grep -vE 'loop[0-9]+(p[0-9]+)?$')"
kd verify "$loop"
is 'verify says if it is sound' 0 $rc
kd capture -q -d 0 "$core" "$loop"
is 'a dump is replaced by the next' 0 $rc
kd capture -q --dmesg "$core" "$loop"
is 'a device has no place for a log beside it' 2 $rc
for format in '-F' '--compress none' '-l'; do
	# shellcheck disable=SC2086
	kd capture -q -d 31 $format "$core" "$loop"
	is "onto a device: $format" 0 $rc
	look "$loop"
	is "onto a device, read: $format" 'yes yes yes yes' "$opens $log $stack $crash"
done
kd convert -q --format elf64 "$core" "$loop"
is 'an ELF core has holes, a device has none' 1 $rc
mkfs.ext4 -q -F "$loop"
kd capture -q "$core" "$loop"
is 'a file system is not overwritten' 2 $rc
says 'it says how to' '--force overwrites'
kd capture -q -f "$core" "$loop"
is 'but by force' 0 $rc
look "$loop"
is 'and is a dump then' 'yes yes yes yes' "$opens $log $stack $crash"
kd capture -q "$loop" "$loop"
is 'a device is not read from and written to' 2 $rc

# --- devices that are too small
full=$(($(stat -c %s "$tmp/copy") / 1024))
for percent in 50 90; do
	truncate -s $((full * percent / 100))K "$tmp/small"
	small=$(losetup -f --show "$tmp/small")
	kd capture -q "$core" "$small"
	is "a device of $percent %" 4 $rc
	look "$small"
	is "a device of $percent %: what it has" 'yes yes yes yes' "$opens $log $stack $crash"
	losetup -d "$small"
	small=
	rm "$tmp/small"
done

# --- file systems from too small up
say() { [ -z "${TABLE:-}" ] || printf "$@" >>"$TABLE"; }
[ -z "${TABLE:-}" ] || : >"$TABLE"
say '%8s %5s %6s %6s  %-5s %-5s %-5s %-5s  %s\n' KiB exit pages of opens log stack crash left
# one for each: another mount namespace may hold on to the one before
sizes=${SIZES:-8} before=0 least=128 most=$((full * 5 / 4 + 512))
bad='' fewer='' first='' lost='' wrong=''
for ((i = 0; i < sizes; i++)); do
	kib=$((least + (most - least) * i / (sizes - 1)))
	rm -f "$tmp/image"
	mkfs.ext4 -q -F -O ^has_journal -b 1024 -N 32 -m 0 "$tmp/image" ${kib}k \
		>"$tmp/out" 2>"$tmp/err" &&
		mount -o loop "$tmp/image" "$tmp/mnt" 2>"$tmp/err" || not_ok "ext4 of $kib KiB"
	kd capture --json "$core" "$tmp/mnt/x"
	code=$rc pages=$(number pages) left=$(cd "$tmp/mnt" && ls -d x* | xargs)
	kept=$(grep -oE '"wanted": [0-9]+' "$tmp/out" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n }')
	file=$tmp/mnt/x
	[ -e "$file" ] || file=$tmp/mnt/x-incomplete
	look "$file"
	say '%8d %5d %6d %6d  %-5s %-5s %-5s %-5s  %s\n' $kib "$code" "${pages:-0}" "${kept:-0}" \
		$opens $log $stack $crash "$left"
	[ "$code" -eq 4 ] || { [ "$code" -eq 0 ] && [ $i -gt $((sizes / 2)) ]; } || bad+=" $kib:$code"
	[ "${pages:-0}" -ge "$before" ] || fewer+=" $kib"
	before=${pages:-0}
	# once there is room for it, it stays
	if [ $opens$log$stack$crash = yesyesyesyes ]; then first=${first:-$kib}; else
		[ -z "$first" ] || lost+=" $kib"
	fi
	[ "$code" -ne 0 ] || [ "$left" = 'x x.json' ] || wrong+=" $kib:$left"
	umount "$tmp/mnt"
done
is 'every size: all of it, or exit status 4' '' "$bad"
is 'the largest: all of it' 0 "$code"
is 'more space, never fewer pages' '' "$fewer"
is 'from half of the space on log, stack and crash are there' yes \
	"$([ -n "$first" ] && [ $((2 * first)) -le "$most" ] && echo yes)"
is 'and in all that are larger' '' "$lost"
is 'what is whole has its name, what is not has not' '' "$wrong"

# --- one that something uses
mkfs.ext4 -q -F "$loop"
mount "$loop" "$tmp/mnt"
kd capture -q -f "$core" "$loop"
is 'a device that is mounted is not written, not even by force' 2 $rc
says 'it says why' 'in use'
umount "$tmp/mnt"
