#!/bin/sh
# Programs and libraries of different versions (lib/base/grow.h): every struct that grows is made longer in a copy of the
# headers. A program with the headers as they are runs with a library of the longer ones, and the other way round; each
# under a stack protector and, where it is, AddressSanitizer.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

tree=$out/tree
mkdir -p "$tree" && cp -R Makefile pkg.pc.in lib include "$tree/" || exit 1
grown=0
for header in "$tree"/include/manrs/*.h; do
	awk '
		/^typedef struct/ { first = 1; next_is = NR + 1 }
		NR == next_is && /^\tsize_t size;/ { grows = 1 }
		grows && /^} manrs_/ { print "\tuint64_t trial[4];"; grows = 0 }
		{ print }
	' "$header" >"$out/header" && cp "$out/header" "$header"
done
grown=$(cat "$tree"/include/manrs/*.h | grep -c 'uint64_t trial\[4\];')
all=$(cat include/manrs/*.h | grep -c '^	size_t size;')
if [ "$grown" -ge 11 ] && [ "$grown" = "$all" ]; then passed=$((passed + 1)); else
	echo "$grown structs of $all were grown"
	failed=$((failed + 1))
fi
if ! make -C "$tree" CC="$CC" B="$out/longer" OPT=-O1 WERROR= "$out/longer/libmanrs.so" "$out/longer/libmanrs.so.0" >"$out/log" 2>&1; then
	tail -n 20 "$out/log"
	echo "$passed passed, 1 failed, 0 skipped"
	exit 1
fi

try() { # name, include folder, library's folder, flags...
	name=$1 include=$2 library=$3
	shift 3
	# shellcheck disable=SC2086
	if ! $CC -std=c11 -O1 -g -Wall -I"$include" "$@" ${CFLAGS:-} -o "$out/program" tests/abi/grow.c "$library/libmanrs.so" >"$out/log" 2>&1; then
		case "$*" in
		*sanitize*)
			echo "skipped: $CC has no AddressSanitizer"
			skipped=$((skipped + 1))
			return
			;;
		esac
	elif ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=$library "$out/program" >"$out/log" 2>&1; then
		passed=$((passed + 1))
		return
	fi
	echo "$name:"
	head -n 20 "$out/log"
	failed=$((failed + 1))
}
as_is=$(cd "$B" && pwd)
for flags in -fstack-protector-all -fsanitize=address; do
	try "both as they are, $flags" include "$as_is" $flags
	try "a library of longer structs, $flags" include "$out/longer" $flags
	try "a program of longer structs, $flags" "$tree/include" "$as_is" $flags -DGROWN
	try "both longer, $flags" "$tree/include" "$out/longer" $flags
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
