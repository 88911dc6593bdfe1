# SPDX-License-Identifier: GPL-3.0-or-later
# kdview-capture, the static one: small enough for a second kernel, and its files are kdview's.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
top=$(dirname "$0")/../..
make -s -C "$top" B="$build" static e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'it builds'
compare=$build/unit/dump_compare
programs=$build/static-x86_64/kdview-capture
# The one for i386 where the compiler and the libraries are there (scripts/i386-libs).
libs=$top/${I386_LIBS:-build/i386-libs}/usr/lib/i386-linux-gnu
if echo 'int main(void) { return 0; }' |
	gcc -m32 -static -x c - -o "$tmp/m32" "-L$libs" -lelf -lzstd 2>/dev/null &&
	"$tmp/m32"; then
	make -s -C "$top" B="$build" static ARCH=i386 >"$tmp/out" 2>"$tmp/err" ||
		not_ok 'it builds for i386'
	programs="$programs $build/static-i386/kdview-capture"
fi

# kc ARGS...: run kdview-capture, as kd does kdview.
kc() {
	timeout 300 "$capture" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}

for capture in $programs; do
	arch=$(basename "$(dirname "$capture")")
	size=$(stat -c %s "$capture")
	[ "$size" -le 2000000 ] && ok "$arch: it has at most 2 MB" || not_ok "$arch: it has at most 2 MB ($size)"
	readelf -lW "$capture" >"$tmp/out" 2>"$tmp/err"
	lacks "$arch: it needs no loader" INTERP
done

# Every fixture, as kdview writes it: with types and struct pages looked at, and whole. Some of
# them are larger than what a 32-bit program can map.
for dump in "$CORES"/*/vmcore; do
	name=$(basename "$(dirname "$dump")")
	kd convert -d 31 --compress zstd "$dump" "$tmp/want"
	is "$name: kdview converts it" 0 $rc
	kd convert --compress lzo "$dump" "$tmp/want.all"
	is "$name: kdview writes all of it" 0 $rc
	for capture in $programs; do
		arch=$(basename "$(dirname "$capture")")
		kc convert -d 31 --compress zstd "$dump" "$tmp/got"
		is "$name, $arch: converted" 0 $rc
		cmp -s "$tmp/want" "$tmp/got" && ok "$name, $arch: the same file" ||
			not_ok "$name, $arch: the same file"
		kc convert --compress lzo "$dump" "$tmp/got.all"
		cmp -s "$tmp/want.all" "$tmp/got.all" && ok "$name, $arch: the same with all pages" ||
			not_ok "$name, $arch: the same with all pages"
		# What is read now is written the same way: flattened, unpacked, and from there.
		kc convert -F -d 31 "$dump" -
		cp "$tmp/out" "$tmp/flat"
		kc convert -d 31 --compress zstd "$tmp/flat" "$tmp/got.flat"
		is "$name, $arch: a flattened one is read" 0 $rc
		rm -f "$tmp"/got* "$tmp/flat"
	done
	rm -f "$tmp"/want*
done

capture=$build/static-x86_64/kdview-capture
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
