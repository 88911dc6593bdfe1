# SPDX-License-Identifier: GPL-3.0-or-later
# Every format and compressor that convert writes, opened by the other programs that read dumps: each
# answers as it does of the dump it was made of. gdb and cores of virtual memory: convert_e2e.sh.
#
#   crash          all kdump-compressed, split sets, flattened ones, ELF64
#   drgn           the same, but no flattened ones (libkdumpfile knows none before 0.5.5) and no sets
#                  (it opens one file)
#   libkdumpfile   pages, of the same and of sets
#   makedumpfile   filters them again, finds the log; of flattened ones -R, of sets --reassemble
# A peer or a compressor of it that is not there: a line says that it was skipped.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
compare=$build/unit/dump_compare
make -s -C "$(dirname "$0")/../.." B="$build" e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'dump_compare builds'
core=$CORES/x86_64/vmcore vmlinux=$CORES/x86_64/vmlinux
export HOME=$tmp
cat >"$tmp/ask.crash" <<'EOF'
set scroll off
ps
bt -a
mod
EOF
cat >"$tmp/ask.py" <<'EOF'
from drgn.helpers.linux.pid import for_each_task
print(prog["init_uts_ns"].name.release.string_().decode())
for task in for_each_task(prog):
    print(task.pid.value_(), task.comm.string_())
    if task.on_cpu:
        print(prog.stack_trace(task))
EOF

skipped() { printf 'skipped - %s\n' "$1"; }
has() { command -v "$1" >/dev/null; }

# ask_crash FILE...: what it says of the machine, and not of the file.
ask_crash() {
	timeout 100 crash -s "$vmlinux" "$@" <"$tmp/ask.crash" >"$tmp/out" 2>"$tmp/err"
	sed -n '/PID/,$p' "$tmp/out"
}
ask_drgn() {
	timeout 100 drgn -q -c "$1" -s "$vmlinux" "$tmp/ask.py" 2>"$tmp/err"
}

for peer in crash drgn makedumpfile; do
	has $peer || skipped "$peer is not installed"
done
ldconfig -p | grep -q 'libkdumpfile\.so\.10' && library=yes || {
	library=
	skipped 'libkdumpfile is not installed'
}
if has crash; then
	ask_crash "$core" >"$tmp/crash.want"
	is 'crash opens the dump itself' 2 "$(grep -c '^PID: .*COMMAND' "$tmp/crash.want")"
fi
if has drgn; then
	ask_drgn "$core" >"$tmp/drgn.want"
	is 'drgn opens the dump itself' 2 "$(grep -c '^#0 ' "$tmp/drgn.want")"
fi
if has makedumpfile; then
	makedumpfile --dump-dmesg "$core" "$tmp/dmesg.want" >"$tmp/out" 2>&1
	[ -s "$tmp/dmesg.want" ] || not_ok 'makedumpfile finds the log of the dump itself'
fi

# opens_crash NAME FILE...
opens_crash() {
	local name=$1
	shift
	has crash || return
	ask_crash "$@" >"$tmp/got"
	if grep -qi 'no .* compression support\|not compiled with' "$tmp/out" "$tmp/err"; then
		skipped "$name: this crash has no such compressor"
		return
	fi
	cmp "$tmp/crash.want" "$tmp/got" >>"$tmp/err"
	is "$name: crash answers the same" 0 $?
	lacks "$name: crash takes it for complete" 'dumpfile is incomplete'
}
opens_drgn() {
	has drgn || return
	ask_drgn "$2" >"$tmp/out"
	cmp "$tmp/drgn.want" "$tmp/out" >>"$tmp/err"
	is "$1: drgn answers the same" 0 $?
}
opens_library() {
	local name=$1
	shift
	[ "$library" ] || return
	"$compare" --libkdumpfile "$@" >"$tmp/out" 2>"$tmp/err"
	is "$name: libkdumpfile reads the same" 0 $?
}

