# libmanrs: GNU make alone. `make help` lists the targets.
VERSION := $(shell awk '/^.define MANRS_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+/ { v[$$2] = $$3 } \
	END { p = "MANRS_VERSION_"; print v[p "MAJOR"] "." v[p "MINOR"] "." v[p "PATCH"] }' include/manrs/base.h)
SOVERSION := 0
ifneq ($(words $(subst ., ,$(VERSION))),3)
$(error no version in include/manrs/base.h)
endif

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
SYSTEMDDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=

B ?= build
ifneq ($(words $(B)),1)
$(error B='$(B)': make cannot build in a folder with a blank in its name)
endif
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PYTHON ?= python3
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
WERROR ?=
CPPFLAGS ?=
CFLAGS ?=
LDFLAGS ?=
BASE := -std=c11 $(WARN) $(WERROR) $(OPT) -Iinclude -MMD -MP
LIBFLAGS := $(BASE) -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections -Ilib
HOSTFLAGS := $(BASE) -D_GNU_SOURCE
# assert() states what is proved: on in tests and fuzzing, out in what is installed and measured. Behind CPPFLAGS and CFLAGS, so
# that a distribution's -DNDEBUG, or the lack of it, does not switch.
ASSERT_ON := -UNDEBUG
ASSERT_OFF := -UNDEBUG -DNDEBUG

