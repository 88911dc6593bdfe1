# SPDX-License-Identifier: GPL-3.0-or-later
# Every format that convert writes: read again by kdview it is the input, byte for byte and stack
# for stack; and its peers can use it: gdb, makedumpfile, drgn, libkdumpfile.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
compare=$build/unit/dump_compare
make -s -C "$(dirname "$0")/../.." B="$build" e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'dump_compare builds'

# conv NAME WORDS...: convert succeeds.
conv() {
	local name=$1
	shift
	kd convert --json "$@"
	cp "$tmp/out" "$tmp/answer"
	is "$name: written" 0 $rc
}

# same NAME DUMP VMLINUX FILE...: all stacks, as from DUMP.
same() {
	local name=$1 dump=$2 vmlinux=$3
	shift 3
	[ -f "$tmp/want.$(dirname "$dump" | tr / _)" ] || {
		kd bt --all --engine native "$dump" "$vmlinux"
		cp "$tmp/out" "$tmp/want.$(dirname "$dump" | tr / _)"
	}
	kd bt --all --engine native "$vmlinux" "$@"
	if [ -s "$tmp/out" ] && cmp -s "$tmp/out" "$tmp/want.$(dirname "$dump" | tr / _)"; then
		ok "$name: all stacks are the same"
	else
		not_ok "$name: all stacks are the same"
	fi
}

# equal NAME DUMP FILE...: no byte of memory differs, none is lost.
equal() {
	local name=$1
	shift
	if "$compare" "$@" >"$tmp/out" 2>"$tmp/err" && grep -q '[1-9][0-9]* equal' "$tmp/out" &&
		! grep -qE 'corrupt|[1-9][0-9]* lost' "$tmp/out"; then
		ok "$name: memory is equal"
	else
		not_ok "$name: memory is equal"
	fi
}

# gdb_agrees NAME DUMP VMLINUX CORE: by the command that convert printed, a gdb with no help has a
# thread for every task, whose instruction and stack pointers are those that kdview begins with.
gdb_agrees() {
	local name=$1 dump=$2 vmlinux=$3 core=$4 sp=esp pc=eip bits=32 command
	case $(readelf -h "$core") in *X86-64*) sp=rsp pc=rip bits=64 ;; esac
	command=$(sed -n 's/.*"gdb": *"gdb \(.*\)",*$/\1/p' "$tmp/answer")
	eval "timeout 200 gdb -nx -batch $command" -ex bt \
		-ex "'thread apply all -q printf \"AT %lx %lx\\n\", (long)\$$pc, (long)\$$sp'" \
		>"$tmp/gdb" 2>"$tmp/err" </dev/null
	kd bt --all --json --engine native "$dump" "$vmlinux"
	python3 - "$tmp/out" "$tmp/gdb" $bits "${name%%:*}" >"$tmp/said" 2>>"$tmp/err" <<-'PY'
		import json, re, sys
		def stacks(x):
		    if isinstance(x, dict):
		        if "frames" in x:
		            yield x["frames"], x.get("task", {}).get("panicked")
		        else:
		            for v in x.values():
		                yield from stacks(v)
		    elif isinstance(x, list):
		        for v in x:
		            yield from stacks(v)
		# gdb widens a 32-bit long with its sign; a dead task has no stack, and no thread
		mask = 2 ** int(sys.argv[3]) - 1
		all_stacks = list(stacks(json.load(open(sys.argv[1]))))
		ours = [f for f, panicked in all_stacks if f]
		theirs = set()
		n = 0
		for line in open(sys.argv[2]):
		    m = re.match(r"AT (\w+) (\w+)$", line)
		    if m:
		        n += 1
		        theirs.add(tuple(int(v, 16) & mask for v in m.groups()))
		text = open(sys.argv[2]).read()
		seen = sum((int(f[0]["pc"], 16), int(f[0]["sp"], 16)) in theirs for f in ours)
		print(n == len(ours) or f"{n} threads, {len(ours)} tasks",
		      seen == len(ours) or f"{seen} of {len(ours)} are the same",
		      seen > 10)
		# where a module crashed it: its functions with their lines
		wanted = {f["function"] for s, panicked in all_stacks if panicked for f in s
		          if (f.get("function") or "").startswith("kd_")}
		named = set(re.findall(r"^#.* (kd_\w+) \(.* at .*kdcrash\.c:[0-9]+$", text, re.M))
		enough = sys.argv[4] not in ("x86_64", "i386-nopae-elf64") or len(wanted) > 1
		print(enough and wanted <= named or f"{sorted(wanted)} wanted")
	PY
	cp "$tmp/gdb" "$tmp/out"
	is "$name: gdb has each task as a thread, with its registers" 'True True True' "$(head -n 1 "$tmp/said")"
	is "$name: gdb knows the module's functions in its stack" True "$(sed -n 2p "$tmp/said")"
	cp "$tmp/gdb" "$tmp/out"
	shows "$name: gdb names the crashed task's code" '^#0 .*(crash_setup_regs|kd_)'
}

