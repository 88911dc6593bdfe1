# SPDX-License-Identifier: GPL-3.0-or-later
# The faces: order of arguments, search for vmlinux, JSON, prompt, gdb, serve, report, exit codes.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
cd "$CORES/x86_64" || exit 1

kd bt vmcore vmlinux && cp "$tmp/out" "$tmp/want"
kd bt vmlinux vmcore
is 'files in any order' 0 "$(cmp -s "$tmp/want" "$tmp/out"; echo $?)"
kd vmcore bt vmlinux
is 'the command anywhere' 0 "$(cmp -s "$tmp/want" "$tmp/out"; echo $?)"
kd bt vmcore
is 'vmlinux beside the dump is found' 0 "$(cmp -s "$tmp/want" "$tmp/out"; echo $?)"
mkdir -p "$tmp/far" "$tmp/debug/boot"
ln -s "$PWD/vmcore" "$tmp/far/core"
ln -s "$PWD/vmlinux" "$tmp/debug/boot/vmlinux-6.1.192-kdC"
kd info "$tmp/far/core" --debug-dir "$tmp/debug"
shows 'vmlinux below a debug root is found' '^vmlinux +.*vmlinux'

kd bt --json vmcore
python3 - "$tmp/out" <<'PY' && ok 'JSON has the same frames' || not_ok 'JSON has the same frames'
import json, sys
doc = json.load(open(sys.argv[1]))
def stacks(n):
    if isinstance(n, dict):
        if "frames" in n:
            yield n
        for v in n.values():
            yield from stacks(v)
    elif isinstance(n, list):
        for v in n:
            yield from stacks(v)
(s,) = stacks(doc)
names = [f["function"] for f in s["frames"]]
assert names[:3] == ["kd_value_of", "kd_sum_from", "kd_check_job"], names
assert s["frames"][0]["kind"] == "inlined" and s["task"]["panicked"]
assert s["frames"][1]["args"][0] == {
    "name": "item", "type": "struct kd_item *", "value": "0x0"}, s["frames"][1]
PY
for c in 'ps' 'info' 'log' 'regs' 'mod' 'mem init_task' 'sym schedule' 'eval 1+1' 'report'; do
	# shellcheck disable=SC2086
	kd --json $c vmcore
	if [ $rc -eq 0 ] && python3 -c 'import json,sys; json.load(open(sys.argv[1]))' "$tmp/out"; then
		ok "$c in JSON"
	else
		not_ok "$c in JSON"
	fi
done

kd report vmcore
is 'report: whole' 0 $rc
shows 'report: what crashed' 'BUG: kernel NULL pointer dereference'
shows 'report: the log' '\] RIP: 0010:kd_sum_from'
shows 'report: the stack' '^#1 +kd_sum_from'
shows 'report: registers' '^rip +0x'
kd report --all vmcore
is 'report: all tasks' 1 "$(($(grep -c '^PID ' "$tmp/out") > 40))"

printf 'bt\nps 1\nnonsense\n' >"$tmp/commands"
"$KDVIEW" vmcore vmlinux <"$tmp/commands" >"$tmp/out" 2>"$tmp/err"
is 'prompt without a terminal: a failed command gives 1' 1 $?
shows 'prompt without a terminal: answers' '^#1 +kd_sum_from'
says 'prompt without a terminal: unknown word' 'nonsense'
echo 'ps | grep -c kworker > '"$tmp/count" | "$KDVIEW" vmcore vmlinux >"$tmp/out" 2>"$tmp/err"
is 'prompt: pipes to the shell' 1 "$(($(cat "$tmp/count") > 3))"

"$KDVIEW" gdb vmlinux vmcore -- -batch -ex 'bt 3' -ex 'p init_task.comm' -ex 'info threads' \
	>"$tmp/out" 2>"$tmp/err" </dev/null
is 'gdb: runs' 0 $?
shows 'gdb: stack of the panic task' '#1 .*kd_sum_from \(item=0x0'
shows 'gdb: every task is a thread' 'kthreadd'
shows 'gdb: values' '\$1 = "swapper/0'

"$KDVIEW" serve vmcore vmlinux --socket "$tmp/sock" >"$tmp/serve" 2>&1 &
server=$!
for _ in $(seq 100); do [ -S "$tmp/sock" ] && break; sleep 0.1; done
is 'serve: the socket is its owner.s only' 600 "$(stat -c %a "$tmp/sock")"
gdb -nx -q -batch -ex "file vmlinux" -ex "target remote $tmp/sock" -ex 'p linux_banner' \
	-ex 'p $_siginfo' -ex 'set var init_task.pid = 5' >"$tmp/out" 2>"$tmp/err" </dev/null
shows 'serve: a plain gdb attaches' 'Linux version 6\.1\.192'
is 'serve: nothing can be written' 1 "$(($(grep -cE 'Cannot access memory|Could not' "$tmp/err") > 0))"
kill -TERM $server
wait $server
is 'serve: ends cleanly when told to' 1 "$(($? <= 143))"
is 'serve: the socket is gone' 1 "$([ -e "$tmp/sock" ] && echo 0 || echo 1)"

kd --version
is 'version' 0 $rc
kd help
is 'help' 0 $rc
for c in bt regs mem eval ps log info report gdb serve sym mod; do
	kd $c --help
	[ $rc -eq 0 ] && grep -q '^examples:' "$tmp/out" && ok "$c --help has examples" || not_ok "$c --help has examples"
done
"$KDVIEW" bt -A vmcore 2>/dev/null | head -n 1 >/dev/null
is 'a closed pipe is no error message' 0 "${PIPESTATUS[1]}"