# Processor-specific files are chosen here, never with #ifdef inside a function.
ARCH := $(shell $(CC) -dumpmachine 2>/dev/null | cut -d- -f1)
LIBSRC := $(sort $(wildcard lib/*/*.c))
ifeq ($(ARCH),x86_64)
LIBSRC := $(filter-out %_noisa.c,$(LIBSRC))
else
LIBSRC := $(filter-out %_avx2.c %_avx512.c %_x86.c,$(LIBSRC))
endif
LIBOBJ := $(LIBSRC:%.c=$(B)/%.o)
SONAME := libmanrs.so.$(SOVERSION)
SOFILE := libmanrs.so.$(VERSION)
LIBS := -ltommath

.PHONY: all
all: $(B)/libmanrs.a $(B)/$(SOFILE) $(B)/libmanrs.so $(B)/$(SONAME) $(B)/manrs

.PHONY: help
help:
	@echo 'make                the library and the command, into $(B)/'
	@echo 'make check          set up what is needed, then every test'
	@echo 'make demo           set up what is needed, then famous incidents judged; VRPS=FILE ROUTES=FILE: your own'
	@echo 'make install        PREFIX= LIBDIR= INCLUDEDIR= SYSTEMDDIR= DESTDIR=; make uninstall takes it away again'
	@echo 'make test           the tests, without the set-up'
	@echo 'make check-layers   no include against the floors of the library'
	@echo 'make check-symbols  exports declared, mapped and tested; imports only those of tests/imports.txt; no call against the floors'
	@echo 'make asan tsan valgrind   the C tests under each; tsan: those with threads, SUITES= for others'
	@echo 'make cross          the C tests at 32 bits, with musl, on arm64 and big-endian s390x (qemu-user); TARGETS= SUITES= for some'
	@echo 'make lab            set up what is needed, then real daemons in namespaces; LAB=name for some, JOBS=3 at a time; needs root'
	@echo 'make fuzz           SECONDS=10 a target; FUZZ=name for one'
	@echo 'make bench          measure beside the peers that are installed; BENCH=name for one'
	@echo 'make python         the extension of bindings/python, where Python.h is; make python-test runs its tests'
	@echo 'make frr            the module of bindings/frr, for the bgpd that is installed: fetches FRR'\''s source for its headers'
	@echo 'make abi            compare with the dump in tests/abi/; make abi-dump writes it'
	@echo 'make format         the C files as .clang-format says; make check-format fails where one is not'
	@echo 'make examples man clean'

# What the objects were compiled from and with: a change of flags or of the set of files is seen.
FLAGS := $(subst ','\'',$(CC) $(BASE) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) | $(ASSERT_ON) | $(ASSERT_OFF) | $(LIBSRC))
$(B)/flags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(FLAGS)' | cmp -s - $@ || printf '%s\n' '$(FLAGS)' > $@
.PHONY: FORCE
FORCE:

$(B)/lib/%_avx2.o $(B)/assert/lib/%_avx2.o: ISAFLAGS := -mavx2 -mbmi -mbmi2 -mpopcnt -mlzcnt
$(B)/lib/%_avx512.o $(B)/assert/lib/%_avx512.o: ISAFLAGS := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512cd -mavx512vpopcntdq -mavx2 -mbmi -mbmi2 -mpopcnt -mlzcnt
$(B)/lib/%.o: lib/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(LIBFLAGS) $(CPPFLAGS) $(CFLAGS) $(ISAFLAGS) $(ASSERT_OFF) -c -o $@ $<
$(B)/assert/lib/%.o: lib/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(LIBFLAGS) $(CPPFLAGS) $(CFLAGS) $(ISAFLAGS) $(ASSERT_ON) -c -o $@ $<

# With internal names as they are: for the project's own tests and fuzz targets, which assert, and for its benches.
ASSERTOBJ := $(LIBOBJ:$(B)/lib/%=$(B)/assert/lib/%)
$(B)/asserting.a: $(ASSERTOBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/internal.a: $(LIBOBJ)
	@rm -f $@
	$(AR) rcs $@ $^

# What is installed: internal names get a prefix, so that a host may have a vec_push or a mem_alloc of its own.
OBJCOPY ?= objcopy
NM ?= nm
PUBOBJ := $(LIBOBJ:$(B)/lib/%=$(B)/pub/%)
$(B)/internal.syms: $(LIBOBJ)
	@$(NM) -g --defined-only $(LIBOBJ) | awk 'NF == 3 && $$3 !~ /^manrs_/ && $$3 !~ /^__/ { print $$3 " manrs__" $$3 }' | \
		sort -u > $@
$(B)/pub/%.o: $(B)/lib/%.o $(B)/internal.syms
	@mkdir -p $(@D)
	@$(OBJCOPY) --redefine-syms=$(B)/internal.syms $< $@
$(B)/libmanrs.a: $(PUBOBJ)
	@rm -f $@
	$(AR) rcs $@ $^

# A name in the map that the library does not have fails the link.
$(B)/$(SOFILE): $(LIBOBJ) lib/manrs.map
	$(CC) -shared $(CFLAGS) $(filter-out -static -static-pie,$(LDFLAGS)) -Wl,-soname,$(SONAME) -Wl,--version-script=lib/manrs.map \
		-Wl,--no-undefined-version $(if $(findstring -fsanitize,$(CFLAGS)),,-Wl,-z,defs) -o $@ $(LIBOBJ) $(LIBS)
$(B)/$(SONAME) $(B)/libmanrs.so: $(B)/$(SOFILE)
	ln -sf $(SOFILE) $@

# ---- the command: every bindings/cli/cmd_<verb>.c is a verb ----
ZLIBS := $(shell sh bindings/cli/libraries.sh libs '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' '$(PKG_CONFIG)')
ZFLAGS := $(shell sh bindings/cli/libraries.sh cflags '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' '$(PKG_CONFIG)')
CLISRC := $(sort $(wildcard bindings/cli/*.c))
CLIOBJ := $(CLISRC:%.c=$(B)/%.o)
VERBS := $(patsubst bindings/cli/cmd_%.c,%,$(filter bindings/cli/cmd_%.c,$(CLISRC)))
$(B)/cliflags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(ZFLAGS) $(ZLIBS) $(VERBS)' | cmp -s - $@ || \
		printf '%s\n' '$(ZFLAGS) $(ZLIBS) $(VERBS)' > $@
$(B)/verbs.h: $(B)/cliflags
	@for v in $(VERBS); do echo "VERB($$v)"; done > $@
$(B)/bindings/cli/%.o: bindings/cli/%.c $(B)/flags $(B)/verbs.h
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) -I$(B) $(ZFLAGS) $(CPPFLAGS) $(CFLAGS) $(ASSERT_OFF) -c -o $@ $<
$(B)/manrs: $(CLIOBJ) $(B)/libmanrs.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(CLIOBJ) $(B)/libmanrs.a $(LIBS) $(ZLIBS)

# ---- tests: one runner of every tests/<floor>/<file>_test.c ----
TESTSRC := $(sort $(wildcard tests/*/*_test.c) $(wildcard tests/oracle/*.c) $(wildcard tests/scenario/*.c) $(wildcard tests/*.c))
TESTOBJ := $(TESTSRC:%.c=$(B)/%.o)
PEERFLAGS = $(shell $(PKG_CONFIG) --exists rtrlib && echo -DHAVE_RTRLIB)
PEERLIBS = $(shell $(PKG_CONFIG) --silence-errors --libs rtrlib)
CHECKFLAGS = $(shell $(PKG_CONFIG) --cflags check) $(PEERFLAGS)
CHECKLIBS = $(shell $(PKG_CONFIG) --libs check) $(PEERLIBS)
$(B)/tests/%.o: tests/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) $(CHECKFLAGS) -Ilib -Itests $(CPPFLAGS) $(CFLAGS) $(ASSERT_ON) -c -o $@ $<
$(B)/testflags: FORCE
	@mkdir -p $(@D); printf '%s\n' '$(TESTSRC)' | cmp -s - $@ || printf '%s\n' '$(TESTSRC)' > $@
$(B)/tests/suites.h: $(B)/testflags
	@mkdir -p $(@D)
	@for t in $(patsubst %_test.c,%,$(notdir $(filter %_test.c,$(TESTSRC)))); do echo "SUITE($$t)"; done > $@
$(B)/tests/run.o: HOSTFLAGS += -I$(B)/tests
$(B)/tests/run.o: $(B)/tests/suites.h
$(B)/tests/run: $(TESTOBJ) $(B)/asserting.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(TESTOBJ) $(B)/asserting.a $(LIBS) $(CHECKLIBS) -ljansson -lz -lbz2 -llzma -lpthread

# The oracles by themselves, for fuzz targets and benches.
ORACLEOBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/oracle/*.c)))
$(B)/tests/oracle.a: $(ORACLEOBJ)
	@mkdir -p $(@D); rm -f $@
	$(AR) rcs $@ $^

.PHONY: test check setup
test: all $(B)/tests/run examples man $(B)/tests/instructions/lookups
	B='$(B)' CC='$(CC)' PYTHON='$(PYTHON)' SUITES='$(SUITES)' sh tests/run.sh
setup:
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/setup.sh check
check: setup
	@$(MAKE) --no-print-directory test

.PHONY: check-layers check-symbols
check-layers:
	@sh tests/abi/layers_test.sh
check-symbols: all
	@B='$(B)' sh tests/abi/symbols_test.sh
	@B='$(B)' CC='$(CC)' NM='$(NM)' sh tests/abi/calls_test.sh

# ---- the C tests again, watched ----
.PHONY: asan tsan valgrind
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TSAN := -fsanitize=thread
asan:
	@$(MAKE) --no-print-directory B=$(B)/asan OPT='-O1 -g' CFLAGS='$(ASAN)' LDFLAGS='$(ASAN)' all $(B)/asan/tests/run
	@B='$(B)/asan' SUITES='$(SUITES)' C_RUNNER=once TESTS='$(filter-out %/real_test.py,$(wildcard tests/cli/*_test.sh tests/cli/*_test.py)) tests/python/hostile_test.py' sh tests/run.sh
# A race takes two threads: the suites, the examples and the part of the command that have them.
THREADED = $(patsubst %_test.c,%,$(notdir $(shell grep -l pthread_create tests/*/*_test.c)))
tsan:
	@$(MAKE) --no-print-directory B=$(B)/tsan OPT='-O1 -g' CFLAGS='$(TSAN)' LDFLAGS='$(TSAN)' $(B)/tsan/manrs $(B)/tsan/tests/run $(B)/tsan/examples/reload
	$(B)/tsan/examples/reload >$(B)/tsan/reload.out
	B='$(B)/tsan' $(PYTHON) tests/cli/mrt_ring_test.py
	$(B)/tsan/tests/run $(or $(SUITES),$(THREADED))