for d in i386-nopae-elf32 i386-nopae-elf64 i386-pae-elf64 x86_64; do
	core=$CORES/$d/vmcore vmlinux=$CORES/$d/vmlinux
	[ -e "$core" ] || continue
	for level in 0 31; do
		# the larger the dump, the less often
		[ $level = 31 ] || [ $d = i386-nopae-elf64 ] || [ $d = x86_64 ] || continue
		conv "$d: elf64 -d $level" -d $level --format elf64 "$core" "$tmp/e64"
		equal "$d: elf64 -d $level" "$core" "$tmp/e64"
		same "$d: elf64 -d $level" "$core" "$vmlinux" "$tmp/e64"
		rm -f "$tmp/e64"
		virtual=(--format elf32)
		[ $d != x86_64 ] || virtual=(--format elf64 --virtual)
		conv "$d: ${virtual[*]} -d $level" -d $level "${virtual[@]}" --vmlinux "$vmlinux" "$core" "$tmp/virtual"
		equal "$d: ${virtual[*]} -d $level" "$core" "$tmp/virtual"
		same "$d: ${virtual[*]} -d $level" "$core" "$vmlinux" "$tmp/virtual"
		gdb_agrees "$d: ${virtual[*]} -d $level" "$core" "$vmlinux" "$tmp/virtual"
		grep -q '"without_symbols"' "$tmp/answer"
		is "$d: ${virtual[*]} -d $level: no module lacks symbols" 1 $?
		is "$d: ${virtual[*]} -d $level: gdb's commands are for their owner alone" 600 \
			"$(stat -c %a "$tmp/virtual.gdb")"
		rm -f "$tmp/virtual" "$tmp/virtual.gdb"
	done
done

# Modules without .ko files: said, and --debug-dir names a folder that has them. No file name is
# too odd for the shell and gdb.
mkdir "$tmp/bare" "$tmp/it's \"here"
ln "$CORES/x86_64/vmcore" "$CORES/x86_64/vmlinux" "$tmp/bare" 2>/dev/null ||
	cp "$CORES/x86_64/vmcore" "$CORES/x86_64/vmlinux" "$tmp/bare"
core=$tmp/bare/vmcore vmlinux=$tmp/bare/vmlinux
conv 'no .ko' -d 31 --format elf64 --virtual --vmlinux "$vmlinux" "$core" "$tmp/virtual"
cp "$tmp/answer" "$tmp/out"
shows 'no .ko: modules have no symbols' '"without_symbols": *"modules: no \.ko files"'
shows 'no .ko: two commands for gdb' '"gdb": *"gdb -ex .core-file .*-ex .symbol-file '
is 'no .ko: no file of commands' 1 "$(find "$tmp" -name 'virtual*' | wc -l)"
conv '--debug-dir' --debug-dir "$CORES/x86_64" -d 31 --format elf64 --virtual --vmlinux "$vmlinux" \
	"$core" "$tmp/it's \"here/core"
cp "$tmp/answer" "$tmp/out"
lacks '--debug-dir: no module lacks symbols' without_symbols
command=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["gdb"])' <"$tmp/answer")
eval "timeout 200 $command -nx -batch -ex bt" >"$tmp/out" 2>"$tmp/err" </dev/null
shows '--debug-dir: gdb knows the module' '^#.* kd_\w+ \(.* at .*kdcrash\.c:'
rm -rf "$tmp/bare" "$tmp/it's \"here" "$tmp/virtual"