# equal NAME FILE: no page differs from the original's.
equal() {
	"$compare" "$core" "$2" >"$tmp/out" 2>"$tmp/err"
	is "$1" 0 $?
	lacks "$1: nothing is lost" 'corrupt|[1-9][0-9]* lost'
}
opens_makedumpfile() {
	has makedumpfile || return
	rm -f "$tmp/dmesg" "$tmp/again"
	makedumpfile --dump-dmesg "$2" "$tmp/dmesg" >"$tmp/out" 2>"$tmp/err"
	cmp "$tmp/dmesg.want" "$tmp/dmesg" >>"$tmp/err" 2>&1
	is "$1: makedumpfile finds the same log" 0 $?
	makedumpfile -c -d 31 "$2" "$tmp/again" >"$tmp/out" 2>"$tmp/err"
	is "$1: makedumpfile filters it again" 0 $?
	equal "$1: what makedumpfile made of it is equal" "$tmp/again"
	rm -f "$tmp/again"
}

# makedumpfile_has COMPRESSOR
makedumpfile_has() {
	case $1 in
	zlib | none) true ;;
	*) has makedumpfile && makedumpfile -v | grep -q "^$1.*enabled" ;;
	esac
}

for how in zstd lzo zlib snappy none; do
	for level in 0 31; do
		# The compressors are one thing, the levels another.
		[ $level = 31 ] || [ $how = zstd ] || continue
		name="kdump, $how, -d $level"
		kd convert -q -d $level --compress $how "$core" "$tmp/dump"
		is "$name: written" 0 $rc
		opens_crash "$name" "$tmp/dump"
		opens_drgn "$name" "$tmp/dump"
		opens_library "$name" "$tmp/dump"
		if makedumpfile_has $how; then
			opens_makedumpfile "$name" "$tmp/dump"
		else
			skipped "$name: this makedumpfile has no $how"
		fi
		rm -f "$tmp/dump"
	done
done

kd convert -q -d 31 --format elf64 "$core" "$tmp/dump"
is 'elf64: written' 0 $rc
opens_crash elf64 "$tmp/dump"
opens_drgn elf64 "$tmp/dump"
opens_library elf64 "$tmp/dump"
opens_makedumpfile elf64 "$tmp/dump"
kd convert -q -F -d 31 --format elf64 "$core" "$tmp/flat"
opens_crash 'elf64, flattened' "$tmp/flat"
rm -f "$tmp/dump" "$tmp/flat"

kd convert -q --format elf64 --virtual --vmlinux "$vmlinux" "$core" "$tmp/dump"
is 'elf64 --virtual: written' 0 $rc
# Its notes are tasks, which drgn takes for CPUs.
if has drgn; then
	ask_drgn "$tmp/dump" | grep -v '^#' >"$tmp/out"
	grep -v '^#' "$tmp/drgn.want" | cmp - "$tmp/out" >>"$tmp/err"
	is 'elf64 --virtual: drgn answers the same' 0 $?
fi
opens_library 'elf64 --virtual' "$tmp/dump"
rm -f "$tmp/dump"

kd convert -q -d 31 -l --format flat "$core" "$tmp/flat"
is 'flat: written' 0 $rc
opens_crash flat "$tmp/flat"
kd convert -q -d 31 -l "$core" "$tmp/dump"
if has makedumpfile; then
	makedumpfile -R "$tmp/whole" <"$tmp/flat" >"$tmp/out" 2>"$tmp/err"
	cmp "$tmp/dump" "$tmp/whole" >>"$tmp/err" 2>&1
	is 'flat: makedumpfile -R makes the file of it' 0 $?
fi
rm -f "$tmp/flat" "$tmp/whole" "$tmp/dump"

for n in 2 3 7; do
	kd convert -q -d 31 -l --format split=$n "$core" "$tmp/part"
	is "split=$n: written" 0 $rc
	opens_crash "split=$n" "$tmp"/part.*
	opens_library "split=$n" "$tmp"/part.*
	if has makedumpfile; then
		makedumpfile --reassemble "$tmp"/part.* "$tmp/whole" >"$tmp/out" 2>"$tmp/err"
		is "split=$n: makedumpfile puts it together" 0 $?
		equal "split=$n: what makedumpfile made of it is equal" "$tmp/whole"
	fi
	rm -f "$tmp"/part.* "$tmp/whole"
done
