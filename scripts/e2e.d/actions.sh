# SPDX-License-Identifier: GPL-3.0-or-later
# What the cases of e2e do, a function each: they make disks and the second kernel's initramfs,
# run the machine, and check what came of it. $dump is set where one was saved.
# shellcheck shell=bash disable=SC2154,SC2034

# run_machine [ARGUMENT-OF-THE-KERNEL]...
run_machine()
{
	first_initrd
	boot "$@"
	wait_end || true
}

# fetch IMAGE: all files of a disk, below $dir/files.
fetch()
{
	mkdir -p "$dir/files"
	debugfs -R "rdump / $dir/files" "$dir/$1" >/dev/null 2>&1 || true
}

# check_cause DUMP [OPTION]...: the crash as kdview on the host sees it.
check_cause()
{
	local vmlinux=$tree/usr/lib/debug/boot/vmlinux-$release what
	[ -e "$vmlinux" ] || vmlinux=''
	for what in verdict report; do
		"$build/kdview" "$what" "$@" $vmlinux >"$dir/$what" 2>"$dir/$what.err" || true
	done
	check "the verdict names the function at fault" \
		grep -E '^in +sysrq_handle_crash$' "$dir/verdict"
	check "and the panic message" \
		grep -E '^panic +Kernel panic - not syncing: sysrq triggered crash' "$dir/verdict"
	check "and the task" grep -E '^task +PID 1 "init" on CPU [01]$' "$dir/verdict"
	check "the report has its stack" grep -E '^#[0-9]+ +write_sysrq_trigger' "$dir/report"
	check "and the kernel log" grep 'sysrq: Trigger a crash' "$dir/report"
}

check_loaded()
{
	check "the crash kernel is loaded" console_has 'kd: crash: sysrq'
}

# What is below $dir/files/var/crash once it is over.
check_saved()
{
	check_loaded
	check "all modules load" sh -c '! grep -a "cannot load" "$1"' sh "$console"
	check "it says that the dump is saved" \
		console_has 'kdview: the dump is saved: /target/var/crash/'
	dump=$(find "$dir/files/var" -name vmcore 2>/dev/null | head -n 1)
	check "vmcore is there" test -s "$dump"
	[ -s "$dump" ] || return 0
	check "its folder is named by kernel and date" sh -c 'case $1 in
		*"/$2-20"[0-9][0-9]-[01][0-9]-*) ;; *) false ;; esac' sh "$dump" "$release"
	check "the log is there as text" grep -q "sysrq: Trigger a crash" "$dump-dmesg.txt"
	check "and the second kernel's" grep -q "kdview-capture" "${dump%/*}/second-dmesg.txt"
	check "it verifies on the host" "$build/kdview" verify "$dump"
	check_cause "$dump"
}

do_dump()
{
	disk crash.img 512 kdcrash
	# The type is seen by the second kernel.
	second_of_initrd LABEL=kdcrash/var/crash --module ext4 \
		--capture-options "-d 31 --compress lzo" --on-done poweroff
	run_machine
	fetch crash.img
	check_saved
	check "the watchdog is armed" console_has "kdview: /dev/watchdog is armed"
	check "it powers off" console_has "kdview: powering off"
	check "the file system is clean" sh -c 'dumpe2fs -h "$1" | grep "state: *clean$"' sh \
		"$dir/crash.img"
}

# Other file systems, by UUID.
do_xfs()
{
	can mkfs.xfs || return 0
	disk crash.img 512
	mkfs.xfs -q -m uuid=0a1b2c3d-1111-2222-3333-0123456789ab "$dir/crash.img"
	second_of_initrd UUID=0a1b2c3d-1111-2222-3333-0123456789ab:xfs/var/crash
	run_machine
	check "it reboots" console_has "kdview: rebooting"
	if [ "$(id -u)" = 0 ]; then
		mkdir -p "$dir/mnt"
		mount -o loop,ro "$dir/crash.img" "$dir/mnt"
		cp -r "$dir/mnt/." "$dir/files"
		umount "$dir/mnt"
		check_saved
	else
		check "it says that the dump is saved" console_has 'kdview: the dump is saved: '
	fi
}

