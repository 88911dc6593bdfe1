# SPDX-License-Identifier: GPL-3.0-or-later
# capture when things go wrong: killed at any moment, no space, pages that cannot be read, a target
# that is read-only or goes away. KILLS: how many moments (20). Mounts need root; without, they
# are left out.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
# without its vmlinux, as what is written will be
core=$tmp/core
# without holes: what is none is not read, and cannot fail
cp --sparse=never "$CORES/x86_64/vmcore" "$core"
preload=$tmp/preload.so
${CC:-cc} -shared -fPIC -O1 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -o "$preload" \
	"$(dirname "$0")/../fault/preload.c" -ldl >"$tmp/out" 2>"$tmp/err" || not_ok 'the preload builds'
"$KDVIEW" info "$core" 2>/dev/null | grep -E '^(panic|report|task)' >"$tmp/info"
is 'the original tells a crash' 3 "$(wc -l <"$tmp/info")"
"$KDVIEW" log "$core" >"$tmp/log" 2>/dev/null
"$KDVIEW" bt --engine native "$core" >"$tmp/bt" 2>/dev/null
is 'and has a stack' yes "$(grep -qE '^ *#' "$tmp/bt" && echo yes)"

# --- pages that cannot be read: they are lost, and nothing else
size=$(stat -c %s "$core")
from=$((size / 2 / 4096 * 4096))
FAULT_FILE=$core FAULT_FROM=$from FAULT_TO=$((from + 8192)) LD_PRELOAD=$preload \
	timeout 120 "$KDVIEW" capture -d 0 --json "$core" "$tmp/eio" >"$tmp/out" 2>"$tmp/err" </dev/null
rc=$?
is 'a bad place on the disk costs no dump' 0 $rc
lost=$(grep -oE '"lost": [0-9]+' "$tmp/out" | grep -oE '[0-9]+')
# compressed ones: many may lie in 8 KiB
is 'some pages are lost' yes "$([ "${lost:-0}" -ge 1 ] && [ "${lost:-0}" -le 64 ] && echo yes)"
is 'and written down' 1 "$(grep -cE "\"lost_pages\": $lost" "$tmp/eio.json")"
kd info "$tmp/eio"
is 'the rest is there' "$(cat "$tmp/info")" "$(grep -E '^(panic|report|task)' "$tmp/out")"

# --- killed at any moment
kills=${KILLS:-20}
FAULT_WRITE_US=2000 LD_PRELOAD=$preload bash -c \
	"time timeout 300 '$KDVIEW' capture -q --no-check -d 0 '$core' '$tmp/slow'" 2>"$tmp/time"
whole=$(awk '/^real/ { split($2, t, /[ms]/); print int((t[1] * 60 + t[2]) * 1000) }' "$tmp/time")
opened=0 logs=0 panics=0 none=0 wrong=0
for ((i = 0; i < kills; i++)); do
	rm -f "$tmp/killed"*
	FAULT_WRITE_US=2000 LD_PRELOAD=$preload "$KDVIEW" capture -q --no-check -d 0 "$core" \
		"$tmp/killed" >/dev/null 2>&1 </dev/null &
	pid=$!
	sleep "$(awk -v n=$((whole * (2 * i + 1) / (2 * kills))) 'BEGIN { print n / 1000 }')"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	# it was faster than the one before, or had not begun
	[ -e "$tmp/killed" ] || [ ! -s "$tmp/killed-incomplete" ] && { none=$((none + 1)); continue; }
	kd info "$tmp/killed-incomplete"
	[ $rc -eq 0 ] || continue
	opened=$((opened + 1))
	timeout 60 "$KDVIEW" log "$tmp/killed-incomplete" >"$tmp/log.k" 2>/dev/null
	cmp -s "$tmp/log" "$tmp/log.k" && logs=$((logs + 1))
	timeout 60 "$KDVIEW" bt --engine native "$tmp/killed-incomplete" >"$tmp/bt.k" 2>/dev/null
	# frames, without what is known of the file
	if cmp -s <(grep -E '^ *#' "$tmp/bt") <(grep -E '^ *#' "$tmp/bt.k"); then
		panics=$((panics + 1))
	fi
done
printf '    killed %d times in %d ms: %d before a byte or after the end; of the others %d open, %d have the log, %d the panic stack\n' \
	"$kills" "$whole" $none $opened $logs $panics
left=$((kills - none))
is 'most kills found it writing' yes "$([ $((2 * left)) -ge "$kills" ] && echo yes)"
is 'most of what they left opens' yes "$([ $((10 * opened)) -ge $((7 * left)) ] && echo yes)"
is 'most of what opens has the log' yes "$([ $((10 * logs)) -ge $((8 * opened)) ] && echo yes)"
is 'and most the stack of the panic' yes "$([ $((10 * panics)) -ge $((8 * opened)) ] && echo yes)"