valgrind: all $(B)/tests/run
	CK_FORK=no valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
		$(B)/tests/run $(SUITES)

# ---- the C tests again, on other machines ----
.PHONY: cross
cross:
	@B='$(B)' CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/setup.sh cross
	@B='$(B)' TARGETS='$(TARGETS)' SUITES='$(SUITES)' sh tests/cross/run.sh

# ---- the lab: routers and caches that networks run, in namespaces ----
.PHONY: lab
$(B)/tests/lab/speaker: tests/lab/speaker.c
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS)
lab:
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/setup.sh lab
	@$(MAKE) --no-print-directory --silent all examples $(B)/tests/lab/speaker
	@[ -n "$$MANRS_FRR_MODULE" ] || [ ! -x /usr/lib/frr/bgpd ] || [ -n "$$(sh bindings/frr/build.sh missing)" ] || \
		$(MAKE) --no-print-directory --silent frr || [ -e '$(B)/frr/no-source' ]
	@exec env B='$(B)' $(PYTHON) tests/lab/run.py $(LAB)

# ---- fuzz targets: libFuzzer with clang; another compiler only runs the seeds ----
FUZZ ?= $(patsubst tests/fuzz/%_fuzz.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
SECONDS ?= 10
FUZZCC ?= $(firstword $(shell command -v clang clang-14 clang-19 clang-16 2>/dev/null) $(CC))
ISCLANG = $(findstring clang,$(shell $(FUZZCC) --version 2>/dev/null))
FUZZFLAGS = -fno-sanitize-recover=all $(if $(ISCLANG),-fsanitize=fuzzer-no-link$(comma)address$(comma)undefined,$(ASAN))
comma := ,
.PHONY: fuzz fuzz-build
fuzz-build: $(FUZZ:%=$(B)/tests/fuzz/%)
$(B)/tests/fuzz/%: tests/fuzz/%_fuzz.c $(B)/tests/oracle.a $(B)/asserting.a
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) -Ilib -Itests $(CPPFLAGS) $(CFLAGS) $(ASSERT_ON) -o $@ $< $(if $(ISCLANG),-fsanitize=fuzzer,tests/fuzz/seeds.c) \
		$(LDFLAGS) $(B)/tests/oracle.a $(B)/asserting.a $(LIBS)
