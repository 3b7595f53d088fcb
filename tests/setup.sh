#!/bin/sh
# Make sure of what `make check` or `make demo` needs: setup.sh check|demo.
# Looks with pkg-config and test compiles. What is missing is installed with the system's package manager when that is
# possible (root, or sudo without a password), else the exact command is printed and this fails. Does nothing when all is there.
set -u
what=${1:-check}
CC=${CC:-cc} PKG_CONFIG=${PKG_CONFIG:-pkg-config}
missing=

need() { missing="$missing $1"; }
has() { command -v "$1" >/dev/null 2>&1; }
compiles() { # header, library
	printf '#include <stdio.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" |
		$CC -x c -o /dev/null - "-l$2" 2>/dev/null
}
look() {
	missing=
	has ${CC%% *} || need gcc
	printf '#include <stdio.h>\nint main(void) { return 0; }\n' | $CC -x c -o /dev/null - 2>/dev/null || need libc6-dev
	has $PKG_CONFIG || need pkg-config
	compiles tommath.h tommath || need libtommath-dev
	[ "$what" = demo ] && return
	$PKG_CONFIG --exists check 2>/dev/null || need check
	compiles jansson.h jansson || need libjansson-dev
	compiles zlib.h z || need zlib1g-dev
	compiles bzlib.h bz2 || need libbz2-dev
	compiles lzma.h lzma || need liblzma-dev
	compiles zstd.h zstd || need libzstd-dev
	has python3 || need python3
	has bzip2 || need bzip2
	has xz || need xz-utils
	has zstd || need zstd
	has mandoc || has man || need mandoc
}

look
[ -z "$missing" ] && exit 0
install="apt-get install -y --no-install-recommends$missing"
if ! has apt-get; then
	echo "setup: missing (Debian's names):$missing" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then
	run=
elif has sudo && sudo -n true 2>/dev/null; then
	run=sudo
else
	echo "setup: missing:$missing" >&2
	echo "setup: run: sudo $install" >&2
	exit 1
fi
echo "setup: $install"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
log=$(mktemp)
if ! { $run apt-get update -qq && $run $install; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "setup: failed: $install" >&2
	exit 1
fi
rm -f "$log"
look
if [ -n "$missing" ]; then
	echo "setup: still missing:$missing" >&2
	exit 1
fi
