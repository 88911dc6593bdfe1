# SPDX-License-Identifier: GPL-3.0-or-later
# A dump without its vmlinux: the same answers, as far as the dump has them, from kallsyms, BTF
# and ORC in its own memory.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

# alone FIXTURE: a folder with its dump and nothing else.
alone() {
	rm -rf "$tmp/alone"
	mkdir "$tmp/alone"
	ln -s "$CORES/$1/vmcore" "$tmp/alone/vmcore"
	cd "$tmp/alone" || exit 1
}

# both NAME FIXTURE COMMAND...: the same answer with and without vmlinux; paths apart.
both() {
	local name=$1 fixture=$2
	shift 2
	kd "$@" vmcore
	sed "s# \./# #; s#\"\./#\"#; s#$tmp/alone/##" "$tmp/out" >"$tmp/got"
	cp "$tmp/err" "$tmp/got.err"
	is "$name: exit code" 0 $rc
	(cd "$CORES/$fixture" && "$KDVIEW" "$@" vmcore vmlinux 2>"$tmp/err" |
		sed "s#$CORES/$fixture/##; s#$(readlink -f "$CORES/$fixture")/##" >"$tmp/want")
	diff "$tmp/want" "$tmp/got" >"$tmp/out"
	is "$name: as with vmlinux" 0 $?
}

# functions FILE: of all stacks. Inlined ones, and those whose last act is a jump to another
# function, are known from DWARF alone.
functions() {
	grep -v '(inlined)' "$1" | sed -E 's/^#[0-9]+ +//; s#^([^ ]+)\+0x[0-9a-f]+.*#\1#' |
		grep -vxE 'schedule_timeout_(un)?(interruptible|killable)|mutex_lock|__mutex_lock_slowpath|__do_softirq' |
		sed -E 's/^secondary_startup_64_no_verify$/secondary_startup_64/; s/^__do_sys_/__x64_sys_/'
}

for n in x86_64 x86_64-irq; do
	alone $n
	ln -s "$CORES/$n/kdcrash.ko" kdcrash.ko
	kd info vmcore
	is "$n: info" 0 $rc
	shows "$n: where names and types come from" \
		"^vmlinux +none: names from the dump's kallsyms, types from its BTF"
	shows "$n: what was tried" 'no vmlinux found for kernel 6\.1\..*tried: .*apt install'
	is "$n: nothing to complain of" 0 "$(wc -c <"$tmp/err")"
	grep -v '^vmlinux\|^no vmlinux found\|^dump ' "$tmp/out" >"$tmp/got"
	(cd "$CORES/$n" && "$KDVIEW" info vmcore vmlinux) | grep -v '^vmlinux\|^dump ' >"$tmp/want"
	is "$n: info as with vmlinux" '' "$(diff "$tmp/want" "$tmp/got" 2>&1)"
	both "$n: ps" $n ps --json
	both "$n: log" $n log
	both "$n: mod" $n mod --json
	both "$n: mod, one" $n mod kdcrash
	both "$n: memory at a symbol" $n mem -s init_task 16
	both "$n: per-CPU memory" $n mem --cpu 1 runqueues 8
	for who in '' kthreadd '-c 0' '-c 1'; do
		# shellcheck disable=SC2086
		kd regs $who vmcore
		# kallsyms have no sizes: a function reaches to the next
		sed -E 's#/0x[0-9a-f]+##' "$tmp/out" >"$tmp/got"
		# shellcheck disable=SC2086
		(cd "$CORES/$n" && "$KDVIEW" regs $who vmcore vmlinux) |
			sed -E 's#/0x[0-9a-f]+##' >"$tmp/want"
		is "$n: regs $who as with vmlinux" '' "$(diff "$tmp/want" "$tmp/got" 2>&1)"
	done

	# every symbol of the file's table, but absolute ones and the tables themselves; two more names
	# are VMCOREINFO's
	kd sym --limit 1000000 '*' vmcore
	awk '$1 ~ /^0x/ && $4 != "" && $5 == "" {print $1, $4}' "$tmp/out" |
		grep -vE ' (swapper_pg_dir|node_online_map)$' | sort -u >"$tmp/got"
	offset=$(cd "$CORES/$n" && "$KDVIEW" info --json vmcore vmlinux |
		sed -n 's/.*"kaslr_offset": "\{0,1\}\([0-9a-fx]*\).*/\1/p')
	nm "$CORES/$n/vmlinux" | awk '$2 !~ /[aAU]/' |
		grep -vE ' (__crc_|__ksymtab_|__kstrtab|\$|\.L|kallsyms_(offsets|relative_base|num_syms|names|markers|token_table|token_index|seqs_of_names)$)' |
		KASLR=$offset perl -ne '
			my ($a, $t, $s) = split;
			my $v = hex($a) >= 2**63 || hex($a) > 0xffffffff ? hex($a) + hex($ENV{KASLR}) : hex($a);
			printf "0x%016x %s\n", $v, $s' | sort -u >"$tmp/want"
	comm -3 "$tmp/want" "$tmp/got" >"$tmp/out"
	is "$n: every symbol is where vmlinux and KASLR put it" 0 "$(wc -l <"$tmp/out")"
	is "$n: there are symbols" 1 "$(($(wc -l <"$tmp/want") > 20000))"

	kd bt --all --no-args --no-regs vmcore
	is "$n: all stacks" 0 $rc
	functions "$tmp/out" >"$tmp/got"
	(cd "$CORES/$n" && "$KDVIEW" bt --all --no-args --no-regs vmcore vmlinux 2>/dev/null) >"$tmp/all"
	functions "$tmp/all" >"$tmp/want"
	diff "$tmp/want" "$tmp/got" >"$tmp/out"
	is "$n: the functions of all stacks as with vmlinux" 0 $?
	kd bt vmcore
	shows "$n: the stack of the panic goes through the crash" 'kd_sum_from\+.*\[kdcrash\]'
	kd eval '(int)nr_threads' vmcore
	is "$n: gdb knows variables by name" 0 $rc
	kd struct list_head vmcore
	shows "$n: types" 'struct list_head \*next'
	kd report vmcore
	is "$n: report" 0 $rc
