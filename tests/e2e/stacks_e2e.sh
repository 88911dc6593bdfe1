# SPDX-License-Identifier: GPL-3.0-or-later
# The main job on every fixture: tasks, stacks, registers, against what the crashed machine
# itself printed (console.txt).
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

# frames FILE: the functions of the first stack in it, innermost first, inlined ones included.
frames() { sed -n '/^PID/{n;:a;/^#/!{/^$/q;n;ba};s/^#[0-9]* *\([A-Za-z0-9_]*\).*/\1/p;n;ba}' "$1"; }

# in_order NAME FUNCTION...: the stack in $tmp/out goes through these, innermost first.
in_order() {
	local name=$1 f rest
	shift
	rest=$(frames "$tmp/out" | tr '\n' ' ')
	for f; do
		case " $rest" in
		*" $f "*) rest=${rest#*"$f "} ;;
		*)
			not_ok "$name ($f is missing or out of order)"
			return
			;;
		esac
	done
	ok "$name"
}

for dir in "$CORES"/*/; do
	n=$(basename "$dir")
	[ -e "$dir/vmcore" ] || continue
	cd "$dir" || exit 1

	# The guest listed its tasks right before it crashed.
	kd ps vmcore vmlinux
	is "$n: ps" 0 $rc
	# a mark (* panicked, > on a CPU) may stand in front
	sed 's/^[*> ]*//' "$tmp/out" | awk '$1 ~ /^[0-9]+$/ && $1 > 0 {print $1}' | sort >"$tmp/ours"
	sed -n 's/^kd: task \([0-9]*\) .*/\1/p' console.txt | sort >"$tmp/theirs"
	if [ -s "$tmp/theirs" ] && [ -z "$(comm -23 "$tmp/theirs" "$tmp/ours")" ]; then
		ok "$n: every task of the guest's own list is there"
	else
		not_ok "$n: every task of the guest's own list is there"
	fi
	lacks "$n: the list of tasks is sound" '^!'

	kd info vmcore vmlinux
	is "$n: info" 0 $rc
	shows "$n: nothing is missing from the dump" '^missing +nothing'
	shows "$n: every CPU left its registers" '2 online of 2, 2 with a crash note'

	# who crashed, where, and with which words
	truth() { sed -n "s/^$1: //p" truth; }
	shows "$n: the task that crashed" \
		"^task +PID $(truth pid) \"$(truth comm)\" on CPU $(truth cpu),"
	shows "$n: the message" "^(panic|report) +.*$(truth message | sed 's/[][().*/!]/./g')"
	kd bt vmcore vmlinux
	# shellcheck disable=SC2046
	in_order "$n: the function where it happened" $(truth function | cut -d' ' -f1)

	kd bt -A vmcore vmlinux
	is "$n: all stacks" 0 $rc
	is "$n: a stack for each task" "$(($(wc -l <"$tmp/ours") + 2))" "$(grep -c '^PID ' "$tmp/out")"
	# Every stack reaches its end: user mode, the first code of a kernel thread or of a CPU. A dead
	# task has none.
	kd bt -A --no-regs vmcore vmlinux
	awk '/^PID /{if (last) print last; last=""; head=$0; next}
	     NF {last=head ": " $0}
	     END {print last}' "$tmp/out" |
		grep -vE 'user mode:|#[0-9]+ +(ret_from_fork|secondary_startup_64|startup_32_smp)|its kernel stack was freed' \
			>"$tmp/unfinished"
	if [ -s "$tmp/unfinished" ]; then
		cp "$tmp/unfinished" "$tmp/out"
		not_ok "$n: every stack reaches its end"
	else
		ok "$n: every stack reaches its end"
	fi

	# Sleeping tasks were switched away in __schedule.
	kd bt kthreadd vmcore vmlinux
	in_order "$n: kthreadd sleeps" context_switch __schedule schedule kthreadd ret_from_fork
	shows "$n: source lines" 'kernel/kthread\.c:[0-9]+'
	kd bt kd-pipe vmcore vmlinux
	in_order "$n: a reader waits in its pipe" __schedule schedule pipe_read vfs_read ksys_read
	shows "$n: it came from user mode" 'user mode: (rip|eip) 0x'
	kd bt kd-busy vmcore vmlinux
	shows "$n: a busy process is in user mode or in an interrupt" 'user mode:'

	kd regs vmcore vmlinux
	is "$n: registers of the panic task" 0 $rc
	shows "$n: its program counter has a name" '^(rip|eip) +0x[0-9a-f]+ +[a-z_]+[^ ]*\+0x'
	kd regs kthreadd vmcore vmlinux
	shows "$n: unknown registers are said to be unknown" '^(rax|eax) +.*(unknown|not known|unavailable|not saved)'

	kd eval 'init_task.comm' vmcore vmlinux
	shows "$n: eval" 'swapper'
	kd log vmcore vmlinux
	is "$n: log" 0 $rc
	shows "$n: the log begins at the beginning" 'Linux version 6\.1\.'
	kd mem -s vmcore vmlinux init_task 4
	is "$n: mem" 0 $rc
done

cd "$CORES/x86_64" || exit 1
kd bt vmcore vmlinux
in_order 'x86_64: the null pointer, in a work item' \
	kd_value_of kd_sum_from kd_check_job kd_run_job kd_work_fn process_one_work worker_thread kthread ret_from_fork
shows 'x86_64: module frames have lines' '\[kdcrash\] .*kdcrash\.c:[0-9]+'
shows 'x86_64: inlined frames are marked' '^#0  kd_value_of \(inlined\)'
shows 'x86_64: arguments' 'kd_sum_from.*\(item=0x0, count=6'
kd bt --locals vmcore vmlinux
shows 'x86_64: locals' 'range|sum|total'
kd info vmcore vmlinux
shows 'x86_64: what crashed' '^report +BUG: kernel NULL pointer dereference'

cd "$CORES/x86_64-irq" || exit 1
kd bt vmcore vmlinux
in_order 'x86_64-irq: through softirq and interrupt into the idle loop' \
	kd_sum_from kd_timer_fn call_timer_fn run_timer_softirq __irq_exit_rcu do_idle start_kernel
shows 'x86_64-irq: what the interrupt interrupted' '-- interrupted at [a-z_]+\+0x'

cd "$CORES/i386-nopae-elf32" || exit 1
kd bt vmcore vmlinux
in_order 'i386-nopae-elf32: sysrq, down to user mode' \
	panic sysrq_handle_crash __handle_sysrq write_sysrq_trigger vfs_write ksys_write
shows 'i386-nopae-elf32: user mode' 'user mode: eip 0x'
kd info vmcore vmlinux
shows 'i386-nopae-elf32: format' 'ELF32 core'
shows 'i386-nopae-elf32: two levels' '^page tables +2'

cd "$CORES/i386-nopae-elf64" || exit 1
kd info vmcore vmlinux
shows 'i386-nopae-elf64: format' 'ELF64 core'

cd "$CORES/i386-pae-elf64" || exit 1
kd info vmcore vmlinux
shows 'i386-pae-elf64: format' 'ELF64 core'
shows 'i386-pae-elf64: three levels' '^page tables +3'
shows 'i386-pae-elf64: more than 4 GB' '^RAM +([4-9]\.[0-9]|1[0-9]).* GiB'
