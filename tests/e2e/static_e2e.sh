# SPDX-License-Identifier: GPL-3.0-or-later
# kdview-capture, the static one: small enough for a second kernel, and its files are kdview's.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
make -s -C "$(dirname "$0")/../.." B="$build" static "$build/unit/dump_compare" >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'it builds'
capture=$build/static-x86_64/kdview-capture
compare=$build/unit/dump_compare

# kc ARGS...: run kdview-capture, as kd does kdview.
kc() {
	timeout 300 "$capture" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}

size=$(stat -c %s "$capture")
[ "$size" -le 2000000 ] && ok 'it has at most 2 MB' || not_ok "it has at most 2 MB ($size)"
readelf -lW "$capture" >"$tmp/out" 2>"$tmp/err"
lacks 'it needs no loader' INTERP

# Every fixture, as kdview writes it.
for dump in "$CORES"/*/vmcore; do
	name=$(basename "$(dirname "$dump")")
	kd convert -d 31 --compress zstd "$dump" "$tmp/want"
	is "$name: kdview converts it" 0 $rc
	kc convert -d 31 --compress zstd "$dump" "$tmp/got"
	is "$name: kdview-capture converts it" 0 $rc
	cmp -s "$tmp/want" "$tmp/got" && ok "$name: the same file" || not_ok "$name: the same file"
	rm -f "$tmp/want" "$tmp/got"
done

# All levels of zstd: those that it lacks strategies for, too. Tighter, the higher.
dump=$(ls "$CORES"/*/vmcore | head -n 1)
last=
for level in 1 3 4 6 7 11 12 15 16 19; do
	kc convert --compress zstd:$level "$dump" "$tmp/zstd.$level"
	is "zstd:$level is written" 0 $rc
	"$compare" "$dump" "$tmp/zstd.$level" >"$tmp/out" 2>"$tmp/err" &&
		grep -q '[1-9][0-9]* equal' "$tmp/out" && ! grep -qE 'corrupt|[1-9][0-9]* lost' "$tmp/out" &&
		ok "zstd:$level is equal" || not_ok "zstd:$level is equal"
	size=$(stat -c %s "$tmp/zstd.$level")
	[ -z "$last" ] || [ "$size" -le "$last" ] && ok "zstd:$level is no larger" ||
		not_ok "zstd:$level is no larger ($last, $size)"
	last=$size
	[ "$level" = 1 ] || rm -f "$tmp/zstd.$level"
done

# A page that looks as if libzstd 0.5 to 0.7 had compressed it: lost, like any that is damaged.
for version in 5 6 7; do
	python3 - "$tmp/zstd.1" "$tmp/old" $version <<-'PY'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		at = data.find(b"\x28\xb5\x2f\xfd")
		assert at > 0
		data[at] = 0x20 + int(sys.argv[3])
		# as a second frame, which is looked at elsewhere in libzstd
		at = data.find(b"\x28\xb5\x2f\xfd", at + 1)
		data[at:at + 12] = b"\x50\x2a\x4d\x18\0\0\0\0" + bytes([0x20 + int(sys.argv[3])]) + b"\xb5\x2f\xfd"
		open(sys.argv[2], "wb").write(data)
	PY
	kc convert "$tmp/old" "$tmp/new"
	is "zstd 0.$version: the rest is written" 0 $rc
	grep -rqE '[1-9][0-9]* pages? .*(lost|read)|lost' "$tmp/out" "$tmp/err" &&
		ok "zstd 0.$version: its pages are lost" || not_ok "zstd 0.$version: its pages are lost"
	rm -f "$tmp/new"*
done
