# SPDX-License-Identifier: GPL-3.0-or-later
# The cases of e2e: ARCH SERIES FLAVOUR RAM RESERVE ACTION [OPTION]...
#   RAM, RESERVE (crashkernel=) in MiB; ACTION one of actions.sh
#   suite=NAME       of Debian (default bookworm)
#   load=WHO         kdview (default) or kexec
#   how=-s|-c        its option: kexec_file_load(2) or kexec_load(2); else it decides
#   image=vmlinux    the crash kernel's file (default bzImage)
#   elf=32|64        core headers
#   args=OPTION      of "kdview load" more
#   more=WORD        for the second kernel's command line
# shellcheck shell=bash disable=SC2034
declare -A CASES=(
	[x86_64-file]="amd64 6.1 cloud-amd64 512 64 dump how=-s"
	[x86_64-segments]="amd64 6.1 cloud-amd64 512 64 dump how=-c"
	[x86_64-vmlinux]="amd64 6.1 cloud-amd64 768 160 dump how=-c image=vmlinux"
	[x86_64-6.12-file]="amd64 6.12 cloud-amd64 512 96 dump how=-s suite=trixie"
	[x86_64-6.12-segments]="amd64 6.12 cloud-amd64 512 96 dump how=-c suite=trixie"
	[i386-elf32]="i386 6.1 686 512 96 dump elf=32"
	[i386-elf64]="i386 6.1 686 512 96 dump elf=64"
	[i386-pae-elf64]="i386 6.1 686-pae 6144 128 dump elf=64"
	[x86_64-raw-view]="amd64 6.1 cloud-amd64 512 128 raw_view how=-c"
	[i386-raw-view]="i386 6.1 686 512 96 raw_view elf=32"
	[trixie-modules]="amd64 6.12 amd64 768 192 dump suite=trixie"
	[xfs]="amd64 6.1 cloud-amd64 512 128 xfs"
	[vfat]="amd64 6.1 cloud-amd64 512 128 vfat"
	[i386-xfs]="i386 6.1 686 512 96 xfs"
	[i386-pae-vfat]="i386 6.1 686-pae 6144 128 vfat elf=64"
	[dmesg]="amd64 6.1 cloud-amd64 512 128 dmesg"
	[corrupt]="amd64 6.1 cloud-amd64 512 128 corrupt how=-c args=--console-serial"
	[compare-x86_64]="amd64 6.1 cloud-amd64 512 128 compare how=-c"
	[compare-i386-elf32]="i386 6.1 686 512 96 compare how=-c elf=32"
	[compare-i386-elf64]="i386 6.1 686 512 96 compare how=-c elf=64"
	[compare-i386-pae]="i386 6.1 686-pae 6144 128 compare how=-c elf=64"
	[corrupt-i386]="i386 6.1 686 512 96 corrupt how=-c args=--console-serial"
	[corrupt-halt]="amd64 6.1 cloud-amd64 512 128 corrupt_halt how=-c args=--console-serial args=--purgatory-on-error=halt"
	[corrupt-continue]="amd64 6.1 cloud-amd64 512 128 corrupt_continue how=-c args=--console-serial args=--purgatory-on-error=continue"
	[missing]="amd64 6.1 cloud-amd64 512 128 missing"
	[nothing]="amd64 6.1 cloud-amd64 512 128 nothing"
	[full]="amd64 6.1 cloud-amd64 512 128 full"
	[fallback]="amd64 6.1 cloud-amd64 512 128 fallback"
	[pulled]="amd64 6.1 cloud-amd64 512 128 pulled"

	[peers-x86_64-file]="amd64 6.1 cloud-amd64 512 80 makedumpfile load=kexec how=-s"
	[peers-x86_64-segments]="amd64 6.1 cloud-amd64 512 80 makedumpfile load=kexec how=-c"
	[peers-x86_64-6.12]="amd64 6.12 cloud-amd64 512 112 makedumpfile load=kexec how=-s suite=trixie"
	[peers-i386]="i386 6.1 686 512 96 makedumpfile load=kexec"
	[peers-i386-pae]="i386 6.1 686-pae 6144 128 makedumpfile load=kexec elf=64"
)
# Those of the README's test command, and all that are kdview's.
QUICK=(x86_64-file x86_64-segments i386-elf32 corrupt full pulled)
FULL=(x86_64-file x86_64-segments x86_64-vmlinux x86_64-6.12-file x86_64-6.12-segments i386-elf32
	i386-elf64 i386-pae-elf64 trixie-modules x86_64-raw-view i386-raw-view xfs vfat i386-xfs i386-pae-vfat
	dmesg corrupt corrupt-i386 corrupt-halt corrupt-continue missing nothing full fallback
	pulled compare-x86_64 compare-i386-elf32 compare-i386-elf64 compare-i386-pae)
PEERS=(peers-x86_64-file peers-x86_64-segments peers-x86_64-6.12 peers-i386 peers-i386-pae)
