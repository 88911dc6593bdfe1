#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# test and status: a crash on purpose, as far as a folder of files can crash.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

root=$tmp/root
mkdir -p "$root"/{dev,proc/self,proc/sys/kernel/random,sys/kernel,srv,var/lib,run}
echo x86_64 >"$root/proc/sys/kernel/arch"
echo 6.6.6 >"$root/proc/sys/kernel/osrelease"
echo first >"$root/proc/sys/kernel/random/boot_id"
echo "00001000-0009ffff : System RAM" >"$root/proc/iomem"
echo 0 >"$root/sys/kernel/kexec_crash_loaded"
: >"$root/dev/kmsg"
: >"$root/proc/sysrq-trigger"
{ printf XFSB; head -c 28 /dev/zero; printf '\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20'
	head -c 60 /dev/zero; printf dumps; head -c 8000 /dev/zero; } >"$root/dev/vda1"
printf 'major minor  #blocks  name\n\n 254 1 1 vda1\n' >"$root/proc/partitions"
echo '25 1 254:1 /sub /srv rw - xfs /dev/vda1 rw' >"$root/proc/self/mountinfo"

kd test --root "$root" --yes
is "without a crash kernel it refuses" 1 "$rc"
says "and says so" "no crash kernel is loaded"
is "and nothing crashed" "" "$(cat "$root/proc/sysrq-trigger")"
echo 1 >"$root/sys/kernel/kexec_crash_loaded"
kd test --root "$root"
is "without a terminal it asks for --yes" 2 "$rc"
is "and nothing crashed then" "" "$(cat "$root/proc/sysrq-trigger")"
echo off >"$root/proc/sys/kernel/printk_devkmsg"
kd test --root "$root" --yes
is "a log that takes no ID: it refuses" 1 "$rc"
says "and names the sysctl" "sysctl -w kernel.printk_devkmsg=ratelimit"
echo "quiet printk.devkmsg=off" >"$root/proc/cmdline"
kd test --root "$root" --yes
says "or the command line, where that is in the way" "take printk.devkmsg=off from"
is "and nothing crashed there" "" "$(cat "$root/proc/sysrq-trigger")"
rm "$root/proc/cmdline"
echo ratelimit >"$root/proc/sys/kernel/printk_devkmsg"
kd status --root "$root"
lacks "no test, nothing about it" "last test"

# what "load" leaves there
mkdir -p "$root/run/kdview"
printf 'module /modules/x.ko\ntarget UUID=01020304-0506-0708-090a-0b0c0d0e0f10 xfs /sub/crash\n' \
	>"$root/run/kdview/kdview.conf"
kd test --root "$root" --yes
is "it crashes" c "$(cat "$root/proc/sysrq-trigger")"
id=$(grep -o 'kdview-test-[0-9a-f]*' "$tmp/out")
is "the log has the ID" "<5>kdview: a crash on purpose: $id" "$(cat "$root/dev/kmsg")"
is "it is kept for root alone" 600 "$(stat -c %a "$root/var/lib/kdview/test")"
kd status --root "$root"
shows "before the crash it is told" "did not crash since"
kd status --root "$root" --test -q
is "and not arrived" 1 "$rc"

echo second >"$root/proc/sys/kernel/random/boot_id"
rm -r "$root/run/kdview"
kd status --root "$root"
shows "the folder is not there yet" "is not mounted here"
mkdir -p "$root/srv/crash/host-1" "$root/srv/crash/host-2"
echo "another crash" >"$root/srv/crash/host-1/vmcore-dmesg.txt"
kd status --root "$root"
shows "a dump of another crash is none" "its dump arrived +no"
shows "where it looked" "srv/crash has no log with it"
kd status --root "$root" --test -q
is "exit status" 1 "$rc"
printf 'x\n[    1.0] kdview: a crash on purpose: %s\n' "$id" >"$root/srv/crash/host-2/vmcore-dmesg.txt"
: >"$root/srv/crash/host-2/vmcore-incomplete"
kd status --root "$root" --test
is "half a dump is not enough" 1 "$rc"
shows "that is seen" "complete +no"
mv "$root/srv/crash/host-2/vmcore-incomplete" "$root/srv/crash/host-2/vmcore"
kd status --root "$root" --test
is "the dump arrived" 0 "$rc"
shows "where" "dump .*srv/crash/host-2/vmcore$"
rm "$root/srv/crash/host-2/vmcore"
kd status --root "$root" --test
is "its log alone is not what was wanted" 1 "$rc"
echo dmesg >>"$root/var/lib/kdview/test"
kd status --root "$root" --test
is "unless it was" 0 "$rc"
mv "$root/srv/crash" "$root/elsewhere"
kd status --root "$root" --test --target "$root/elsewhere"
is "elsewhere" 0 "$rc"
kd status --root "$root" --json
if python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(d["test"]["id"] != sys.argv[2])' \
	"$tmp/out" "$id"; then ok "as JSON"; else not_ok "as JSON"; fi

# a device that is a dump: its log is read
cp "$CORES/x86_64/vmcore" "$root/dev/vdb"
kd log "$CORES/x86_64/vmcore"
known=$(grep -oE '[A-Za-z][A-Za-z0-9_]{15,40}' "$tmp/out" | head -n 1)
printf '# %s 1 x\nraw /dev/vdb\n' "$known" >"$root/var/lib/kdview/test"
kd status --root "$root" --test
is "a raw device that has the ID ($known) in its log" 0 "$rc"
printf '# kdview-test-0123456789abcdef 1 x\nraw /dev/vdb\n' >"$root/var/lib/kdview/test"
kd status --root "$root" --test
shows "and one that has not" "the dump of another crash"
for text in "" "#" "# a b c" "no" "# $id"; do
	printf '%s\n' "$text" >"$root/var/lib/kdview/test"
	kd status --root "$root" --test
	shows "a state that makes no sense is told: '$text'" "it makes no sense"
done
