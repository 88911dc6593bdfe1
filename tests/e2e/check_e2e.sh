# SPDX-License-Identifier: GPL-3.0-or-later
# kdview check: on this machine, on machines that were copied, and on kernels with a configuration
# inside.
# shellcheck shell=bash
. "$(dirname "$0")/lib.sh"
data=$(cd "$(dirname "$0")/../unit/data" && pwd)

# guest NAME RELEASE: unpack a machine into $tmp/NAME.
guest() {
	local name=$1 out=
	mkdir -p "$tmp/$name/boot"
	while IFS= read -r line; do
		case $line in
		'== '*)
			out=$tmp/$name/${line#== }
			mkdir -p "$(dirname "$out")"
			: >"$out"
			;;
		*) printf '%s\n' "$line" >>"$out" ;;
		esac
	done <"$data/guest/$name.txt"
	cp "$data/kconfig/$2.config" "$tmp/$name/boot/config-$2"
}

# This machine, whatever it is: an answer, not a failure.
kd check
case $rc in
0) lacks 'this machine: nothing is missing' '^== missing' ;;
1) shows 'this machine: what is missing is told' '^== missing' ;;
*) not_ok "this machine: exit status $rc" ;;
esac
is 'this machine: no errors' '' "$(cat "$tmp/err")"
kd check --json
jq -e '.command == "check" and (.checks | length > 5) and
	(.ready == ([.checks[] | select(.state == "missing")] == []))' "$tmp/out" >/dev/null 2>&1 &&
	ok 'this machine: JSON' || not_ok 'this machine: JSON'

guest x86_64-6.1 6.1.0-56-cloud-amd64
kd check --root "$tmp/x86_64-6.1"
is 'a machine that is ready: exit status' 0 $rc
lacks 'a machine that is ready: nothing is missing' '^== missing'
shows 'hangs do not panic: the setting is there' '-> sysctl -w kernel.hung_task_panic=1$'
kd check --root "$tmp/x86_64-6.1" --all
shows 'what is all right is shown by --all' 'CONFIG_PROC_VMCORE +y'
shows 'the reservation is found' 'reserved memory +128 MiB at 0x27000000'

guest i386-6.1-686 6.1.0-50-686
kd check --root "$tmp/i386-6.1-686"
is 'no reservation: exit status' 1 $rc
shows 'no reservation: the setting is there' '-> crashkernel=[0-9]+M on the kernel'
kd check --root "$tmp/i386-6.1-686" --quiet
is '--quiet says nothing' "1 0" "$rc $(stat -c %s "$tmp/out")"

# Kernels that carry their configuration.
for vmlinux in "$CORES"/*/vmlinux; do
	name=$(basename "$(dirname "$vmlinux")")
	kd check --second --kernel "$vmlinux" --root /nonexistent --all
	is "$name: a kernel for dumps" 0 $rc
	case $name in
	i386-pae*) shows "$name: PAE is seen" 'CONFIG_X86_PAE +y' ;;
	esac
	case $(readelf -h "$vmlinux") in
	*X86-64*) shows "$name: it is for x86_64" '^second kernel.*, x86_64;' ;;
	*) shows "$name: it is for i386" '^second kernel.*, i386;' ;;
	esac
	shows "$name: its configuration is inside" "configuration: $vmlinux"
done
vmlinux=$(find "$CORES" -name vmlinux -path '*x86_64/*' | head -n 1)
gzip -1 <"$vmlinux" >"$tmp/vmlinux.gz"
kd check --second --kernel "$tmp/vmlinux.gz" --root /nonexistent
is 'compressed, too' 0 $rc
shows 'compressed, too: its configuration is inside' "configuration: $tmp/vmlinux.gz"

# How much memory: the parts and their sum, beside what is reserved.
kd estimate "$vmlinux" --json --root /nonexistent
is 'estimate: exit status' 0 $rc
jq -e '(([.parts[].bytes] | add) as $sum | .least == ([$sum, .loading] | max)) and .want > .least and
	.crashkernel == "crashkernel=\(.want / 1048576)M" and .reserved == null' "$tmp/out" >/dev/null 2>&1 &&
	ok 'estimate: the sum of its parts' || not_ok 'estimate: the sum of its parts'
least=$(jq .least "$tmp/out") want=$(jq .want "$tmp/out")
cp "$vmlinux" "$tmp/x86_64-6.1/boot/vmlinuz-6.1.0-56-cloud-amd64"
printf '%s\n' $((want + 1)) >"$tmp/x86_64-6.1/sys/kernel/kexec_crash_size"
kd estimate --root "$tmp/x86_64-6.1"
shows 'estimate: the kernel that runs, enough is reserved' 'reserved now .*enough'
kd check --root "$tmp/x86_64-6.1" --all
shows 'enough is reserved' 'reserved memory +[0-9]+ MiB'
printf '%s\n' $((least - 1)) >"$tmp/x86_64-6.1/sys/kernel/kexec_crash_size"
kd estimate --root "$tmp/x86_64-6.1"
shows 'estimate: too little is reserved' 'reserved now .*too little'
kd check --root "$tmp/x86_64-6.1"
is 'too little is reserved: exit status' 1 $rc
shows 'too little is reserved: the setting is there' "-> crashkernel=$((want / 1048576))M on"
printf '%s\n' "$least" >"$tmp/x86_64-6.1/sys/kernel/kexec_crash_size"
kd check --root "$tmp/x86_64-6.1"
is 'just enough is reserved: exit status' 0 $rc
shows 'just enough is reserved: is said' 'may just be too small'
head -c 50000000 /dev/zero | gzip -1 >"$tmp/large.img"
kd estimate "$vmlinux" --initrd "$tmp/large.img" --json
jq -e '.parts[] | select(.part == "initramfs_unpacked") | .bytes == 50000000' "$tmp/out" >/dev/null 2>&1 &&
	ok 'estimate: an initramfs is unpacked' || not_ok 'estimate: an initramfs is unpacked'
kd estimate /etc/passwd
is 'estimate: no kernel' 1 $rc

# Wrong words and files.
kd check --root /nonexistent
is "a root that has nothing is not all right" 2 $rc
says "a root that has nothing: why" '/nonexistent/proc/sys/kernel/arch is missing'
kd check --kernel /nonexistent/vmlinuz
is 'no such kernel: exit status' 2 $rc
says 'no such kernel: is said' 'No such file'
kd check --config /etc/passwd
is 'no configuration: exit status' 2 $rc
says 'no configuration: is said' 'no configuration of a kernel'
kd check --frist
is 'no such option' 2 $rc
says 'no such option: the nearest' 'first'
kd check vmcore
is 'a word' 2 $rc
