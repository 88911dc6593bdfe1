# SPDX-License-Identifier: GPL-3.0-or-later
# Dumps as a hypervisor writes them: without a VMCOREINFO note, which is found in memory; of a
# machine that had not crashed.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# outside KIND FIXTURE-OR-FILE [ARGUMENT...]: $tmp/dump, and $note, where in memory the note is
outside() {
	local kind=$1 src=$2
	shift 2
	[ -d "$CORES/$src" ] && src=$CORES/$src/vmcore
	note=$("$here/outside.py" "$kind" "$src" "$tmp/dump" "$@" 2>"$tmp/err" | head -n 1)
}

# same NAME FIXTURE OPTION...: what the fixture has, the dump has
same() {
	local name=$1 fixture=$2 c
	shift 2
	for c in 'ps --json' 'bt -a --no-args' mod log; do
		# shellcheck disable=SC2086
		kd $c "$CORES/$fixture/vmcore" "$CORES/$fixture/vmlinux"
		cp "$tmp/out" "$tmp/want"
		# shellcheck disable=SC2086
		kd $c "$@" "$tmp/dump" "$CORES/$fixture/vmlinux"
		is "$name: $c: exit code" 0 $rc
		diff "$tmp/want" "$tmp/out" >"$tmp/diff"
		is "$name: $c: the same" 0 $?
	done
}

for n in x86_64 i386-pae-elf64 i386-nopae-elf32; do
	outside note $n
	kd info "$tmp/dump" "$CORES/$n/vmlinux"
	is "$n without note: info" 0 $rc
	shows "$n without note: says where VMCOREINFO was" \
		"^VMCOREINFO +not the dump's note, but found in its memory, at physical address $note\$"
	lacks "$n without note: nothing else to say" '^about the dump'
	kd info --json "$tmp/dump" "$CORES/$n/vmlinux"
	shows "$n without note: in JSON" '"vmcoreinfo_from": "memory"'
	shows "$n without note: where, in JSON" "\"vmcoreinfo_address\": \"$note\""
	same "$n without note" $n
done
kd info "$CORES/x86_64/vmcore" "$CORES/x86_64/vmlinux"
lacks 'with a note: nothing is said' '^VMCOREINFO'

outside note x86_64
kd info --vmcoreinfo "$note" "$tmp/dump" "$CORES/x86_64/vmlinux"
is 'a place given: exit code' 0 $rc
shows 'a place given: taken' "^VMCOREINFO .* $note\$"
kd info --vmcoreinfo 0x3000 "$tmp/dump" "$CORES/x86_64/vmlinux"
is 'a wrong place given: dump unusable' 3 $rc
says 'a wrong place given: named' 'no VMCOREINFO at physical address 0x3000'
kd info --vmcoreinfo nowhere "$tmp/dump" "$CORES/x86_64/vmlinux"
is 'no place given: usage' 2 $rc
mkdir "$tmp/alone"
mv "$tmp/dump" "$tmp/alone/vmcore"
kd ps "$tmp/alone/vmcore"
is 'without note nor vmlinux: ps' 0 $rc
shows 'without note nor vmlinux: tasks' 'kthreadd'

outside lost x86_64
kd info "$tmp/dump" "$CORES/x86_64/vmlinux"
is 'no VMCOREINFO anywhere: dump unusable' 3 $rc
says 'no VMCOREINFO anywhere: what was tried' 'no VMCOREINFO note, and there is none in its memory'
says 'no VMCOREINFO anywhere: what to do' '"-device vmcoreinfo"'

for n in x86_64 i386-nopae-elf32; do
	outside raw $n
	kd info --elfcorehdr 0 "$tmp/dump" "$CORES/$n/vmlinux"
	is "$n as raw memory: info" 0 $rc
	shows "$n as raw memory: named" '^dump .*raw memory, without core headers'
	same "$n as raw memory" $n --elfcorehdr 0
done
head -c 2M /dev/urandom >"$tmp/noise"
kd info --elfcorehdr 0 "$tmp/noise" "$CORES/x86_64/vmlinux"
is 'noise as raw memory: unusable' 3 $rc
says 'noise as raw memory: says so' 'there is none in its memory'

if command -v makedumpfile >/dev/null; then
	makedumpfile --message-level 4 -c -d 1 "$CORES/x86_64/vmcore" "$tmp/kdump" >/dev/null 2>&1 </dev/null
	outside note "$tmp/kdump"
	kd info "$tmp/dump" "$CORES/x86_64/vmlinux"
	shows 'kdump-compressed, without note: found' '^VMCOREINFO .* found in its memory'
	same 'kdump-compressed, without note' x86_64
fi

# physical FIXTURE SYMBOL...: their addresses in memory
physical() {
	local dir=$CORES/$1 sym
	shift
	for sym; do
		"$KDVIEW" vtop --json "$dir/vmcore" "$dir/vmlinux" "$sym" 2>/dev/null |
			sed -n 's/.*"physical": "\(0x[0-9a-f]*\)".*/\1/p'
	done
}

# What the crash left in memory is undone: nothing says any more that it crashed.
for n in x86_64 i386-pae-elf64 i386-nopae-elf32 i386-nopae-elf64; do
	vmlinux=$CORES/$n/vmlinux
	# shellcheck disable=SC2046
	outside running $n $(physical $n crashing_cpu panic_cpu)
	kd info "$tmp/dump" "$vmlinux"
	is "$n, running: info" 0 $rc
	shows "$n, running: said" '^panic +none: the kernel had not crashed when the dump was taken$'
	shows "$n, running: when" '^dumped +20'
	lacks "$n, running: no words of a crash" '^(task|crashed) |crash note'
	kd info --json "$tmp/dump" "$vmlinux"
	shows "$n, running: in JSON" '"crashed": false'
	lacks "$n, running: no time of a crash in JSON" '"crash_time'
	kd bt "$tmp/dump" "$vmlinux"
	is "$n, running: bt" 0 $rc
	cp "$tmp/out" "$tmp/bt"
	shows "$n, running: bt says what it shows" '^the kernel had not crashed: this is what its CPUs did$'
	kd bt -a "$tmp/dump" "$vmlinux"
	is "$n, running: bt without arguments is bt -a" "$(sed 1,2d "$tmp/bt")" "$(cat "$tmp/out")"
	shows "$n, running: who was on CPU 0" '^PID .* CPU 0 .*on CPU$'
	shows "$n, running: who was on CPU 1" '^PID .* CPU 1 .*on CPU$'
	lacks "$n, running: nobody panicked" 'panicked'
	kd report --engine=native "$tmp/dump" "$vmlinux"
	is "$n, running: the report is whole" 0 $rc
	shows "$n, running: the report's title" '^== The machine ==$'
	lacks "$n, running: no crash in the report" '^== (What|The task that) crashed ==$|^Not whole'
	kd cpu --json "$tmp/dump" "$vmlinux"
	lacks "$n, running: no CPU crashed" '"panicked": true'
	kd regs "$tmp/dump" "$vmlinux"
	is "$n, running: regs of nobody" 1 $rc
	says "$n, running: regs says why" 'had not crashed, so no task stands out'
done

# What only variables say, or only the log, or only VMCOREINFO, is a crash all the same.
outside running x86_64
kd info "$tmp/dump" "$CORES/x86_64/vmlinux"
shows 'crashed by its variables alone' '^crashed +20'
shows 'crashed by its variables alone: who' '^task +PID [0-9]+ '
for n in x86_64 i386-pae-elf64 i386-nopae-elf32 i386-nopae-elf64 x86_64-irq; do
	kd info "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
	shows "$n: crashed" '^crashed +20.*UTC$'
done
