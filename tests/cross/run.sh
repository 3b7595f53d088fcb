#!/bin/sh
# The library, the command, the examples and the C tests for other machines, two at a time, without a warning:
#   i386    32 bits, on this processor; and the tests of the command
#   musl    another C library, on this processor; and the tests of the command
#   arm64   another memory order, char without a sign; under qemu-user
#   s390x   big-endian; under qemu-user
# All but i386 leave out the long tests (MANRS_SHORT, tests/test.h): whole real tables, every refused allocation and the rest of
# the random walks go through code that the shorter tests of their suites have been through, and which of its bytes lie where
# shows in the first thousand routes as in a million. musl differs in what it gives to the command and to the allocator alone.
# B: the build folder; TARGETS: some of them; SUITES: some of the C tests. `setup.sh cross` fetches what this needs; then it
# works offline. Each leaves $B/cross/TARGET/log and its closing line; the sum of them is the last line.
set -u
B=${B:-build}
top=$B/cross
mkdir -p "$top"

build() { # target, compiler, prefix of its tools
	B=$B sh tests/cross/libraries.sh "$1" "$2" >"$top/$1/libraries.log" 2>&1 || {
		tail -n 20 "$top/$1/libraries.log"
		return 1
	}
	root=$(cd "$top/$1/root" && pwd)
	PKG_CONFIG_LIBDIR=$root/lib/pkgconfig make --no-print-directory -s -j2 B="$top/$1/build" CC="${CCACHE:-} $2" AR="$3ar" \
		NM="$3nm" OBJCOPY="$3objcopy" CPPFLAGS="-isystem $root/include" CFLAGS= OPT=-O2 LDFLAGS="-static -L$root/lib" WERROR=-Werror \
		all "$top/$1/build/tests/run" examples
}

native() { # target, what to leave out: the C tests and those of the command
	B=$top/$1/build C_RUNNER=once SUITES=${SUITES:-} TESTS=$(ls tests/cli/*_test.py | grep -v "${2:-^$}") sh tests/run.sh
}

emulated() { # target, emulator
	# shellcheck disable=SC2086
	MANRS_SHORT=1 CK_TIMEOUT_MULTIPLIER=20 "$2" "$top/$1/build/tests/run" ${SUITES:-}
}

one() { # target
	mkdir -p "$top/$1"
	began=$(date +%s)
	{
		case $1 in
		i386) build i386 i686-linux-gnu-gcc i686-linux-gnu- && native i386 ;;
		musl) build musl musl-gcc '' && MANRS_SHORT=1 native musl real_test.py ;;
		arm64) build arm64 aarch64-linux-gnu-gcc aarch64-linux-gnu- && emulated arm64 qemu-aarch64 ;;
		s390x) build s390x s390x-linux-gnu-gcc s390x-linux-gnu- && emulated s390x qemu-s390x ;;
		*) echo "cross: no target $1" ;;
		esac
	} >"$top/$1/log" 2>&1
	rc=$?
	line=$(tail -n 1 "$top/$1/log" | grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$')
	case $rc,$line in
	0,?*) ;;
	*,*' 0 failed,'* | *,) line="0 passed, 1 failed, 0 skipped" ;;
	esac
	echo "$line" >"$top/$1/line"
	echo "cross: $1: $line, $(($(date +%s) - began)) s"
	case $line in
	*' 0 failed,'*) ;;
	*) grep -E ':[FE]:|^failed|error|\*\*\*|no closing line' "$top/$1/log" | head -n 30 | cut -c 1-300 ;;
	esac
}

# Every target that the other lane has not taken.
lane() {
	for target in $targets; do
		! mkdir "$top/$target/taken" 2>/dev/null || one "$target"
	done
}

# The one that leaves nothing out first: it takes the longest.
targets=${TARGETS:-i386 s390x arm64 musl}
for target in $targets; do
	mkdir -p "$top/$target"
	rm -rf "$top/$target/line" "$top/$target/taken"
done
lane &
lane
wait
# shellcheck disable=SC2046
cat $(for target in $targets; do echo "$top/$target/line"; done) | tr -dc '0-9 \n' |
	awk -v n="$(echo "$targets" | wc -w)" '{ p += $1; f += $2; s += $3 }
		END { f += n - NR; printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }'
