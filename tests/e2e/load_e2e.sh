# SPDX-License-Identifier: GPL-3.0-or-later
# load, unload and status on copies of machines (--root): everything but the system calls, which
# scripts/e2e has. The kernels are files that look like some.
# shellcheck shell=bash
here=$(dirname "$0")
. "$here/lib.sh"
machines=$here/../unit/data/machines

# machine NAME: its files in $root.
machine() {
	root=$tmp/$1
	python3 "$here/machine.py" unpack "$machines/$1.txt" "$root"
}

# set_file NAME TEXT
set_file() {
	mkdir -p "$(dirname "$root/$1")"
	printf '%s\n' "$2" >"$root/$1"
}

kernel() { python3 "$here/machine.py" "$@"; }

# dry ARGS...: load, but not really.
dry() { kd load --root "$root" --dry-run "$@"; }

head -c 1000000 /dev/zero >"$tmp/initrd"
kernel bzimage "$tmp/bz"
kernel bzimage "$tmp/bz32" xloadflags=0
kernel vmlinux "$tmp/vm"
kernel vmlinux "$tmp/vm32" machine=3

machine x86_64-6.1
dry "$tmp/bz" --initrd "$tmp/initrd"
is 'bzImage: by file' 0 $rc
shows 'bzImage: the call' '^by +kexec_file_load$'
shows 'default command line: consoles of the running kernel' \
	'^command line +console=ttyS0 irqpoll nr_cpus=1 reset_devices .*panic=10$'

dry "$tmp/bz" --initrd "$tmp/initrd" -c --debug --append quiet
is 'segments' 0 $rc
shows 'segments: the call' '^by +kexec_load$'
for name in kernel initrd 'core headers' 'boot params' purgatory; do
	shows "segments: $name" "^$name +0x1[3-9a-e][0-9a-f]{6} +0x1[3-9a-e][0-9a-f]{6} "
done
shows 'segments: the headers have CPUs, VMCOREINFO' '^note +0x11d4000 +0x11d4000 +- +0x1024$'
shows 'segments: and the image' '^load +0x5000000 +0x5000000 +0xffffffff8e600000 +0x2830000$'
shows 'segments: the low memory is held in the backup' '^load +0x1[3-9a-e][0-9a-f]{6} +0x1000 '
shows 'segments: elfcorehdr= is last' '^command line +quiet elfcorehdr=[0-9]+K$'

dry "$tmp/vm" --args-linux -p --append quiet --debug
is 'vmlinux: segments by itself' 0 $rc
shows 'vmlinux: and why' '^why kexec_load +.*is a vmlinux'
gzip -k "$tmp/vm"
dry "$tmp/vm.gz" -c --append quiet
is 'compressed vmlinux' 0 $rc
dry "$tmp/vm" -s
is 'vmlinux: not by file' 1 $rc
says 'vmlinux: says the way' 'load it with -c'

dry "$tmp/bz" --kexec-syscall --load-panic --ramdisk "$tmp/initrd" --command-line 'a b'
shows 'the long names of kexec: the call' '^by +kexec_load$'
shows 'the long names of kexec: initramfs' '^initramfs +.*/initrd \('
shows 'the long names of kexec: command line' '^command line +a b elfcorehdr='
dry "$tmp/bz" --kexec-syscall-auto --kexec-file-syscall
is 'the long names of -a and -s' 2 $rc

dry "$tmp/bz" --initrd "$tmp/initrd" --ramdisk "$tmp/initrd"
is '--initrd and --ramdisk' 2 $rc
says '--initrd and --ramdisk: says so' '--initrd and --ramdisk are the same'
dry "$tmp/bz" --append a --command-line b
is '--append and --command-line' 2 $rc
says '--append and --command-line: says so' '--append and --command-line are the same'

dry "$tmp/bz" --reuse-cmdline --append nr_cpus=1
shows 'reused command line, without crashkernel=' \
	'^command line +console=ttyS0 panic=5 quiet loglevel=0 nr_cpus=1$'
dry "$tmp/bz" --append '' --pass-memmap-cmdline
shows 'memmap= implies segments' '^command line +memmap=exactmap memmap=4K.0K memmap=635K@4K '

long=$(printf '%03000d' 0)
for way in -s -c; do
	dry "$tmp/bz" $way --append "$long"
	is "command line too long ($way)" 2 $rc
	says "command line too long ($way): by how much" 'takes 2047: shorten it by 9[0-9]+'
done
for word in --no-checks --console-serial --pass-memmap-cmdline --purgatory-on-error=halt; do
	dry "$tmp/bz" -s $word
	is "$word is nothing for -s" 2 $rc
	says "$word: says the way" 'take -c'
done
dry "$tmp/bz" --elf32-core-headers
is 'ELF32 on x86_64' 2 $rc
dry "$tmp/bz" --purgatory-on-error=sleep
is 'what the purgatory cannot do' 2 $rc
dry "$tmp/bz" --serial ttyS9
is 'a serial port that is none' 2 $rc
dry "$tmp/bz" --serial-baud 9600
is 'a speed of no port' 2 $rc
mkfifo "$tmp/pipe"
dry "$tmp/pipe"
is 'a pipe that nobody writes to is no kernel' 2 $rc
for way in -s -c; do
	dry "$tmp/bz" $way --initrd "$tmp/pipe"
	is "nor an initramfs ($way)" 2 $rc
