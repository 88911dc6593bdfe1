# SPDX-License-Identifier: GPL-3.0-or-later
# kdview: each folder of src/ is a static archive; they are linked in the order
# of the design (a room may use only those to its right), so that an include that
# points upward does not link.

VERSION  := 0.1.0
B        ?= build
# One name for one folder: objects that were made as build/x.o and as /home/me/build/x.o have their
# dependencies under one of the names only.
override B := $(patsubst $(CURDIR)/%,%,$(abspath $(B)))
CC       ?= gcc
PREFIX   ?= /usr/local
ROOMS    := second tui ui mi setup load capture kernel i386 x86_64 core
# make WERROR=-Werror for development; a newer compiler must not fail a user.
WERROR   ?=
OPT      ?= -O2 -g

PKGS     := libelf libdw libbpf capstone ncursesw readline jansson zlib libdeflate lzo2 snappy libzstd liblzma
# As system headers: their warnings are not ours.
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wmissing-prototypes \
	    -Wstrict-prototypes -Wcast-qual -Wwrite-strings -Wnull-dereference -Wvla $(WERROR)
override CFLAGS += -std=gnu17 $(OPT) $(WARN) -fstack-protector-strong -pthread \
	    -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DKD_VERSION='"$(VERSION)"' -Isrc $(PKG_CFLAGS) $(SAN)
override LDFLAGS += -pthread $(SAN)

ARCHIVES := $(ROOMS:%=$(B)/lib%.a)
TESTS    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*_test.c))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
SOURCES  := $(wildcard src/*.c src/*/*.c)

.PHONY: all
all: $(B)/kdview

$(B)/kdview: $(B)/src/main.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

