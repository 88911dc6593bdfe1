# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: the sentence the user gets, on stderr, with its exit code.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
x=$CORES/x86_64
i=$CORES/i386-nopae-elf32

kd info /etc/passwd "$x/vmlinux"
is 'not a dump: usage' 2 $rc
says 'not a dump: names what the file is' 'no dump given; /etc/passwd: text'

kd bt "$tmp/absent"
is 'missing file: usage' 2 $rc
says 'missing file: named' 'no such file'

: >"$tmp/empty"
kd info "$tmp/empty" "$x/vmlinux"
is 'empty file: usage' 2 $rc
says 'empty file: named' 'empty'

kd bt "$x/vmcore" "$x/vmlinux" "$x/vmlinux"
is 'two vmlinux: usage' 2 $rc

kd frobnicate "$x/vmcore"
is 'unknown command: usage' 2 $rc
says 'unknown command: named' 'no command "frobnicate"'

head -c 3000 "$x/vmcore" >"$tmp/tiny"
kd info "$tmp/tiny" "$x/vmlinux"
is 'cut inside the notes: dump unusable' 3 $rc
says 'cut inside the notes: says so' 'truncated: the file ends at 3000 bytes'

size=$(stat -c %s "$x/vmcore")
# the kernel's image comes first in the file; of the rest, what is left holds few tasks
head -c $((size / 8)) "$x/vmcore" >"$tmp/half"
kd info "$tmp/half" "$x/vmlinux"
is 'cut in the middle: opens' 0 $rc
shows 'cut in the middle: says how much is lost' '^lost .*the file is shorter than its headers say'
kd ps "$tmp/half" "$x/vmlinux"
shows 'cut in the middle: tasks are there' 'kthreadd'
kd bt "$tmp/half" "$x/vmlinux"
is 'cut in the middle: bt ends' 1 "$((rc == 0 || rc == 1))"

kd bt "$x/vmcore" "$i/vmlinux"
is 'i386 vmlinux, x86_64 dump: refused' 3 $rc
says 'i386 vmlinux, x86_64 dump: both named' 'is an i386 kernel, but the dump is of an x86_64 one'
kd bt "$i/vmcore" "$x/vmlinux"
is 'x86_64 vmlinux, i386 dump: refused' 3 $rc
says 'x86_64 vmlinux, i386 dump: both named' 'is an x86_64 kernel, but the dump is of an i386 one'

kd bt "$i/vmcore" "$CORES/i386-pae-elf64/vmlinux"
is 'wrong build: refused' 3 $rc
says 'wrong build: both build IDs named' \
	'is not the kernel that crashed: its build ID is [0-9a-f]{40}, the dump.s is [0-9a-f]{40}'
kd --force info "$i/vmcore" "$CORES/i386-pae-elf64/vmlinux"
is 'wrong build, forced: no crash' 1 "$((rc <= 3))"

# what a dump tells alone is tests/e2e/alone_e2e.sh's
mkdir "$tmp/alone"
ln -s "$i/vmcore" "$tmp/alone/vmcore"
(cd "$tmp/alone" && "$KDVIEW" ps vmcore >"$tmp/out" 2>"$tmp/err")
is 'no vmlinux, no types in the dump: failed' 1 $?
says 'no vmlinux, no types in the dump: says what is missing' 'no vmlinux was found.*types: '
says 'no vmlinux, no types in the dump: says what to install' 'apt install linux-image-'
(cd "$tmp/alone" && "$KDVIEW" info vmcore >"$tmp/out" 2>"$tmp/err")
shows 'no vmlinux anywhere: says what was tried' 'no vmlinux found for kernel .*tried: '

strip -g -o "$tmp/nodebug" "$x/vmlinux"
# i386 kernels have no BTF that could stand in for it
strip -g -o "$tmp/nothing" "$i/vmlinux"
kd bt "$tmp/alone/vmcore" "$tmp/nothing"
is 'no debug information: refused' 3 $rc
says 'no debug information: says so' 'has no debug information .*its debug file was not found'
kd bt "$x/vmcore" "$tmp/nodebug"
is 'BTF only: stacks all the same' 0 $rc
shows 'BTF only: functions' 'process_one_work\+'
says 'BTF only: says what is missing and where it is' 'no debug information .*linux-image-.*-dbg'
strip -s -o "$tmp/stripped" "$i/vmlinux"
kd bt "$tmp/alone/vmcore" "$tmp/stripped"
is 'stripped: refused' 3 $rc
says 'stripped: says so' 'no symbol table: it is stripped'

kd mem "$x/vmcore" "$x/vmlinux" 0x10
is 'unmapped address: failed' 1 $rc
says 'unmapped address: says so' '0x10: not mapped'
kd eval "$x/vmcore" "$x/vmlinux" 'no_such_symbol + 1'
is 'unknown symbol: failed' 1 $rc
says 'unknown symbol: in gdb.s words' 'No symbol "no_such_symbol"'
kd bt "$x/vmcore" "$x/vmlinux" 99999
is 'no such task: failed' 1 $rc
says 'no such task: says so' 'no task has PID 99999'

