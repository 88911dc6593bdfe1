# SPDX-License-Identifier: GPL-3.0-or-later
# QEMU's monitor, and dumps by it: what big.sh and outside.sh share. The script that reads this has
# die() and step(), and DUMP_SECONDS; $out is where dumps go, $log the guest's console, and the
# coprocess' descriptors are in $from_qemu and $to_qemu, its id in $qemu_pid.
# shellcheck shell=bash disable=SC2154,SC2034
qemu_pid=''
copy_pid=''

cleanup()
{
	local pid
	for pid in $qemu_pid $copy_pid; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	qemu_pid=''
	copy_pid=''
	rm -f "$out"/*.part "$out/pipe" "$out/initrd"
}

# qmp SECONDS JSON: sends one command to QEMU's monitor and waits for its answer, in $answer.
qmp()
{
	local line end=$((SECONDS + $1))
	echo "$2" >&"$to_qemu" || die "QEMU is gone: see $log"
	while read -r -t "$((end > SECONDS ? end - SECONDS : 1))" -u "$from_qemu" line; do
		case $line in
		'{"return"'*)
			answer=$line
			return
			;;
		'{"error"'*) die "QEMU: $line" ;;
		esac
	done
	die "QEMU does not answer to $2"
}

# dump FORMAT PAGING NAME: QEMU writes zeros, so its output goes through dd, which leaves holes.
dump()
{
	local start=$SECONDS
	rm -f "$out/pipe"
	mkfifo "$out/pipe"
	dd if="$out/pipe" of="$out/$3.part" ibs=1M iflag=fullblock obs=4096 conv=sparse \
		status=none &
	copy_pid=$!
	qmp "$DUMP_SECONDS" "{\"execute\":\"dump-guest-memory\",\"arguments\":{\"paging\":$2,
		\"protocol\":\"file:pipe\",\"format\":\"$1\"}}"
	wait "$copy_pid" || die "$3 could not be written"
	copy_pid=''
	mv "$out/$3.part" "$out/$3"
	step "$3: $(stat -c %s "$out/$3") bytes, $(du -m "$out/$3" | cut -f1) MiB on disk," \
		"$((SECONDS - start)) s"
}

stop_guest()
{
	qmp 60 '{"execute":"quit"}'
	wait "$qemu_pid" || true
	qemu_pid=''
	exec {from_qemu}<&- {to_qemu}>&-
}