done
dry "$tmp/bz"
shows 'no initramfs: says so' 'it has no initramfs: .*--build-initrd'
dry "$tmp/bz" --initrd "$tmp/initrd"
lacks 'an initramfs: nothing to say' 'no initramfs'
dry "$tmp/bz" -s -c
is '-s and -c' 2 $rc
dry "$tmp/bz" --hotplug -c
is 'hotplug, which this kernel has not' 1 $rc
says 'hotplug: what to do' 'leave out --hotplug'
dry
is 'no kernel is named, none is in /boot' 2 $rc
says 'no kernel: says where it looked' 'boot/vmlinuz-6.1.0-56-cloud-amd64 is not there'
mkdir -p "$root/boot"
cp "$tmp/bz" "$root/boot/vmlinuz-6.1.0-56-cloud-amd64"
dry
is 'no kernel is named: the running one' 0 $rc
kd load --root "$root" "$tmp/bz"
is 'a copy is not loaded into' 2 $rc

for way in -s -c; do
	dry "$tmp/absent" $way
	is "absent kernel ($way)" 1 $rc
	says "absent kernel ($way)" 'absent.*No such file'
	dry "$tmp/bz" $way --initrd "$tmp/absent"
	is "absent initramfs ($way)" 1 $rc
	says "absent initramfs ($way)" 'absent: cannot open the initramfs'
	dry "$BASH" $way
	is "a program is no kernel ($way)" 1 $rc
	dry "$tmp/initrd" $way
	is "zeros are no kernel ($way)" 1 $rc
	head -c 3000 "$tmp/bz" >"$tmp/cut"
	dry "$tmp/cut" $way
	is "a kernel that is cut off ($way)" 1 $rc
	kernel bzimage "$tmp/huge" init_size=0xd000000
	dry "$tmp/huge" $way
	is "too large ($way)" 1 $rc
	says "too large ($way): how much is missing, and what to do" \
		'[0-9]+ Mi?B are missing.*larger crashkernel='
done
# What systemd's stub makes of a kernel, and what objcopy makes of that.
kernel uki "$tmp/uki" linux="$tmp/bz"
for way in -s -c; do
	dry "$tmp/uki" $way
	is "a unified kernel image ($way)" 1 $rc
	says "a unified kernel image ($way): how to take its kernel out" \
		"objcopy -O binary -j \\.linux $tmp/uki vmlinuz"
done
objcopy -O binary -j .linux "$tmp/uki" "$tmp/taken"
is 'what is taken out is the kernel' "$(sha256sum <"$tmp/bz")" "$(sha256sum <"$tmp/taken")"
kernel uki "$tmp/nokernel" linux="$tmp/bz" name=.text
dry "$tmp/nokernel"
says 'another program of UEFI' 'neither a bzImage nor a vmlinux'

kernel bzimage "$tmp/fixed" relocatable=0
dry "$tmp/fixed" -c
is 'not relocatable' 1 $rc
says 'not relocatable: what to do' 'not relocatable.*CONFIG_RELOCATABLE'

set_file proc/meminfo 'MemTotal:        50000 kB'
dry "$tmp/bz" --initrd "$tmp/initrd"
is 'more than half of the memory' 1 $rc
says 'more than half of the memory: says so' 'no kernel loads more than half'
rm "$root/proc/meminfo"

kd status --root "$root"
is 'status: not loaded' 1 $rc
shows 'status: not loaded' '^loaded +no$'
shows 'status: reservation' '^reserved +192.0 MiB$'
is 'status: which is said once' 1 "$(grep -c reserved "$tmp/out")"
shows 'status: place' '^crash memory +0x13000000-0x1effffff'
shows 'status: what to do' 'kdview load'
set_file sys/kernel/kexec_crash_loaded 1
mkdir -p "$root/run/kdview"
printf 'kernel /boot/vm\nhow file\nwhen 1780000000\ncmdline a b=c  d\n' >"$root/run/kdview/loaded"
kd status --root "$root" --json
is 'status: loaded' 0 $rc
is 'status: as JSON' 'true /boot/vm a b=c  d 2026-05-28 20:26:40 UTC' \
	"$(python3 -c 'import json,sys; s = json.load(sys.stdin)
print(str(s["loaded"]).lower(), s["kernel"], s["cmdline"], s["since"])' <"$tmp/out")"
kd status --root "$root" -q
is 'status: quiet' "0 " "$rc $(cat "$tmp/out")"

lacks 'status: nothing changed' 'load it again'
printf 'ram 536341504\ncpus 2\n' >>"$root/run/kdview/loaded"
kd status --root "$root"
lacks 'status: as it was loaded' 'load it again'
set_file sys/devices/system/cpu/cpu5/crash_notes 12539800
kd status --root "$root"
shows 'status: a CPU came' 'load it again'
set_file sys/devices/system/cpu/crash_hotplug 1
kd status --root "$root"
lacks 'status: a CPU came, and the kernel cares' 'load it again'
shows 'status: it cares for CPUs alone' '^follows hotplug +no$'

