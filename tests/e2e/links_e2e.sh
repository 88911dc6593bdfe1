# SPDX-License-Identifier: GPL-3.0-or-later
# Every link of every command's document leads somewhere, and where it should.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
build=$(dirname "$KDVIEW")
run=$build/unit/links_run
make -s -C "$(dirname "$0")/../.." B="$build" e2e-programs >"$tmp/out" 2>"$tmp/err" ||
	not_ok 'links_run builds'

# links NAME LINE...: the documents with their links go to $tmp/out.
links() {
	local n=$1
	shift
	timeout 120 "$run" "$CORES/$n/vmcore" "$CORES/$n/vmlinux" 0 "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
}

for n in x86_64 x86_64-irq i386-pae-elf64 i386-nopae-elf32; do
	timeout 300 "$run" "$CORES/$n/vmcore" "$CORES/$n/vmlinux" 2 verdict info ps cpu bt 'bt -a -x' \
		stacks regs log mod irq mount 'files 1' 'mem init_task' 'mem -s init_task' \
		'struct task_struct init_task' 'struct list_head' 'whatis init_task' 'sym sched*' \
		'dis schedule' 'frame 1' 'vtop init_task' 'list -H modules -o module.list -s module' \
		>"$tmp/out" 2>"$tmp/err"
	is "$n: every link can be followed" 0 $?
	commands=$(sed -n 's/ commands, 0 failed$//p' "$tmp/out")
	is "$n: they are many" 1 $((${commands:-0} > 300))
done

links x86_64 ps
shows 'ps: a task leads to its stack' '^	1 -> bt 0x[0-9a-f]{16}$'
shows 'ps: its address to its task_struct' '^	0x([0-9a-f]{16}) -> struct task_struct 0x\1$'
links x86_64 bt
shows 'bt: a frame leads to itself' '^	#2 -> frame 2 0x[0-9a-f]{16}$'
links x86_64 stacks
shows 'stacks: a group leads to its tasks' '^	== .* tasks: .* -> ps [0-9]+ [0-9 ]+$'
links x86_64 log
shows 'log: code leads to itself' '^	(\w+\+0x[0-9a-f]+)/0x[0-9a-f]+ -> follow \1$'
links x86_64 mod
shows 'mod: a module leads to its sections' '^	kdcrash -> mod kdcrash$'
links x86_64 'struct task_struct init_task'
shows 'struct: a list_head leads to the list' '^	[0-9]+ +tasks -> list 0x[0-9a-f]+$'
shows 'struct: a pointer by its type' '^	0x[0-9a-f]+.* -> struct sched_class 0x[0-9a-f]+$'
shows 'struct: what is closed by its path or type' '^	\{\.\.\.\} -> struct \w+ 0x[0-9a-f]+'
shows 'struct: a function pointer leads to the code' '<dl_task_timer.* -> follow 0x[0-9a-f]+$'
links x86_64 'follow init_task'
shows 'follow: a task is its stack' '^PID 0 +TASK 0x'
links x86_64 'follow schedule'
shows 'follow: code is disassembled' '<\+0> '
links x86_64 'follow jiffies'
shows 'follow: anything else is said what it is' '^symbol +jiffies'
shows 'follow: and shown' '^0x[0-9a-f]{16}: [0-9a-f]{16} '
links i386-pae-elf64 'mem init_task'
shows 'mem: 32-bit words are addresses' '^	([c-f][0-9a-f]{7}) -> follow 0x\1$'
kd -c 'follow 0x10' "$CORES/x86_64/vmcore" "$CORES/x86_64/vmlinux"
is 'follow: nothing is there, and that is no failure' 0 "$rc"
shows 'follow: it is said' 'not mapped'
