# SPDX-License-Identifier: GPL-3.0-or-later
# Disassembly and frames: instructions as gdb has them, marks where the stack stands.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

addresses() { grep '<+' | grep -oE '^[ =>]*0x[0-9a-f]+' | grep -oE '0x[0-9a-f]+' | sed 's/^0x0*/0x/'; }

for dir in "$CORES"/*/; do
	n=$(basename "$dir")
	[ -e "$dir/vmcore" ] || continue
	cd "$dir" || exit 1

	# Where instructions begin, function by function, against gdb's own disassembler.
	for f in panic __schedule vprintk_emit do_exit kmem_cache_alloc; do
		kd dis --no-source "$f" vmcore vmlinux
		is "$n: dis $f" 0 $rc
		addresses <"$tmp/out" >"$tmp/ours"
		kd gdb vmcore vmlinux -- -batch -ex "disassemble $f"
		addresses <"$tmp/out" >"$tmp/gdbs"
		is "$n: $f: as many instructions as gdb sees, at the same places" \
			"$(sha256sum <"$tmp/gdbs") $(wc -l <"$tmp/gdbs")" \
			"$(sha256sum <"$tmp/ours") $(wc -l <"$tmp/ours")"
		[ "$(wc -l <"$tmp/ours")" -gt 20 ] || not_ok "$n: $f is not that short"
	done

	kd dis vmcore vmlinux
	is "$n: the current function" 0 $rc
	is "$n: one instruction is marked" 1 "$(grep -c '^=>' "$tmp/out")"
	pc=$(grep '^=>' "$tmp/out" | grep -oE '0x[0-9a-f]+' | head -n 1)
	kd --engine native bt -x -n 1 vmcore vmlinux
	shows "$n: it is the innermost frame's" "^#0 +$pc "
	kd --engine native frame 0 vmcore vmlinux
	is "$n: frame 0" 0 $rc
	shows "$n: frame 0: its code" "^=> $pc "
	shows "$n: frame 0: its registers" '^(rip|eip) +0x'
	for i in 1 2 3 4; do
		kd frame $i vmcore vmlinux
		is "$n: frame $i" 0 $rc
		cat "$tmp/out" >>"$tmp/frames"
	done
	mv "$tmp/frames" "$tmp/out"
	shows "$n: by gdb frames have variables" '^(argument|local) '
	shows "$n: and registers, the stack pointer changed" '^\* +(rsp|esp) +0x'
	shows "$n: and those their types" '^(argument|local) +\w+ +struct \w+ \* +'
	kd frame 999 vmcore vmlinux
	is "$n: no such frame" 1 $rc
	says "$n: how many there are" 'has [0-9]+ frames'
done

cd "$CORES/x86_64" || exit 1
kd dis panic vmcore vmlinux
shows 'calls are named' 'call.* +__crash_kexec\+'
shows 'source lines' '; kernel/panic\.c:[0-9]+'
kd dis panic 3 vmcore vmlinux
is 'a count' 3 "$(grep -c '0x' <(tail -n +2 "$tmp/out"))"
kd dis panic+9 3 --before 2 vmcore
is 'from some instructions earlier, without a vmlinux' 0 $rc
kd --json dis panic 2 vmcore vmlinux
is 'JSON: an instruction each' 2 "$(grep -c '"instruction"' "$tmp/out")"
kd dis 0 vmcore vmlinux
is 'nothing there' 1 $rc
kd dis no_such_function vmcore vmlinux
is 'no such function' 1 $rc
kd dis panic 0 vmcore vmlinux
is 'no count' 2 $rc

# Source text: only from the folder named, only regular files, never above the folder.
mkdir -p "$tmp/src/kernel"
seq -f "line %g" 5000 >"$tmp/src/kernel/workqueue.c"
kd bt --no-args vmcore vmlinux
frame=$(grep -oE '^#[0-9]+ .*kernel/workqueue\.c:[0-9]+' "$tmp/out" | head -n 1)
kd --source-dir "$tmp/src" frame "$(echo "$frame" | grep -oE '^#[0-9]+' | tr -d '#')" vmcore vmlinux
shows 'source of a frame' "^=> +${frame##*:}  line ${frame##*:}$"
rm "$tmp/src/kernel/workqueue.c"
mkfifo "$tmp/src/kernel/workqueue.c"
kd --source-dir "$tmp/src" frame "$(echo "$frame" | grep -oE '^#[0-9]+' | tr -d '#')" vmcore vmlinux
is 'a pipe is no source' 0 $rc