# --- slow: who watches is told how far it is, unless it was said not to
for level in 1 31 30; do
	FAULT_WRITE_US=2000 LD_PRELOAD=$preload timeout 120 script -qec \
		"'$KDVIEW' capture --no-check -f -d 0 --message-level $level '$core' '$tmp/slow'" \
		/dev/null >"$tmp/out" 2>"$tmp/err" </dev/null
	is "--message-level $level: progress" $((level & 1)) \
		"$(tr '\r' '\n' <"$tmp/out" | grep -cE '[0-9]+ ?%' | sed 's/^[1-9].*/1/')"
done
rm -f "$tmp/slow"*

# --- stopped by a signal: what is there stays
for signal in INT TERM; do
	rm -f "$tmp/stopped"*
	FAULT_WRITE_US=2000 LD_PRELOAD=$preload env --default-signal=INT "$KDVIEW" capture -q -d 0 "$core" \
		"$tmp/stopped" >/dev/null 2>"$tmp/err" </dev/null &
	pid=$!
	sleep "$(awk -v n=$((whole / 2)) 'BEGIN { print n / 1000 }')"
	kill -$signal $pid
	wait $pid 2>/dev/null
	rc=$?
	is "SIG$signal ends it by that signal" $((128 + $(kill -l $signal))) $rc
	is 'it stays incomplete' 'stopped-incomplete' "$(cd "$tmp" && echo stopped*)"
	kd info "$tmp/stopped-incomplete"
	is 'and opens' "$(cat "$tmp/info")" "$(grep -E '^(panic|report|task)' "$tmp/out")"
done

# --- the target goes away
mkdir "$tmp/gone"
FAULT_WRITE_US=2000 LD_PRELOAD=$preload "$KDVIEW" capture -q -d 0 "$core" "$tmp/gone/x" \
	>/dev/null 2>"$tmp/err" </dev/null &
pid=$!
sleep "$(awk -v n=$((whole / 2)) 'BEGIN { print n / 1000 }')"
rm -r "$tmp/gone"
wait $pid
is 'a folder that vanishes is a failure' 1 $?

# --- file systems of every size
mkdir "$tmp/mnt"
if ! mount -t tmpfs -o size=1m none "$tmp/mnt" 2>/dev/null; then
	ok 'no mounts here: the rest is left out'
	exit 0
fi
umount "$tmp/mnt"
trap 'umount "$tmp/mnt" 2>/dev/null; rm -rf "$tmp"' EXIT
kd capture -q --no-check "$core" "$tmp/full"
need=$(($(stat -c %s "$tmp/full") / 1024))
before=0
for percent in 1 5 20 40 60 80 95 110; do
	mount -t tmpfs -o size=$((need * percent / 100))k none "$tmp/mnt"
	kd capture --json "$core" "$tmp/mnt/x"
	want=4
	[ $percent -gt 100 ] && want=0
	is "a file system of $percent %" $want $rc
	written=$(grep -oE '"pages": [0-9]+' "$tmp/out" | head -n 1 | grep -oE '[0-9]+')
	is 'more space, more pages' yes "$([ "${written:-0}" -ge $before ] && echo yes)"
	before=${written:-0}
	if [ $percent -ge 60 ]; then
		file=$tmp/mnt/x
		[ -e "$file" ] || file=$tmp/mnt/x-incomplete
		kd info "$file"
		is 'it tells the crash' "$(cat "$tmp/info")" "$(grep -E '^(panic|report|task)' "$tmp/out")"
	fi
	umount "$tmp/mnt"
done
mount -t tmpfs -o size=$((need * 60 / 100))k none "$tmp/mnt"
kd capture -q --fit "$core" "$tmp/mnt/x"
is '--fit keeps what fits under its name' '4 yes' "$rc $([ -s "$tmp/mnt/x" ] && echo yes)"
rm -f "$tmp/mnt/"*
kd capture -q -d 0,31 "$core" "$tmp/mnt/x"
is 'a list of levels ends at the last' 4 $rc
umount "$tmp/mnt"
mount -t tmpfs -o size=$((need * 2))k none "$tmp/mnt"
kd capture -q --free-keep $((need * 3 / 2))k "$core" "$tmp/mnt/x"
is '--free-keep leaves that' "4 yes" \
	"$rc $([ "$(df -k --output=avail "$tmp/mnt" | tail -n 1)" -ge $((need * 3 / 2 - 64)) ] && echo yes)"
mount -o remount,ro "$tmp/mnt"
kd capture -q "$core" "$tmp/mnt/y"
is 'a read-only target' 1 $rc
umount "$tmp/mnt"
