# SPDX-License-Identifier: GPL-3.0-or-later
# Counts that can be had in two ways: where they agree that is named, where they do not it is a
# finding, said once.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)

# physical FIXTURE SYMBOL
physical() {
	"$KDVIEW" vtop --json "$CORES/$1/vmcore" "$CORES/$1/vmlinux" "$2" |
		sed -n 's/.*"physical": "\(0x[0-9a-f]*\)".*/\1/p'
}

# once NAME REGEX: the finding is there, and once.
once() {
	is "$1" 1 "$(grep -cE -- "$2" "$tmp/out")"
}

# field EXPRESSION: of the JSON answer
field() { python3 -c 'import json,sys; doc=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
	"$tmp/out" "$1" 2>&1; }

for n in x86_64 x86_64-irq i386-pae-elf64 i386-nopae-elf32 i386-nopae-elf64; do
	tasks=$("$KDVIEW" ps --json "$CORES/$n/vmcore" "$CORES/$n/vmlinux" |
		python3 -c 'import json,sys; print(sum(not t["idle"] for t in json.load(sys.stdin)["tasks"]))')
	kd info "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
	shows "$n: tasks agree" "^checked +tasks $tasks \\(nr_threads\\)"
	shows "$n: CPUs agree" '^checked .*CPUs online 2 \(registers in notes\), CPUs online 2 \(__num_online_cpus\)'
	shows "$n: what they ran agrees" "^checked .*CPUs' tasks 2 \\(PIDs in CPU notes\\)"
	lacks "$n: no finding" '^!'
	kd info --json "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
	is "$n: all agree, in JSON" True "$(field 'all(c["agrees"] for c in doc["checks"])')"
	is "$n: tasks, in JSON" "$tasks" "$(field 'doc["checks"][0]["other"]')"
done
for n in x86_64 x86_64-irq i386-nopae-elf64; do
	kd info "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
	shows "$n: modules agree" '^checked .*modules 1 \(the log\)'
done

n=x86_64
"$here/outside.py" poke "$CORES/$n/vmcore" "$tmp/dump" "$(physical $n nr_threads)=57" \
	"$(physical $n __num_online_cpus)=3" 'Modules linked in: kdcrash=>Modules linked in: kdtrash'
for c in info verdict 'report --engine=native'; do
	# shellcheck disable=SC2086
	kd $c "$tmp/dump" "$CORES/$n/vmlinux"
	once "$c: tasks" '^! tasks: 46 tasks were found, but the kernel counted 57 \(nr_threads\)$'
	once "$c: CPUs" '^! CPUs: cpu_online_mask has 2, but the kernel counted 3 \(__num_online_cpus\)$'
	once "$c: modules of the log" '^! modules: the log of the crash names 1 that the list does not have: kdtrash$'
	once "$c: modules of the list" '^! modules: the list has 1 that the log of the crash does not name: kdcrash$'
	is "$c: no other finding" 4 "$(grep -c '^!' "$tmp/out")"
done
kd info --json "$tmp/dump" "$CORES/$n/vmlinux"
is 'JSON: what differs' "['tasks', 'CPUs online', 'modules']" \
	"$(field '[c["what"] for c in doc["checks"] if not c["agrees"]]')"
kd info "$tmp/dump" "$CORES/$n/vmlinux"
lacks 'what differs is not said to agree' '^checked .*(nr_threads|__num_online|modules)'
kd ps "$tmp/dump" "$CORES/$n/vmlinux"
once 'ps: tasks' '^! tasks: 46 tasks were found'
kd cpu "$tmp/dump" "$CORES/$n/vmlinux"
once 'cpu: CPUs' '^! CPUs: cpu_online_mask has 2'
lacks 'cpu: nothing but CPUs' '^! (tasks|modules)'
kd mod "$tmp/dump" "$CORES/$n/vmlinux"
once 'mod: of the log' '^! modules: the log of the crash names 1'
once 'mod: of the list' '^! modules: the list has 1'
lacks 'mod: nothing but modules' '^! (tasks|CPUs)'
kd mod "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
lacks 'mod: no finding' '^!'
kd cpu "$CORES/$n/vmcore" "$CORES/$n/vmlinux"
lacks 'cpu: no finding' '^!'