# Nobody but root sees where memory is.
sed -i 's/^\( *\)[0-9a-f]*-[0-9a-f]* :/\100000000-00000000 :/' "$root/proc/iomem"
kd status --root "$root"
shows 'hidden iomem: status says who sees it' 'only root can see'
dry "$tmp/bz" -c
is 'hidden iomem: no segments' 1 $rc
says 'hidden iomem: why' '/proc/iomem shows to root only'
lacks 'hidden iomem: nothing else was tried' 'kexec_file_load'
dry "$tmp/vm"
is 'neither call can be' 1 $rc
says 'neither call can be: why not the first' 'not by kexec_file_load .*is a vmlinux'
says 'neither call can be: why not the second' 'nor by kexec_load: .*shows to root only'

set_file sys/kernel/kexec_crash_size 0
set_file sys/kernel/kexec_crash_loaded 0
kd status --root "$root"
shows 'no reservation though asked for' 'no memory is reserved, though .*crashkernel='
shows 'no reservation: nothing' '^reserved +nothing$'
set_file proc/cmdline 'console=ttyS0'
kd status --root "$root"
shows 'no reservation: what to do' 'add crashkernel=.*and boot again'
rm "$root/sys/kernel/kexec_crash_loaded"
kd status --root "$root"
shows 'a kernel without kexec' 'built without CONFIG_KEXEC'
set_file proc/sys/kernel/kexec_load_disabled 1
kd status --root "$root"
shows 'loading is switched off' 'kexec_load_disabled is 1'
set_file proc/sys/kernel/kexec_load_disabled 0
lacks 'loading is possible' 'limit_panic'
set_file proc/sys/kernel/kexec_load_limit_panic -1
kd status --root "$root"
lacks 'loading is not limited' 'limit_panic'
set_file proc/sys/kernel/kexec_load_limit_panic 0
kd status --root "$root"
shows 'loading is used up' 'kexec_load_limit_panic is 0'
set_file sys/kernel/kexec_crash_loaded 0
set_file sys/hypervisor/guest_type PV
kd status --root "$root"
shows 'Xen: not this kernel' 'runs on Xen'
set_file proc/iomem nonsense
kd status --root "$root"
is 'an iomem that makes no sense' 1 $rc

# The kernel of i386 runs below 896 MB only.
machine x86_64-6.1
sed -i 's/^\( *\)13000000-1effffff : Crash kernel/\160000000-6bffffff : Crash kernel/' "$root/proc/iomem"
dry "$tmp/bz" -c
is 'high crash memory: x86_64' 0 $rc
dry "$tmp/bz32" -c
is 'high crash memory: not i386' 1 $rc
says 'high crash memory: why' 'no place in the crash memory'

# More ranges than the zero page has room for: the others follow it.
machine x86_64-6.1
python3 - >>"$root/proc/iomem" <<'END'
for i in range(1, 301):
    print("%x-%x : %s" % ((1 << 32) + i * 65536, (1 << 32) + i * 65536 + 8191,
                          ["Reserved", "ACPI Tables"][i % 2]))
END
dry "$tmp/bz" -c --debug --append quiet
is 'e820 of many ranges: all are there' 300 "$(grep -cE '^ *0x10[0-9a-f]{7} +0x10[0-9a-f]{3}1fff +(reserved|ACPI tables)$' "$tmp/out")"

machine x86_64-6.12
dry "$tmp/bz" -c --hotplug --debug
is 'hotplug, which this kernel has' 0 $rc
shows 'hotplug: room for the headers' '^core headers .* 921600 +[0-9]+$'

machine i386-686
dry "$tmp/bz32" --debug
is 'i386: segments' 0 $rc
shows 'i386: ELF32' '^core headers +ELF32$'
dry "$tmp/bz32" --elf64-core-headers --debug
shows 'i386: ELF64 when asked for' '^core headers +ELF64$'
dry "$tmp/bz"
is 'i386: a kernel of x86_64 reads no such core headers' 1 $rc
says 'i386: a kernel of x86_64: what can' 'take one for i386'
dry "$tmp/bz32" -s
is 'i386: no kexec_file_load' 2 $rc
dry "$tmp/vm32"
is 'i386: vmlinux lies where it lies' 1 $rc
says 'i386: vmlinux: where that is' '0x1000000-.*crashkernel=SIZE@16M'

machine i386-686-pae
dry "$tmp/bz32" --debug
is 'PAE: segments' 0 $rc
shows 'PAE: ELF64 above 4 GiB' '^load +0x100000000 +0x100000000 +- +0xc0000000$'
dry "$tmp/bz32" --elf32-core-headers
is 'PAE: ELF32 cannot' 2 $rc
says 'PAE: ELF32 cannot: what can' '--elf64-core-headers'

kd unload extra
is 'unload: takes nothing' 2 $rc