# Pages excluded by a filter: the same dump with a segment of which only some MB are kept.
cat >"$tmp/exclude.py" <<'PY'
import shutil, struct, sys
src, dst, keep = sys.argv[1:]
shutil.copyfile(src, dst)
with open(dst, "r+b") as f:
    e = f.read(64)
    phoff, phnum = struct.unpack_from("<Q", e, 32)[0], struct.unpack_from("<H", e, 56)[0]
    loads = []
    for i in range(phnum):
        f.seek(phoff + 56 * i)
        p = list(struct.unpack("<IIQQQQQQ", f.read(56)))
        if p[0] == 1:
            loads.append((p[5], i, p))
    # of the biggest segment only the start is kept: the rest is excluded, not lost
    _, i, p = max(loads, key=lambda l: l[2][6])
    p[5] = int(keep) << 20
    f.seek(phoff + 56 * i)
    f.write(struct.pack("<IIQQQQQQ", *p))
PY
python3 "$tmp/exclude.py" "$x/vmcore" "$tmp/excluded" 4
kd info "$tmp/excluded" "$x/vmlinux"
shows 'excluded pages: counted' '^missing .*left out by the filter'
# Which stack lies where differs from dump to dump: some amount of memory leaves a task, but
# not its stack.
excluded= lost=
for mb in 2 3 4 5 6 7 8 9 10; do
	python3 "$tmp/exclude.py" "$x/vmcore" "$tmp/excluded" $mb
	kd bt --all "$tmp/excluded" "$x/vmlinux"
	grep -qE '^    -- no stack: .*excluded from the dump by a filter' "$tmp/out" && excluded=1
	head -c $((17000000 + mb * 1048576)) "$x/vmcore" >"$tmp/cut"
	kd bt --all "$tmp/cut" "$x/vmlinux"
	grep -qE '^    -- no stack: .*is lost: the dump file is truncated' "$tmp/out" && lost=1
	[ "$excluded$lost" = 11 ] && break
done
is 'excluded page in a stack: says so' 1 "$excluded"
is 'lost page in a stack: says so' 1 "$lost"

kd --engine gdb --gdb "$tmp/no-gdb" bt "$x/vmcore" "$x/vmlinux"
is 'gdb missing: failed' 1 $rc
says 'gdb missing: named' "can not start $tmp/no-gdb"
kd --engine gdb --gdb /bin/false bt "$x/vmcore" "$x/vmlinux"
is 'gdb that ends at once: failed' 1 $rc
says 'gdb that ends at once: says so' 'gdb'

# Unless gdb was asked for, it goes on without.
without_gdb() {
	is "$1: stacks without it" 0 $rc
	says "$1: said" "$2.*; stacks are shown without arguments"
	is "$1: said once" 1 "$(wc -l <"$tmp/err")"
	shows "$1: frames" '^#[0-9]+ +kthreadd\+0x.* kernel/kthread\.c:[0-9]+'
}
kd --gdb "$tmp/no-gdb" bt --all "$x/vmcore" "$x/vmlinux"
without_gdb 'gdb missing' "can not start $tmp/no-gdb"
kd --gdb "$tmp/no-gdb" bt --locals "$x/vmcore" "$x/vmlinux"
is 'gdb missing: local variables can not be had' 1 $rc
says 'gdb missing: what for' 'local variables: can not start'
shows 'gdb missing: frames all the same' '^#[0-9]+ +process_one_work\+0x'
kd --gdb "$tmp/no-gdb" report "$x/vmcore" "$x/vmlinux"
is 'gdb missing: the report is not whole' 1 $rc
shows 'gdb missing: what the report lacks' '^stack of PID .*: local variables: can not start'

# A gdb between us and the real one, which dies or falls silent at the first question on frames.
cat >"$tmp/gdb" <<'SH'
#!/bin/bash
mkfifo "$0.$$"
gdb "$@" <"$0.$$" &
pid=$!
exec 3>"$0.$$"
rm "$0.$$"
while IFS= read -r line; do
	case $line in
	*-stack-list-frames*)
		[ -n "${GDB_SILENT:-}" ] && { trap '' INT; sleep 60 & wait; continue; }
		kill -9 $pid
		kill -9 $$
		;;
	esac
	printf '%s\n' "$line" >&3
done
exec 3>&-
wait $pid
SH
chmod +x "$tmp/gdb"
kd --engine gdb --gdb "$tmp/gdb" bt "$x/vmcore" "$x/vmlinux"
is 'gdb killed while answering: failed' 1 $rc
says 'gdb killed while answering: says how it ended' 'gdb was killed by signal 9'
kd --gdb "$tmp/gdb" bt kthreadd swapper/0 1 "$x/vmcore" "$x/vmlinux"
without_gdb 'gdb killed while answering' 'gdb was killed by signal 9'
GDB_SILENT=1 kd --engine gdb --gdb "$tmp/gdb" --gdb-timeout 1 bt "$x/vmcore" "$x/vmlinux"
is 'silent gdb: failed' 1 $rc
says 'silent gdb: says so' 'gdb .*(answer|seconds|time)'
GDB_SILENT=1 kd --gdb "$tmp/gdb" --gdb-timeout 1 bt kthreadd 1 "$x/vmcore" "$x/vmlinux"
without_gdb 'silent gdb' 'gdb .*(answer|seconds|time)'

kd report -o "$tmp/report" "$x/vmcore" "$x/vmlinux"
is 'a report is its owner.s only' 600 "$(stat -c %a "$tmp/report")"
kd info "$x/vmcore" "$x/vmlinux" -o /dev/full
is 'full disk: failed' 1 $rc
says 'full disk: says so' 'No space left'