done

alone x86_64
mkdir elsewhere
mv vmcore elsewhere
strip -s -o vmlinux "$CORES/x86_64/vmlinux"
kd info elsewhere/vmcore
is 'a vmlinux that is found, but of no use, does no harm' 0 $rc
shows 'and it is told' 'no symbol table: it is stripped'

# What is cut off is the end of RAM: kallsyms stay, or are said to be lost.
alone x86_64
size=$(stat -Lc %s vmcore)
head -c $((size / 16)) "$CORES/x86_64/vmcore" >cut
for c in info log ps 'bt -A' mod; do
	# shellcheck disable=SC2086
	kd $c cut
	is "cut dump alone: $c does not crash" 1 $((rc <= 3))
done

if command -v makedumpfile >/dev/null; then
	makedumpfile -E -d 31 "$CORES/x86_64/vmcore" filtered >/dev/null 2>&1
	kd ps --json filtered
	cp "$tmp/out" "$tmp/got"
	kd ps --json vmcore
	is 'filtered dump alone: the tasks' '' "$(diff "$tmp/out" "$tmp/got" 2>&1)"
	kd bt filtered
	is 'filtered dump alone: bt' 0 $rc
	shows 'filtered dump alone: the crash' 'kd_sum_from\+'
fi

# Before v6.0 VMCOREINFO does not say where kallsyms are: they are found by their shape.
for n in x86_64 i386-nopae-elf64; do
	alone $n
	kd info --json vmcore
	cp "$tmp/out" "$tmp/want"
	LC_ALL=C sed 's/^SYMBOL(kallsyms_/SYMBOL(Kallsyms_/' vmcore >"$tmp/older"
	cmp -s vmcore "$tmp/older" && echo same >"$tmp/out"
	is "$n: VMCOREINFO without kallsyms" 1 $?
	rm vmcore
	mv "$tmp/older" vmcore
	kd info --json vmcore
	is "$n: info without being told where kallsyms are" '' "$(diff "$tmp/want" "$tmp/out" 2>&1)"
done

# No BTF, and kallsyms that name functions only.
for n in i386-nopae-elf32 i386-pae-elf64; do
	alone $n
	truth() { sed -n "s/^$1: //p" "$CORES/$n/truth"; }
	kd info vmcore
	is "$n: info" 0 $rc
	shows "$n: no types" "^vmlinux +none: names from the dump's kallsyms, no types"
	shows "$n: release" '^kernel +6\.1\.'
	shows "$n: the message" "^(panic|report) +.*$(truth message | sed 's/[][().*/!]/./g')"
	shows "$n: who crashed, by the log and the crash note" \
		"^task +PID $(truth pid) \"$(truth comm)\" on CPU $(truth cpu)"
	says "$n: what is missing, and what brings it" 'types: .*apt install linux-image-6'
	both "$n: log" $n log
	kd regs vmcore
	is "$n: registers of the CPU that crashed" 0 $rc
	shows "$n: with names" '^eip +0x[0-9a-f]+ +[a-z_]+[^ ]*\+0x'
	kd ps vmcore
	is "$n: ps fails" 1 $rc
	says "$n: ps says that these are not all" 'these are not all tasks'
	kd mod vmcore
	is "$n: mod fails" 1 $rc
	kd bt vmcore
	shows "$n: the stack of the panic" '^#[0-9]+ +panic\+0x'
done
kd bt vmcore
alone i386-nopae-elf32
kd bt --no-regs vmcore
functions "$tmp/out" | grep -vE '^PID' >"$tmp/got"
(cd "$CORES/i386-nopae-elf32" && "$KDVIEW" bt --no-args --no-regs vmcore vmlinux 2>/dev/null) >"$tmp/all"
functions "$tmp/all" | grep -vE '^PID' >"$tmp/want"
diff "$tmp/want" "$tmp/got" >"$tmp/out"
is 'i386-nopae-elf32: its functions as with vmlinux' 0 $?