core=$CORES/i386-nopae-elf64/vmcore
conv 'elf32 --physical' --format elf32 --physical "$core" "$tmp/e32"
equal 'elf32 --physical' "$core" "$tmp/e32"
shows_class=$(readelf -h "$tmp/e32" | grep -c ELF32)
is 'elf32 --physical: of 32 bits' 1 "$shows_class"
kd convert --format elf32 --physical "$CORES/i386-pae-elf64/vmcore" "$tmp/no"
is 'elf32 --physical with memory above 4 GB: refused' 1 $rc
says 'elf32 --physical with memory above 4 GB: says why' 'below 4 GB, and .* up to 0x[0-9a-f]+'
is 'elf32 --physical with memory above 4 GB: leaves nothing' '' "$(ls "$tmp" | grep '^no')"
kd convert --format elf32 "$CORES/x86_64/vmcore" "$tmp/no"
is 'elf32 of a 64-bit machine: refused' 1 $rc
kd convert --format elf64 -c "$CORES/x86_64/vmcore" "$tmp/no"
is 'compressed ELF: no such thing' 2 $rc

core=$CORES/x86_64/vmcore vmlinux=$CORES/x86_64/vmlinux
conv 'raw' --format raw "$core" "$tmp/raw"
python3 - "$core" "$tmp/raw" >"$tmp/out" 2>"$tmp/err" <<'PY'
import struct, sys
core, raw = open(sys.argv[1], "rb"), open(sys.argv[2], "rb")
head = core.read(64)
phoff, phnum = struct.unpack_from("<Q", head, 32)[0], struct.unpack_from("<H", head, 56)[0]
n = 0
for i in range(phnum):
    core.seek(phoff + 56 * i)
    kind, _, off, _, pa, size, _, _ = struct.unpack("<IIQQQQQQ", core.read(56))
    if kind != 1:
        continue
    for at in range(0, size, 1 << 20):
        core.seek(off + at), raw.seek(pa + at)
        want = min(1 << 20, size - at)
        assert core.read(want) == raw.read(want), hex(pa + at)
        n += want
print(n)
PY
is 'raw: every byte is at its address' 0 $?
is 'raw: for its owner alone' 600 "$(stat -c %a "$tmp/raw")"
rm -f "$tmp/raw"

conv 'split=3' -d 31 --format split=3 "$core" "$tmp/part"
equal 'split=3' "$core" "$tmp"/part.[123]
same 'split=3' "$core" "$vmlinux" "$tmp/part.3" "$tmp/part.1" "$tmp/part.2"
conv 'split=2, lzo' -l -d 31 --format split=2 "$core" "$tmp/half"
if makedumpfile --reassemble "$tmp/half.1" "$tmp/half.2" "$tmp/whole" >"$tmp/out" 2>&1; then
	equal 'split=2: makedumpfile puts it together' "$core" "$tmp/whole"
else
	not_ok 'split=2: makedumpfile puts it together'
fi
rm -f "$tmp"/part.* "$tmp"/half.* "$tmp/whole"

# Streams: both ways through pipes.
"$KDVIEW" convert -q -d 31 "$core" - 2>"$tmp/err" | "$KDVIEW" convert -q --format elf64 - "$tmp/piped" 2>>"$tmp/err"
is 'through a pipe: both succeed' '0 0' "${PIPESTATUS[*]}"
equal 'through a pipe' "$core" "$tmp/piped"
is 'through a pipe: nothing is left beside it' piped "$(cd "$tmp" && ls -d piped*)"
conv 'elf64 -F' -d 31 -F --format elf64 "$core" "$tmp/flat"
equal 'elf64 -F' "$core" "$tmp/flat"
conv 'elf64' -d 31 --format elf64 "$core" "$tmp/e64"
makedumpfile -R "$tmp/rearranged" <"$tmp/flat" >"$tmp/out" 2>&1
cmp "$tmp/rearranged" "$tmp/e64" >>"$tmp/out" 2>&1
is 'elf64 -F: makedumpfile -R makes the same file' 0 $?
head -c 3000000 "$tmp/flat" | "$KDVIEW" convert -q --format kdump - "$tmp/cut" >"$tmp/out" 2>"$tmp/err"
kd info "$tmp/cut"
says 'a stream that was cut off: what it lacks is lost' 'lost|missing|cut off|damaged'

