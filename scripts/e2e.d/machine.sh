# SPDX-License-Identifier: GPL-3.0-or-later
# One virtual machine of e2e: it boots, its console is written down with the time, and the host
# can stop it, look at its memory, change a byte of it, or take a disk away. $dir is the case's
# folder; $tree, $release, $ram and $reserve say what boots. The rest is in monitor.sh.
# shellcheck shell=bash disable=SC2154
console=''
logger_pid=''
disks=()

# disk FILE MIB [LABEL [MIB/S]]: ext4 if it has a label; the last number makes it slow.
disk()
{
	truncate -s "$2M" "$dir/$1"
	[ -z "${3-}" ] || mkfs.ext4 -q -F -L "$3" "$dir/$1"
	disks+=(-drive "file=$1,format=raw,if=none,id=drive-$1,cache=unsafe${4:+,throttling.bps-write=$(($4 << 20))}"
		-device "virtio-blk-pci,drive=drive-$1,id=$1")
}

# Seconds since the machine started, before each line that the console shows.
write_console()
{
	local line now start=${EPOCHREALTIME/[.,]/}
	while IFS= read -r line || [ "$line" ]; do
		now=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
		printf '%d.%03d %s\n' "$((now / 1000))" "$((now % 1000))" "${line//$'\r'/}"
	done
}

# boot [ARGUMENT-OF-THE-KERNEL]...
boot()
{
	console=$dir/console.log
	log=$console
	mkfifo "$dir/con.in" "$dir/con.out"
	# Relative names: QEMU's option syntax has no safe way to quote a path.
	coproc QEMU {
		cd "$dir" && exec timeout "$BOOT_SECONDS" qemu-system-x86_64 -M pc \
			-accel tcg,thread=multi -cpu max -m "$ram" -smp 2 -nodefaults \
			-display none -no-reboot -qmp stdio \
			-chardev pipe,id=con,path=con -serial chardev:con \
			-gdb unix:path=gdb,server=on,wait=off \
			-kernel "$tree/boot/vmlinuz-$release" -initrd first.initrd \
			-append "console=ttyS0 crashkernel=${reserve}M panic=5 $*" \
			"${disks[@]}" 2>"$dir/qemu.log"
	}
	# shellcheck disable=SC2153 # bash sets QEMU_PID
	qemu_pid=$QEMU_PID
	# shellcheck disable=SC2034 # for monitor.sh
	exec {from_qemu}<&"${QEMU[0]}" {to_qemu}>&"${QEMU[1]}"
	write_console <"$dir/con.out" >"$console" &
	logger_pid=$!
	qmp 60 '{"execute":"qmp_capabilities"}'
}

# Until the machine has ended; false: it was ended.
wait_end()
{
	local rc=0
	wait "$qemu_pid" || rc=$?
	qemu_pid=''
	exec {from_qemu}<&- {to_qemu}>&-
	wait "$logger_pid" || true
	logger_pid=''
	rm -f "$dir"/con.{in,out} "$dir/gdb"
	[ "$rc" = 0 ] || echo "$name: the machine did not end by itself"
	return "$rc"
}

stop_machine()
{
	qmp 60 '{"execute":"quit"}'
	wait_end || true
}

console_has()
{
	grep -a -q -e "$1" "$console"
}

# wait_for TEXT: until the console shows it; false: it never will.
wait_for()
{
	until console_has "$1"; do
		kill -0 "$qemu_pid" 2>/dev/null || return 1
		sleep 0.2
	done
}

# The machine crashes when a key is pressed, if it booted with kd.wait=key.
press_key()
{
	echo >"$dir/con.in"
}

# The seconds of the first line with TEXT behind one with the other.
seconds_between()
{
	[ -e "$dir/console.log" ] || return 0
	awk -v from="$1" -v to="$2" 'index($0, from) && !a { a = $1 }
		a && index($0, to) { printf "%.1f\n", $1 - a; exit }' "$dir/console.log"
}

# hmp COMMAND: of QEMU's other monitor.
hmp()
{
	qmp 60 "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"$1\"}}"
}

# save_memory FROM SIZE FILE
save_memory()
{
	qmp 600 "{\"execute\":\"pmemsave\",\"arguments\":{\"val\":$(($1)),\"size\":$(($2)),
		\"filename\":\"$3\"}}"
}

# change_byte ADDRESS: of physical memory; the machine goes on afterwards.
change_byte()
{
	gdb -nx -batch -ex "target remote $dir/gdb" -ex 'maintenance packet Qqemu.PhyMemMode:1' \
		-ex "set {unsigned char}$1 = {unsigned char}$1 ^ 0x40" -ex detach >"$dir/gdb.log" 2>&1
}

# Where the machine's reservation is, in $reserved_at; in bytes.
find_reservation()
{
	reserved_at=$(sed -n 's/.*[Rr]eserving \([0-9]*\)MB of memory at \([0-9]*\)MB .*/\2/p' \
		"$console" | tail -n 1)
	[ "$reserved_at" ] || die "$name: the console does not say where crashkernel= lies"
	reserved_at=$((reserved_at << 20))
}

# find_in FILE PART: the offset in FILE at which all of PART stands; nothing if it does not.
find_in()
{
	local word=0a from=64 at
	# grep looks line by line: a piece without a line feed.
	while [[ $word == *0a* ]]; do
		from=$((from + 16))
		word=$(od -An -v -tx1 -j "$from" -N 16 "$2" | sed 's/ /\\x/g')
	done
	for at in $(grep -obUaP -e "$word" "$1" | cut -d: -f1); do
		! cmp -s -n "$(stat -c %s "$2")" -i "$((at - from)):0" "$1" "$2" || {
			echo "$((at - from))"
			return
		}
	done
}