fuzz:
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC='$(FUZZCC)' FUZZCC='$(FUZZCC)' OPT='-O1 -g' CFLAGS='$(FUZZFLAGS)' \
		LDFLAGS='$(FUZZFLAGS)' FUZZ='$(FUZZ)' fuzz-build
	@B='$(B)/fuzz' LIBFUZZER='$(ISCLANG)' FUZZ_SECONDS='$(SECONDS)' sh tests/fuzz/run.sh $(FUZZ)

# ---- benches: each a program of its own, beside the peers that are installed ----
BENCH ?= $(basename $(patsubst tests/bench/%_bench.c,%.c,$(patsubst tests/bench/%_bench.py,%.py,$(sort $(wildcard tests/bench/*_bench.c tests/bench/*_bench.py)))))
BENCHFLAGS = $(PEERFLAGS) $(shell $(PKG_CONFIG) --exists jansson && echo -DHAVE_JANSSON) $(shell $(PKG_CONFIG) --exists libdpdk && echo -DHAVE_DPDK \
	$$($(PKG_CONFIG) --cflags libdpdk | sed 's/-I/-isystem /g'))
BENCHLIBS = -Wl,--as-needed $(PEERLIBS) $(shell $(PKG_CONFIG) --silence-errors --libs jansson) $(shell $(PKG_CONFIG) --silence-errors --libs libdpdk) -lz -lbz2 -llzma -lpthread -lm
$(B)/tests/bench/%: tests/bench/%_bench.c tests/bench/bench.c tests/bench/bench.h $(B)/tests/oracle.a $(B)/internal.a
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) $(BENCHFLAGS) -Ilib -Itests $(CPPFLAGS) $(CFLAGS) $(ASSERT_OFF) -o $@ $< tests/bench/bench.c $(LDFLAGS) \
		$(B)/tests/oracle.a $(B)/internal.a $(LIBS) $(BENCHLIBS)
# Lookups for an instruction count (tests/instructions): always with the same flags.
$(B)/tests/instructions/lookups: tests/instructions/lookups.c tests/bench/bench.c tests/bench/bench.h $(B)/libmanrs.a
	@mkdir -p $(@D)
	$(CC) $(HOSTFLAGS) -Itests $(CPPFLAGS) $(CFLAGS) $(ASSERT_OFF) -o $@ $< tests/bench/bench.c $(LDFLAGS) $(B)/libmanrs.a $(LIBS)
.PHONY: bench
bench: all $(if $(findstring python,$(BENCH)),python) $(patsubst %,$(B)/tests/bench/%,$(filter-out python,$(BENCH)))
	@B='$(B)' PYTHON='$(PYTHON)' sh tests/bench/run.sh $(BENCH)

# ---- examples and the demo ----
EXAMPLES := $(patsubst examples/%.c,%,$(sort $(wildcard examples/*.c)))
.PHONY: examples demo
examples: $(EXAMPLES:%=$(B)/examples/%)
$(B)/examples/%: examples/%.c $(B)/libmanrs.a
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS) $(B)/libmanrs.a $(LIBS) -lpthread
demo:
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh tests/setup.sh demo
	@$(MAKE) --no-print-directory --silent all
	@B='$(B)' VRPS='$(VRPS)' ROUTES='$(ROUTES)' sh examples/demo.sh

# ---- Python: the package needs no building; the extension makes single calls fast where Python.h is there ----
.PHONY: python python-test
python: all
	@B='$(B)' CC='$(CC)' CFLAGS='$(OPT) $(WARN) $(WERROR) $(CPPFLAGS) $(CFLAGS)' LDFLAGS='$(LDFLAGS)' PYTHON='$(PYTHON)' sh bindings/python/build.sh
python-test: python
	@B='$(B)' PYTHON='$(PYTHON)' C_RUNNER=no TESTS='$(wildcard tests/python/*_test.*)' sh tests/run.sh

# ---- FRR: a module for the bgpd that is installed; FRR_SOURCE=DIR: headers of a source that is configured ----
.PHONY: frr
frr: $(B)/libmanrs.a
	@B='$(B)' CC='$(CC)' CFLAGS='$(OPT) $(WERROR) $(CPPFLAGS) $(CFLAGS)' LDFLAGS='$(LDFLAGS)' sh bindings/frr/build.sh

# ---- manual pages: those of section 3 are made from the headers ----
HEADERS := $(sort $(wildcard include/manrs/*.h))
DATE := $(shell sed -n 's/^\#\# .* (\([0-9-]*\))$$/\1/p' CHANGES.md | head -n 1)
MAN1 := $(sort $(wildcard lib/doc/*.1))
MAN3 := $(B)/man/libmanrs.3 $(B)/man/manrs_numbers.3 $(patsubst include/manrs/%.h,$(B)/man/manrs_%.3,$(filter-out %/manrs.h,$(HEADERS)))
.PHONY: man
man: $(MAN3)
MANAWK = awk -v version='$(VERSION)' -v date='$(DATE)' -v index_of='$(HEADERS)' -f lib/doc/text.awk
$(B)/man/libmanrs.3: lib/doc/libmanrs.3.in lib/doc/text.awk lib/doc/man.awk CHANGES.md $(HEADERS)
	@mkdir -p $(@D)
	@$(MANAWK) -f lib/doc/man.awk $< > $@.new && mv $@.new $@
$(B)/man/manrs_numbers.3: lib/doc/manrs_numbers.3.in lib/doc/text.awk lib/doc/numbers.awk CHANGES.md $(HEADERS)
	@mkdir -p $(@D)
	@$(MANAWK) -f lib/doc/numbers.awk $(HEADERS) $< > $@.new && mv $@.new $@
$(B)/man/manrs_%.3: include/manrs/%.h lib/doc/text.awk lib/doc/man.awk CHANGES.md include/manrs/base.h
	@mkdir -p $(@D)
	@$(MANAWK) -f lib/doc/man.awk $< > $@.new && mv $@.new $@

# ---- install ----
$(B)/libmanrs.pc: pkg.pc.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS)|' pkg.pc.in > $@
UNITS := manrs-rtrd.service manrs-rtrd.socket manrs-watch.service
$(UNITS:%=$(B)/%): $(B)/%: bindings/cli/%.in FORCE
	@mkdir -p $(@D)
	@sed -e 's|@BINDIR@|$(BINDIR)|' $< > $@
# The loader looks names up in a cache, that a package's own scripts bring up to date (DESTDIR), and else root does.
LDCONFIG ?= $(firstword $(wildcard /sbin/ldconfig /usr/sbin/ldconfig))
RELOAD = if [ -z '$(DESTDIR)$(if $(LDCONFIG),,none)' ]; then \
	if [ "$$(id -u)" = 0 ]; then echo '$(LDCONFIG)'; $(LDCONFIG); else echo 'now, as root: $(LDCONFIG)'; fi; fi
LOADER = $(RELOAD); if [ -z '$(DESTDIR)$(if $(LDCONFIG),,none)' ] && [ "$$(id -u)" = 0 ] && \
	! $(LDCONFIG) -p 2>/dev/null | grep -qF '=> $(LIBDIR)/$(SONAME)'; then \
	echo 'the loader does not look into $(LIBDIR): name it in /etc/ld.so.conf.d/, or in LD_LIBRARY_PATH'; fi
.PHONY: install uninstall
install: all man $(B)/libmanrs.pc $(UNITS:%=$(B)/%)
	$(INSTALL) -d '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)/manrs' '$(DESTDIR)$(BINDIR)' \
		'$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man3' '$(DESTDIR)$(SYSTEMDDIR)'
	$(INSTALL) -m 644 $(B)/libmanrs.a '$(DESTDIR)$(LIBDIR)'
	$(INSTALL) -m 755 $(B)/$(SOFILE) '$(DESTDIR)$(LIBDIR)'
	ln -sf $(SOFILE) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	ln -sf $(SOFILE) '$(DESTDIR)$(LIBDIR)/libmanrs.so'
	$(INSTALL) -m 644 $(B)/libmanrs.pc '$(DESTDIR)$(LIBDIR)/pkgconfig'
	$(INSTALL) -m 644 $(HEADERS) '$(DESTDIR)$(INCLUDEDIR)/manrs'
	$(INSTALL) -m 755 $(B)/manrs '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 644 $(MAN1) '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL) -m 644 $(MAN3) '$(DESTDIR)$(MANDIR)/man3'
	$(INSTALL) -m 644 $(UNITS:%=$(B)/%) '$(DESTDIR)$(SYSTEMDDIR)'
	@$(LOADER)
uninstall:
	cd '$(DESTDIR)$(LIBDIR)' && rm -f libmanrs.a $(SOFILE) $(SONAME) libmanrs.so pkgconfig/libmanrs.pc
	rm -f '$(DESTDIR)$(BINDIR)/manrs' $(HEADERS:include/manrs/%='$(DESTDIR)$(INCLUDEDIR)/manrs/%')
	rm -f $(MAN1:lib/doc/%='$(DESTDIR)$(MANDIR)/man1/%') $(MAN3:$(B)/man/%='$(DESTDIR)$(MANDIR)/man3/%')
	rm -f $(UNITS:%='$(DESTDIR)$(SYSTEMDDIR)/%')
	-rmdir '$(DESTDIR)$(INCLUDEDIR)/manrs'
	@$(RELOAD)

# ---- upkeep ----
.PHONY: abi abi-dump format check-format clean
abi: all
	@B='$(B)' sh tests/abi/abi.sh compare
abi-dump: all
	@B='$(B)' sh tests/abi/abi.sh dump
FORMAT_VERSION := 14
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-$(FORMAT_VERSION) clang-format 2>/dev/null) clang-format)
# Not bogon_table.h: it is as its generator writes it.
FORMATTED = $(filter-out lib/check/bogon_table.h,$(sort $(wildcard include/manrs/*.h lib/*/*.[ch] bindings/*/*.[ch] examples/*.c \
	tests/*.[ch] tests/*/*.[ch])))
format:
	@CLANG_FORMAT='$(CLANG_FORMAT)' VERSION=$(FORMAT_VERSION) sh tests/style/format.sh write $(FORMATTED)
check-format:
	@CLANG_FORMAT='$(CLANG_FORMAT)' VERSION=$(FORMAT_VERSION) sh tests/style/format.sh check $(FORMATTED)
clean:
	rm -rf build

-include $(LIBOBJ:.o=.d) $(ASSERTOBJ:.o=.d) $(CLIOBJ:.o=.d) $(TESTOBJ:.o=.d)