do_vfat()
{
	can mkfs.vfat mcopy || return 0
	disk crash.img 512
	mkfs.vfat -i 0A1B2C3D "$dir/crash.img" >/dev/null
	second_of_initrd UUID=0A1B-2C3D:vfat/var/crash
	run_machine
	check "it reboots" console_has "kdview: rebooting"
	mkdir -p "$dir/files"
	mcopy -s -i "$dir/crash.img" ::/var "$dir/files/"
	check_saved
}

do_dmesg()
{
	disk crash.img 64 kdcrash
	second_of_initrd LABEL=kdcrash:ext4 --dmesg-only
	run_machine
	check_loaded
	check "it says that the log is saved" console_has "is saved: /target/.*/vmcore-dmesg.txt"
	fetch crash.img
	check "the log is there" sh -c 'grep "sysrq: Trigger a crash" "$1"/*/vmcore-dmesg.txt' sh \
		"$dir/files"
	check "nothing else is" sh -c '! ls "$1"/*/vmcore' sh "$dir/files"
}

# Kdview's peers, to be compared with.
do_makedumpfile()
{
	disk crash.img 512 kdcrash
	second_of_makedumpfile
	run_machine
	check_loaded
	check "it says that the dump is saved" console_has 'the dump is saved'
	fetch crash.img
	dump=$dir/files/vmcore
	[ ! -s "$dump" ] || check_cause "$dump"
}

# A label that no disk has, then a file system that is too small, then a raw device.
do_fallback()
{
	disk small.img 8 small
	disk raw.img 400
	second_of_capture <<-'EOF'
		target LABEL=nowhere ext4
		target LABEL=small ext4
		raw /dev/vdb
		capture -d 31
		wait 2
		limit 300
		no such word
	EOF
	run_machine
	check_loaded
	check "a line that is wrong is told" console_has "kdview.conf line [0-9]*: no such word"
	check "what is missing is told" console_has "kdview: no device has LABEL=nowhere, after 2 s"
	check "what does not fit is told" console_has "LABEL=small: not all of it fits"
	check "the device has it" console_has "kdview: the dump is saved: /dev/vdb"
	check "it reboots" console_has "kdview: rebooting"
	dump=$dir/raw.img
	check_cause "$dump"
}

# Where nothing was saved, the log of the kernel that crashed is on the console.
check_log_on_console()
{
	check "the log is on the console" sh -c 'sed "1,/no target has the whole dump/d" "$1" |
		grep -a "sysrq: Trigger a crash"' sh "$console"
}

do_nothing()
{
	second_of_capture </dev/null
	run_machine
	check_loaded
	check "it says so" console_has "kdview: /kdview.conf names no target"
	check_log_on_console
	check "it reboots" console_has "kdview: rebooting"
}

# A target that never comes, and a limit.
do_missing()
{
	second_of_capture <<-'EOF'
		target UUID=00000000-0000-0000-0000-000000000000 xfs
		wait 100000
		limit 15
	EOF
	run_machine
	check_loaded
	check "it does not wait for ever" console_has "kdview: UUID=0.*: not done in time"
	check "it reboots" console_has "kdview: rebooting"
}

# The only target is too small: what fits is what is worth most.
do_full()
{
	disk crash.img 8 kdcrash
	second_of_capture <<-'EOF'
		target LABEL=kdcrash ext4 var/crash
		hook /init verify
		capture -d 31 --compress lzo
		limit 300
	EOF
	run_machine
	check_loaded
	check "what does not fit is told" console_has "LABEL=kdcrash: not all of it fits"
	check "the hook is given what was saved" \
		console_has "kdview: dump  */target/var/crash/.*/vmcore-incomplete"
	check_log_on_console
	check "it reboots" console_has "kdview: rebooting"
	fetch crash.img
	dump=$(find "$dir/files/var" -name 'vmcore-incomplete' | head -n 1)
	check "what fits is there" test -s "$dump"
	[ ! -s "$dump" ] || check_cause "$dump"
}