define room
$(B)/lib$(1).a: $$(patsubst %.c,$(B)/%.o,$$(wildcard src/$(1)/*.c))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The purgatory runs without an operating system: own flags, none of ours. For each architecture
# that the compiler can make code for, one image, as bytes for C; for others the file is empty.
PURGATORY_SRC   := $(wildcard src/load/purgatory/*.c) src/load/sha256.c
PURGATORY_FLAGS := -std=gnu17 -O2 $(WARN) -Isrc -ffreestanding -fpie -mgeneral-regs-only \
		   -mno-red-zone -fno-stack-protector -fcf-protection=none -fno-jump-tables \
		   -fno-asynchronous-unwind-tables -fno-unwind-tables -g0
PURGATORY_LINK  := -nostdlib -pie -Wl,--no-dynamic-linker -Wl,--build-id=none \
		   -Wl,-z,noexecstack -Wl,-T,src/load/purgatory/purgatory.ld
PURGATORY_x86_64 := -m64 -march=x86-64
PURGATORY_i386   := -m32 -march=i686

$(B)/purgatory/%.inc: $(PURGATORY_SRC) $(wildcard src/load/purgatory/*) src/load/sha256.h Makefile
	@mkdir -p $(@D)
	@rm -f $(@D)/$*.bin
	if echo 'int i;' | $(CC) $(PURGATORY_$*) -x c -c -o $(@D)/$*.o - 2>/dev/null; then \
		$(CC) $(PURGATORY_FLAGS) $(PURGATORY_$*) $(PURGATORY_LINK) -o $(@D)/$*.elf \
			src/load/purgatory/entry_$*.S $(PURGATORY_SRC) && \
		objcopy -O binary -j .image $(@D)/$*.elf $(@D)/$*.bin; \
	else \
		echo "no purgatory for $*: $(CC) cannot make code for it" >&2; : >$(@D)/$*.bin; \
	fi
	od -An -v -tx1 $(@D)/$*.bin | sed 's/ \(..\)/0x\1,/g' >$@

$(B)/src/load/purgatory_image.o: $(B)/purgatory/x86_64.inc $(B)/purgatory/i386.inc
$(B)/src/load/purgatory_image.o: override CFLAGS += -I$(B)

# kdview-capture, static and small: src/static and what it needs of the rooms, but neither
# libdw, capstone, libbpf nor a terminal. ARCH=i386 wants g++-multilib, and i386's libraries where
# scripts/i386-libs puts them or the linker finds them by itself.
ARCH        ?= x86_64
I386_LIBS   ?= build/i386-libs
STATIC_CC   := $(CC) $(if $(filter i386,$(ARCH)),-m32 -march=i686 -Wno-psabi -D_TIME_BITS=64)
STATIC_UI   := args cmd_capture cmd_check cmd_convert cmd_estimate cmd_initrd cmd_load cmd_status cmd_test cmd_verify looks command_help \
	       complain doc escape format initrd_args links load_doc nearest output print_doc render_json \
	       render_stack render_text signals test_doc \
	       $(patsubst src/ui/%.c,%,$(wildcard src/ui/write_dump*.c))
STATIC_NOT  := capture/zstd_level load/unpack_xz \
	       $(addprefix kernel/,blame boot_image btf_in_place debug_file disasm dwarf dwarf_form dwarf_ranges frame_section \
		 inflate line_file line_table lines type_view_dwarf types_dwarf types_units)
STATIC_SRC  := $(filter-out $(STATIC_NOT:%=src/%.c), \
	       $(wildcard $(patsubst %,src/%/*.c,static second setup load capture kernel i386 x86_64 core))) \
	       src/mi/module_place.c src/mi/rsp_elf.c $(STATIC_UI:%=src/ui/%.c)

.PHONY: static
static:
	$(MAKE) B=$(B)/static-$(ARCH) CC="$(STATIC_CC)" \
		OPT="-Os -g1 -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables" \
		$(B)/static-$(ARCH)/kdview-capture

$(B)/kdview-capture: $(STATIC_SRC:%.c=$(B)/%.o) | src/static/frames.ld
	$(CC) $(LDFLAGS) $(if $(filter i386,$(ARCH)),-L$(I386_LIBS)/usr/lib/i386-linux-gnu) -static -s -Wl,--gc-sections -Wl,-T,src/static/frames.ld -o $@ $^ -ljansson -lelf -lz -ldeflate -llzo2 \
		-lsnappy -lzstd -lstdc++

# A unit test is one file: it links against every room it might use.
$(B)/unit/%: $(B)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

.PHONY: units check e2e asan tsan tidy format fuzz bench peers cores man install clean
units: $(TESTS) cores
	tests/run-units $(B) $(TESTS)

# The fixtures, unpacked.
cores:
	tests/cores/unpack $(B)/cores

# Programs that the end-to-end tests use.
.PHONY: e2e-programs
e2e-programs: $(B)/unit/dump_compare $(B)/unit/links_run

e2e: all cores e2e-programs
	tests/e2e/run $(B)

check: units e2e

# The same tests with the sanitizers watching: what they find ends the program.
asan:
	$(MAKE) B=$(B)/asan OPT="-O1 -g" SAN="-fsanitize=address,undefined \
		-fno-sanitize-recover=all -fno-omit-frame-pointer" check

tsan: cores
	$(MAKE) B=$(B)/tsan OPT="-O1 -g" SAN="-fsanitize=thread" all units
	tests/run-tsan $(B)/tsan $(B)/cores

tidy:
	tests/run-tidy $(CFLAGS) -- $(SOURCES)

format:
	clang-format --dry-run --Werror $(SOURCES) $(wildcard src/*/*.h)

FUZZ_SECONDS ?= 30
fuzz:
	$(MAKE) B=$(B)/fuzzing CC=clang OPT="-O1 -g" WERROR= \
		SAN="-fsanitize=address,undefined,fuzzer-no-link" fuzzers
	tests/fuzz/run $(B)/fuzzing $(FUZZ_SECONDS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

# The whole way from a panic to a report, in QEMU: every case, with a table (see its head).
.PHONY: e2e-full
e2e-full: all static
	B=$(abspath $(B)) scripts/e2e -a
	B=$(abspath $(B)) scripts/e2e-setup

man: all
	$(B)/kdview help --man >doc/kdview.1

# Stacks against drgn, crash, gdb and the kernel's own traces, on full-size dumps (see its head).
peers: all
	KDVIEW=$(B)/kdview tests/e2e/peers.sh $(DUMPS)

bench: all cores
	tests/bench/run $(B)
	tests/bench/capture $(B)

# What becomes /init of initramfs.
CAPTURE := $(B)/static-$(ARCH)/kdview-capture

install: all
	install -D -m 0755 $(B)/kdview $(DESTDIR)$(PREFIX)/bin/kdview
	install -D -m 0644 doc/kdview.1 $(DESTDIR)$(PREFIX)/share/man/man1/kdview.1
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's#/usr/local/bin#$(PREFIX)/bin#' scripts/kdview.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/kdview.service
	[ -e $(DESTDIR)/etc/kdview/load.conf ] || \
		install -D -m 0644 scripts/load.conf $(DESTDIR)/etc/kdview/load.conf
	if [ -e $(CAPTURE) ]; then \
		install -D -m 0755 $(CAPTURE) $(DESTDIR)$(PREFIX)/lib/kdview/kdview-capture; \
	else \
		echo "no $(CAPTURE): \"kdview initrd\" needs it (make static)"; \
	fi

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
