# SPDX-License-Identifier: GPL-3.0-or-later
# What other programs make of a dump that is not whole: cut at any place, or left by a capture
# that was killed. Where crash and drgn are installed they open it, give the stack of the crash
# and as many tasks as of the whole one.
#
# From the environment: KILLS moments (10; 100 for a table worth the name), PERCENTS where to cut,
# DUMP and VMLINUX to use instead of a fixture, LEVEL of the output, CRASH and DRGN (python3
# that has drgn): words of a command each. A table goes to file TABLE.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
dump=${DUMP:-$CORES/x86_64/vmcore} vmlinux=${VMLINUX:-$CORES/x86_64/vmlinux}
kills=${KILLS:-10} table=${TABLE:-/dev/null}
# kdview takes what is left as all else does: alone
mkdir "$tmp/alone"
preload=$tmp/preload.so
${CC:-cc} -shared -fPIC -O1 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -o "$preload" \
	"$(dirname "$0")/../fault/preload.c" -ldl >"$tmp/out" 2>"$tmp/err" || not_ok 'the preload builds'
cat >"$tmp/tasks.py" <<'PY'
import sys
import drgn
from drgn.helpers.linux.pid import for_each_task
prog = drgn.Program()
prog.set_core_dump(sys.argv[2])
prog.load_debug_info([sys.argv[1]])
print("tasks", len(list(for_each_task(prog))))
PY

# What each says of a dump, as far as it should be the same for one that is not whole.
by_kdview() { timeout 60 "$KDVIEW" info "$1" 2>/dev/null | grep -E '^(panic|report|task)'; }
by_log() { timeout 60 "$KDVIEW" log "$1" 2>/dev/null; }
by_stack() { timeout 60 "$KDVIEW" bt --engine native "$1" 2>/dev/null | grep -E '^ *#'; }
by_crash() {
	# shellcheck disable=SC2086
	printf 'bt\nps\nquit\n' | timeout 200 ${CRASH:-crash} -s "$vmlinux" "$1" 2>/dev/null |
		sed -nE 's/^ (#[0-9]+) .* ([^ ]+) at .*/\1 \2/p; s/^>? +([0-9]+) +[0-9]+ +[0-9]+ +[0-9a-f]{16}.*/task \1/p'
}
by_drgn() {
	# shellcheck disable=SC2086
	timeout 200 ${DRGN:-/usr/bin/python3} "$tmp/tasks.py" "$vmlinux" "$1" 2>/dev/null
}

# those of the peers that are there and open the whole dump
whos=(kdview log stack)
kd convert -q -d "${LEVEL:-31}" -l "$dump" "$tmp/whole"
is 'a whole one' 0 $rc
for who in "${whos[@]}" crash drgn; do
	"by_$who" "$tmp/whole" >"$tmp/want.$who"
	case $who in
	crash) grep -q '^#1' "$tmp/want.crash" && grep -q '^task' "$tmp/want.crash" && whos+=(crash) ;;
	drgn) grep -q 'tasks [1-9]' "$tmp/want.drgn" && whos+=(drgn) ;;
	*) is "$who: of the whole one" yes "$([ -s "$tmp/want.$who" ] && echo yes)" ;;
	esac
done
[ "${#whos[@]}" -gt 3 ] || ok 'neither crash nor drgn opens such dumps here'

# look FILE: who says of it what he says of the whole; $said has one word for each.
look() {
	local who
	said=
	for who in "${whos[@]}"; do
		if "by_$who" "$1" | cmp -s - "$tmp/want.$who"; then
			said="$said $who"
		else
			said="$said -"
		fi
	done
	said=${said# }
}

size=$(stat -c %s "$tmp/whole")
{
	echo "# $(basename "$(dirname "$dump")"), level ${LEVEL:-31}, $size bytes"
	echo '# cut at'
} >>"$table"
for percent in ${PERCENTS:-10 25 50 75 95}; do
	head -c $((size / 100 * percent)) "$tmp/whole" >"$tmp/alone/cut"
	look "$tmp/alone/cut"
	printf '%4d %%  %s\n' "$percent" "$said" >>"$table"
	[ "$percent" -lt 50 ] || is "cut at $percent %" "${whos[*]}" "$said"
done
rm -f "$tmp/alone/cut"

echo '# killed' >>"$table"
slow=(env FAULT_WRITE_US=${WRITE_US:-4000} "LD_PRELOAD=$preload" "$KDVIEW" capture -q --no-check -l -j 1
	-d "${LEVEL:-31}" "$dump" "$tmp/alone/x")
begun=$(date +%s%N)
timeout 300 "${slow[@]}" >"$tmp/out" 2>"$tmp/err" </dev/null
is 'slowly, to its end' 0 $?
whole=$((($(date +%s%N) - begun) / 1000000))
rm -f "$tmp/alone/"x*
early=0 done=0 half=0 good=0
declare -A count=()
RANDOM=${SEED:-1}
for ((i = 0; i < kills; i++)); do
	"${slow[@]}" >/dev/null 2>&1 </dev/null &
	pid=$!
	sleep "$(awk -v n=$((whole * (RANDOM % 1000) / 1000)) 'BEGIN { print n / 1000 }')"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	file=$tmp/alone/x-incomplete
	if [ -e "$tmp/alone/x" ]; then
		done=$((done + 1))
	elif [ ! -s "$file" ]; then
		early=$((early + 1))
	else
		look "$file"
		for who in $said; do count[$who]=$((${count[$who]:-0} + 1)); done
		percent=$(($(stat -c %s "$file") * 100 / size))
		printf '%4d %%  %s\n' $percent "$said" >>"$table"
		if [ $percent -ge 50 ]; then
			half=$((half + 1))
			[ "$said" = "${whos[*]}" ] && good=$((good + 1))
		fi
	fi
	rm -f "$tmp/alone/"x*
done
{
	printf '# killed %d times in %d ms: %d before a byte, %d after the end;' "$kills" $whole $early $done
	printf ' of the others:'
	for who in "${whos[@]}"; do printf ' %s %d' "$who" "${count[$who]:-0}"; done
	echo
} >"$tmp/sum"
cat "$tmp/sum" >>"$table"
sed 's/^# /    /' "$tmp/sum"
is 'half of it written: all of them tell all' $half $good
[ "$kills" = 0 ] || is 'some were killed while they wrote' yes "$([ $((early + done)) -lt "$kills" ] && echo yes)"