# The disk goes away while it is written.
do_pulled()
{
	disk crash.img 600 kdcrash 4
	second_of_capture <<-'EOF'
		target LABEL=kdcrash ext4 var/crash
		capture -d 0 --compress none
		limit 60
	EOF
	first_initrd
	boot
	if wait_for 'saving to LABEL=kdcrash'; then
		sleep 3
		hmp 'drive_del drive-crash.img'
	fi
	wait_end || true
	check_loaded
	check "the error is told" console_has "kdview: LABEL=kdcrash: the dump was not saved"
	check_log_on_console
	check "it reboots" console_has "kdview: rebooting"
}

# A byte of the crash kernel's initramfs changes, then the machine crashes.
damage_and_crash()
{
	local at
	second_of_capture </dev/null
	first_initrd
	boot kd.wait=key
	wait_for 'kd: waiting' || return 0
	qmp 60 '{"execute":"stop"}'
	find_reservation
	save_memory "$reserved_at" "$((reserve << 20))" reserved.bin
	at=$(find_in "$dir/reserved.bin" "$dir/second.initrd")
	check "the initramfs is in the reservation" test "$at"
	rm "$dir/reserved.bin"
	change_byte "$((reserved_at + ${at:-0} + 1000))"
	qmp 60 '{"execute":"cont"}'
	press_key
	wait_for 'purgatory: .*--purgatory-on-error=halt' && sleep 1 && stop_machine || wait_end || true
	check_loaded
	check "the purgatory says what is wrong" console_has 'purgatory: sha256 of initrd .*WRONG'
}

check_no_second()
{
	check "it does not start the second kernel" sh -c '! grep -a "second kernel at" "$1"' sh \
		"$console"
}

do_corrupt()
{
	damage_and_crash
	check "and that it reboots" console_has 'purgatory: rebooting without a dump'
	check_no_second
}

do_corrupt_halt()
{
	damage_and_crash
	check "and that it halts" console_has 'purgatory: halted: --purgatory-on-error=halt'
	check_no_second
}

# The second kernel does what it can with such an initramfs.
do_corrupt_continue()
{
	damage_and_crash
	check "and that it goes on" console_has 'purgatory: going on: --purgatory-on-error=continue'
	check "the second kernel starts" sh -c \
		'sed "1,/purgatory: second kernel at/d" "$1" | grep -a "Linux version"' sh "$console"
}

# The memory of the second kernel's machine, as its /dev/oldmem would show it.
do_raw_view()
{
	local headers
	disk crash.img 512 kdcrash
	second_of_capture <<-'EOF'
		target UUID=00000000-0000-0000-0000-000000000000 xfs
		wait 100000
		limit 600
	EOF
	first_initrd
	boot
	wait_for 'kdview: waiting for UUID' || true
	check_loaded
	check "the second kernel is there" kill -0 "$qemu_pid"
	kill -0 "$qemu_pid" 2>/dev/null || return 0
	qmp 60 '{"execute":"stop"}'
	save_memory 0 "$((ram << 20))" memory.raw
	stop_machine
	headers=$(sed -n 's/.*ommand line:.* elfcorehdr=\([^ ]*\).*/\1/p' "$console" | tail -n 1)
	check "the console has the address of the core headers" test "$headers"
	check "kdview saves it" "$build/kdview" capture -q -d 31 --raw-source "$dir/memory.raw" \
		--elfcorehdr "$headers" "$dir/vmcore"
	dump=$dir/vmcore
	check_cause "$dump"
	check_cause --elfcorehdr "$headers" "$dir/memory.raw"
	rm -f "$dir/memory.raw"
}
