# SPDX-License-Identifier: GPL-3.0-or-later
# Every format makedumpfile can make of a dump: each page is the original's, byte for byte, and
# commands say the same. Needs makedumpfile, and libkdumpfile for a second opinion.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
compare=$build/unit/dump_compare
make -s -C "$(dirname "$0")/../.." B="$build" e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'dump_compare builds'
command -v makedumpfile >/dev/null || {
	not_ok 'makedumpfile is installed (scripts/bootstrap test)'
	exit 1
}
core=$CORES/x86_64/vmcore

# mkdump ARGS...: makedumpfile says little but its progress.
mkdump() { makedumpfile --message-level 4 "$@" >/dev/null 2>"$tmp/err" </dev/null; }

# equal NAME FILE...: all that the files have of the dump is as it was.
equal() {
	local name=$1
	shift
	"$compare" "$core" "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	if [ $rc -eq 0 ] && ! grep -qE 'corrupt|, [0-9]+ lost' "$tmp/out"; then
		ok "$name: equal to the original"
	else
		not_ok "$name: equal to the original"
	fi
}

# agrees NAME FILE...: libkdumpfile reads the same.
agrees() {
	local name=$1
	shift
	ldconfig -p | grep -q 'libkdumpfile\.so\.10' || return 0
	if "$compare" --libkdumpfile "$@" >"$tmp/out" 2>"$tmp/err"; then
		ok "$name: libkdumpfile agrees"
	else
		not_ok "$name: libkdumpfile agrees"
	fi
}

kinds=(-c -l)
! makedumpfile -v | grep -q 'zstd.*enabled' || kinds+=(-z)
! makedumpfile -v | grep -q 'snappy.*enabled' || kinds+=(-p)
for kind in "${kinds[@]}" ''; do
	for level in 0 1 31; do
		mkdump $kind -d $level "$core" "$tmp/dump"
		equal "makedumpfile $kind -d $level" "$tmp/dump"
		agrees "makedumpfile $kind -d $level" "$tmp/dump"
		rm -f "$tmp/dump"
	done
done

mkdump -E -d 31 "$core" "$tmp/elf"
equal 'makedumpfile -E -d 31' "$tmp/elf"
for kind in -c -E; do
	makedumpfile --message-level 4 $kind -d 31 -F "$core" 2>"$tmp/err" >"$tmp/flat$kind" </dev/null
	equal "makedumpfile $kind -d 31 -F" "$tmp/flat$kind"
done

mkdump --split --splitblock-size 32768 -l -d 1 "$core" "$tmp/a" "$tmp/b" "$tmp/c"
equal 'split in three' "$tmp/c" "$tmp/a" "$tmp/b"
agrees 'split in three' "$tmp/a" "$tmp/b" "$tmp/c"
"$compare" "$core" "$tmp/a" "$tmp/c" >"$tmp/out" 2>"$tmp/err"
is 'split, a part missing: the rest is equal' 0 $?
shows 'split, a part missing: named' 'the part of this split dump with pages 0x[0-9a-f]+ to 0x[0-9a-f]+ was not given'
shows 'split, a part missing: its pages are lost' '[0-9]+ equal .* 0 differ, [0-9]+ lost'

mkdump -c -d 31 "$core" "$tmp/dump"
for c in ps log mod 'bt --all'; do
	# shellcheck disable=SC2086
	kd $c "$core" "$CORES/x86_64/vmlinux"
	cp "$tmp/out" "$tmp/want"
	# shellcheck disable=SC2086
	kd $c "$tmp/dump" "$CORES/x86_64/vmlinux"
	is "$c: the same from a filtered dump" "$(cat "$tmp/want")" "$(cat "$tmp/out")"
done

size=$(stat -c %s "$tmp/dump")
truncate -s $((size / 2)) "$tmp/dump"
"$compare" "$core" "$tmp/dump" >"$tmp/out" 2>"$tmp/err"
is 'cut in the middle: what is there is equal' 0 $?
shows 'cut in the middle: the rest is lost' '[1-9][0-9]* equal .* 0 differ, .*[1-9][0-9]* lost'
for kind in -c -E; do
	truncate -s $(($(stat -c %s "$tmp/flat$kind") / 2)) "$tmp/flat$kind"
done
"$compare" "$core" "$tmp/flat-c" >"$tmp/out" 2>"$tmp/err"
is 'flattened, cut in the middle: what is there is equal' 0 $?
shows 'flattened, cut in the middle: says so' 'the flattened stream is cut off at byte'
kd info "$tmp/flat-E" "$CORES/x86_64/vmlinux"
is 'flattened ELF, cut before its list of memory: dump unusable' 3 $rc
says 'flattened ELF, cut before its list of memory: says so' 'cut off at byte .* where memory is'

# A split dump: its parts in any order; a missing one is named.
if makedumpfile -l -d 31 --splitblock-size 32768 --split "$core" "$tmp/s1" "$tmp/s2" >/dev/null 2>&1; then
	kd bt "$core" "$CORES/x86_64/vmlinux"
	cp "$tmp/out" "$tmp/want"
	kd bt "$tmp/s2" "$CORES/x86_64/vmlinux" "$tmp/s1"
	is 'split: the parts make a dump' 0 "$(cmp -s "$tmp/want" "$tmp/out"; echo $?)"
	kd info "$tmp/s2" "$CORES/x86_64/vmlinux"
	grep -q 'part of this split dump with pages .* was not given' "$tmp/out" "$tmp/err" &&
		ok 'split: a missing part is named' || not_ok 'split: a missing part is named'
	kd info "$core" "$tmp/s1" "$CORES/x86_64/vmlinux"
	is 'a whole dump is no part of another' 3 $rc
else
	not_ok 'split: makedumpfile'
fi
