# SPDX-License-Identifier: GPL-3.0-or-later
# kdview: each folder of src/ is a static archive; they are linked in the order
# of the design (a room may use only those to its right), so that an include that
# points upward does not link.

VERSION  := 0.1.0
B        ?= build
CC       ?= gcc
ROOMS    := ui mi kernel i386 x86_64 core
WERROR   ?= -Werror
OPT      ?= -O2 -g

PKGS     := libelf libdw libbpf readline jansson zlib
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wmissing-prototypes \
	    -Wstrict-prototypes -Wcast-qual -Wwrite-strings -Wnull-dereference -Wvla $(WERROR)
override CFLAGS += -std=gnu17 $(OPT) $(WARN) -fstack-protector-strong -pthread \
	    -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DKD_VERSION='"$(VERSION)"' -Isrc $(PKG_CFLAGS) $(SAN)
override LDFLAGS += -pthread $(SAN)

ARCHIVES := $(ROOMS:%=$(B)/lib%.a)
TESTS    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*_test.c))

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

# A unit test is one file: it links against every room it might use.
$(B)/unit/%: $(B)/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

-include $(shell find $(B) -name '*.d' 2>/dev/null)
