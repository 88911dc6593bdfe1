# SPDX-License-Identifier: GPL-3.0-or-later
# The commands that look at single kernel objects, on every fixture: struct, list, search, vtop,
# whatis, stacks, cpu, irq, files, mount, net.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"

# field NAME: a value of the JSON answer, by a Python expression over doc.
field() { python3 -c 'import json,sys; doc=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
	"$tmp/out" "$1" 2>&1; }

for n in x86_64 i386-pae-elf64 i386-nopae-elf32; do
	cd "$CORES/$n" || exit 1
	case $n in x86_64) ptr=8 ;; *) ptr=4 ;; esac

	kd struct vmcore vmlinux list_head
	shows "$n: struct" "^ +$ptr +struct list_head \*prev +\($ptr\)"
	kd struct vmcore vmlinux task_struct.comm init_task
	shows "$n: a member's contents" 'comm = "swapper/0"'
	kd struct --json vmcore vmlinux 'task_struct' init_task -m pid
	is "$n: struct in JSON" 0 "$(field 'doc["objects"][0]["members"][0]["value"]')"
	kd struct vmcore vmlinux module_state
	shows "$n: enum" '^ +MODULE_STATE_COMING = 1'
	kd struct vmcore vmlinux no_such_struct
	says "$n: a type that is not there" 'no type "no_such_struct" in the kernel'
	is "$n: ... is a failure" 1 $rc
	kd struct vmcore vmlinux task_struct -m no_member
	says "$n: a member that is not there" 'struct task_struct has no member "no_member"'

	kd sym vmcore vmlinux -m kdcrash
	shows "$n: symbols of a module" ' kd_sum_from \[kdcrash\]$'
	lacks "$n: symbols of a module alone" ' schedule$'
	kd sym vmcore vmlinux -q nr_thr -m kernel
	shows "$n: symbols by a part of the name" ' nr_threads$'
	kd sym vmcore vmlinux
	is "$n: symbols of no name" 2 $rc

	# short forms, as users of crash type them
	kd prompt vmcore vmlinux -c 'struct task_struct.comm,pid init_task'
	shows "$n: two members: one" '^ +[0-9]+ +comm = "swapper/0"'
	shows "$n: two members: the other" '^ +[0-9]+ +pid = 0'
	for c in 'task_struct.comm init_task' '*task_struct.comm init_task' 'p init_task.comm' \
		'init_task.comm' 'p/x init_task.comm'; do
		kd prompt vmcore vmlinux -c "$c"
		shows "$n: $c" '"swapper/0"'
	done
	kd prompt vmcore vmlinux -c 'px 255; p/x 16+1; p 1 > 0'
	is "$n: radix" '0xff 0x11 1' "$(tr '\n' ' ' <"$tmp/out" | sed 's/ $//')"
	kd prompt vmcore vmlinux -c 'no_such_word init_task'
	says "$n: neither command nor type" 'no command "no_such_word"'
	kd struct vmcore vmlinux rq.cpu runqueues:a
	is "$n: of all CPUs" '0 1' "$(sed -n 's/.* cpu = //p' "$tmp/out" | tr '\n' ' ' | sed 's/ $//')"
	kd struct vmcore vmlinux rq.cpu runqueues:1
	shows "$n: of one CPU" '^CPU +1$'
	kd struct vmcore vmlinux rq.cpu runqueues:7
	says "$n: of a CPU that there is not" 'there is no CPU 7'
	kd struct vmcore vmlinux list_head modules 2
	is "$n: two in a row" 2 "$(grep -c '^address' "$tmp/out")"
	kd struct vmcore vmlinux -x task_struct.pid init_task
	shows "$n: hexadecimal" 'pid = 0x0$'
	kd list vmcore vmlinux task_struct.tasks -s task_struct.comm,pid -h init_task
	shows "$n: list, with the offset first" 'comm = "init"  pid = 1$'
	cp "$tmp/out" "$tmp/forth"
	kd list vmcore vmlinux task_struct.tasks -r -s task_struct.comm,pid -h init_task
	is "$n: list backwards: the same" '' "$(diff <(sort "$tmp/forth") <(sort "$tmp/out"))"
	is "$n: list backwards: the other way round" "$(sed -n 2p "$tmp/forth")" \
		"$(grep -v '^$\|entries' "$tmp/out" | tail -n 1)"
	kd eval vmcore vmlinux 'runqueues:1.cpu + sizeof(long)'
	is "$n: eval of a per-CPU variable" $((ptr + 1)) "$(cat "$tmp/out")"
	kd eval vmcore vmlinux kd_job.depth
	is "$n: eval of a module's variable" 3 "$(cat "$tmp/out")"
	kd mem vmcore vmlinux '&init_task.comm' 4 -1
	shows "$n: an expression for an address" '7377 6170|73 77 61 70|swap'

	# each way to an address must agree with the others
	kd mem --json vmcore vmlinux init_task 8 -1
	bytes=$(field 'doc["memory"][0]["bytes"]')
	kd vtop --json vmcore vmlinux init_task
	pa=$(field 'doc["physical"]')
	is "$n: vtop: the page is there" present "$(field 'doc["dump"]')"
	kd mem --json -p vmcore vmlinux "$pa" 8 -1
	is "$n: vtop: the same bytes by the physical address" "$bytes" "$(field 'doc["memory"][0]["bytes"]')"
	kd vtop vmcore vmlinux 0x1000
	says "$n: vtop of an address that is not mapped" 'not mapped'
	shows "$n: vtop shows how far it came" '^pgd'
	kd vtop vmcore vmlinux init_task -t 2
	says "$n: vtop: a kernel thread has no page tables" 'kernel thread'

	kd whatis vmcore vmlinux schedule
	shows "$n: whatis: a symbol" '^symbol +schedule\+0'
	kd ps --json vmcore vmlinux 1
	task=$(field 'doc["tasks"][0]["task"]') stack=$(field 'doc["tasks"][0]["stack"]')
	kd whatis vmcore vmlinux "$task"
	shows "$n: whatis: a task" '^task_struct of +1 init \+0x0'
	shows "$n: whatis: a slab object" '^slab cache +task_struct'
	shows "$n: whatis: allocated" '^object is +allocated'
	kd whatis vmcore vmlinux "$stack"
	shows "$n: whatis: a stack" '^stack of +1 init \+0x0'
	kd whatis --json vmcore vmlinux "$stack"
	kd whatis vmcore vmlinux "$(field 'doc["page"]')"
	shows "$n: whatis: a struct page" '^area +memory map'
	shows "$n: whatis: of which frame" '^struct page of frame +0x[0-9a-f]+'
	kd whatis vmcore vmlinux kd_job
	shows "$n: whatis: a module's data" '^section of it +\.data \+0x'
	kd whatis vmcore vmlinux linux_banner
	shows "$n: whatis: what the page is used for" '^page is +reserved'
	kd whatis vmcore vmlinux runqueues -c 1
	shows "$n: whatis: per-CPU memory" '^per-CPU variable +runqueues\+0x0'

	kd list vmcore vmlinux -H modules -o module.list -s module.name
	shows "$n: list" '"kdcrash"$'
	shows "$n: list: the count" '^1 entry$'
	kd list --json vmcore vmlinux init_task -o task_struct.tasks -s task_struct.pid
	is "$n: list: as many processes as ps has" \
		"$("$KDVIEW" ps --json vmcore vmlinux |
			python3 -c 'import json,sys; print(len({t["tgid"] for t in json.load(sys.stdin)["tasks"]}))')" \
		"$(field 'len({e["value"] for e in doc["entries"]})')"
	kd list vmcore vmlinux 0x10
	says "$n: list of what is not mapped" 'not mapped'

	kd search vmcore vmlinux -t init_task
	shows "$n: search: in stacks" 'stack of [0-9]+ '
	kd search vmcore vmlinux -k -s 'Linux version '
	shows "$n: search: a text in the image" 'Linux version '
	kd search --json vmcore vmlinux -s kdcrash --limit 3
	is "$n: search: all memory, to a limit" 3 "$(field 'len(doc["hits"])')"
	kd search vmcore vmlinux
	is "$n: search for nothing" 2 $rc

	kd cpu --json vmcore vmlinux
	is "$n: cpu" 2 "$(field 'len(doc["cpus"])')"
	is "$n: cpu: one crashed" 1 "$(field 'sum(c["panicked"] for c in doc["cpus"])')"
	kd irq --json vmcore vmlinux
	is "$n: irq: the timer ticked" True \
		"$(field '[i["count"] > 10 for i in doc["irqs"] if i["actions"] == "timer"][0]')"
	kd files vmcore vmlinux 1
	shows "$n: files" '^ +0 +0x[0-9a-f]+ .*read\+write +0 +/dev/console'
	shows "$n: files: cwd" '^cwd +/$'
	kd mount vmcore vmlinux
	shows "$n: mount" ' sysfs +sysfs +rw +/sys$'
	kd net vmcore vmlinux
	says "$n: net: a kernel without one says so" 'has no network'

	kd ps vmcore vmlinux
	shows "$n: ps: what a task waits in" ' kd-pipe +[a-z_]*pipe[a-z_]*$'
	shows "$n: ps: one that runs waits in nothing" '^\* .* -$'
	kd ps -w vmcore vmlinux
	shows "$n: ps -w: where exactly" ' kd-pipe +[a-z_]*pipe[a-z_]*\+0x[0-9a-f]+/0x[0-9a-f]+  fs/pipe\.c:[0-9]+$'
	kd ps -f '*pipe*' --json vmcore vmlinux
	is "$n: ps -f: who waits in a pipe" "['kd-pipe']" "$(field '[t["comm"] for t in doc["tasks"]]')"
	kd ps -f 'no_such_*' vmcore vmlinux
	says "$n: ps -f: nobody" 'no task of [0-9]+ waits in that'
	"$KDVIEW" ps --json vmcore vmlinux >"$tmp/ps"
	kd bt --all --engine=native --json vmcore vmlinux
	is "$n: ps: the wait function of every task is on its stack" '[]' "$(python3 - "$tmp/ps" "$tmp/out" <<-'EOF'
		import json, sys
		tasks, stacks = (json.load(open(f)) for f in sys.argv[1:])
		frames = {s["task"]["task"]: s["frames"] for s in stacks["stacks"]}
		print([t["comm"] for t in tasks["tasks"] if (t["waits_in"] is None) != (
		    t["on_cpu"] or t["state"] in "RZX") or (t["waits_in"] and t["waits_offset"]
		    not in [f["offset"] for f in frames[t["task"]][1:] if f["kind"] == "normal"])])
	EOF
	)"
	kd mod --json vmcore vmlinux
	is "$n: mod: who uses it" 0 "$(field 'doc["modules"][0]["users"]')"
done

cd "$CORES/x86_64" || exit 1
kd stacks vmcore vmlinux
shows 'stacks: who shares one' '^== [2-9][0-9]* tasks: [0-9]+ [A-Z] '
kd stacks --json vmcore vmlinux
is 'stacks: every task once' "$("$KDVIEW" ps --json vmcore vmlinux |
	python3 -c 'import json,sys; print(len(json.load(sys.stdin)["tasks"]))')" \
	"$(field 'sum(g["count"] for g in doc["groups"])')"
kd stacks vmcore vmlinux -m kdcrash
shows 'stacks: through a module' 'kd_sum_from'
kd stacks vmcore vmlinux -f 'no_such_*'
says 'stacks: through nothing' 'no stack of [0-9]+ goes through that'