# makedumpfile reads what we write.
for kind in e64 rearranged; do
	makedumpfile --dump-dmesg "$tmp/$kind" "$tmp/dmesg.$kind" >"$tmp/out" 2>&1
	[ -s "$tmp/dmesg.$kind" ] && ok "$kind: makedumpfile finds the log" || not_ok "$kind: makedumpfile finds the log"
done
if makedumpfile -c -d 31 "$tmp/e64" "$tmp/again" >"$tmp/out" 2>&1; then
	equal 'elf64, filtered again by makedumpfile' "$core" "$tmp/again"
else
	not_ok 'elf64, filtered again by makedumpfile'
fi
if command -v drgn >/dev/null; then
	cat >"$tmp/tasks.py" <<-'PY'
		from drgn.helpers.linux.pid import for_each_task
		print(prog["init_uts_ns"].name.release.string_().decode(), len(list(for_each_task(prog))))
	PY
	drgn -q -c "$tmp/e64" -s "$vmlinux" "$tmp/tasks.py" >"$tmp/out" 2>"$tmp/err"
	shows 'elf64: drgn lists its tasks' '^[0-9]+\.[0-9].* [1-9][0-9]+$'
fi
for how in zstd lzo zlib snappy none; do
	conv "kdump, $how" -d 31 --compress $how "$core" "$tmp/kdump"
	equal "kdump, $how" "$core" "$tmp/kdump"
	conv "kdump, $how, to elf64" --format elf64 "$tmp/kdump" "$tmp/back"
	equal "kdump, $how, to elf64" "$core" "$tmp/back"
	conv "kdump, $how, again" --compress $how -d 1 -f "$tmp/kdump" "$tmp/back"
	"$compare" "$tmp/kdump" "$tmp/back" >"$tmp/out" 2>"$tmp/err"
	is "kdump, $how, again: it is of level 31 still" 2 "$(grep -c ', level 31,' "$tmp/out")"
	if ldconfig -p | grep -q 'libkdumpfile\.so\.10'; then
		"$compare" --libkdumpfile "$tmp/kdump" >"$tmp/out" 2>"$tmp/err"
		is "kdump, $how: libkdumpfile agrees" 0 $?
	fi
	rm -f "$tmp/kdump" "$tmp/back"
done

# What the input has lost is not there in the output, and is no zeros.
size=$(stat -c %s "$core")
cp --sparse=always "$core" "$tmp/short" && truncate -s $((size * 3 / 4)) "$tmp/short"
for how in '--format elf64' '--format elf64 --virtual'; do
	# shellcheck disable=SC2086
	conv "cut input, $how" $how "$tmp/short" "$tmp/rest"
	grep -qE '"lost": *[1-9]' "$tmp/answer" && ok "cut input, $how: lost pages are counted" ||
		not_ok "cut input, $how: lost pages are counted"
	"$compare" "$core" "$tmp/rest" >"$tmp/out" 2>"$tmp/err"
	is "cut input, $how: nothing differs" 0 $?
	shows "cut input, $how: what is there is equal" '[1-9][0-9]* equal.* 0 differ'
	rm -f "$tmp/rest"
done

# No space: what is there is a core that says so, and ends where writing did.
if mkdir "$tmp/fs" && mount -t tmpfs -o size=14m none "$tmp/fs" 2>/dev/null; then
	kd convert --format elf64 "$core" "$tmp/fs/e64"
	is 'no space: exit status 4' 4 $rc
	"$compare" "$core" "$tmp/fs/e64-incomplete" >"$tmp/out" 2>"$tmp/err"
	is 'no space: nothing differs' 0 $?
	shows 'no space: the rest is lost' '[1-9][0-9]* equal.* 0 differ, .*[1-9][0-9]* lost'
	umount "$tmp/fs"
fi
