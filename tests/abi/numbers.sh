#!/bin/sh
# The numbers that a compiled program holds: every public enum constant and macro with its value, in tests/abi/numbers.txt.
# libabigail does not see them: no function has a parameter of an enum's type, and a macro is nowhere in the library.
# numbers.sh compare: a number that changed or went is an error, one more is not. numbers.sh dump writes a new file.
# One of tests/abi/provisional.txt may change or go: that is said, and no error. INCLUDE, NUMBERS and PROVISIONAL name others.
set -u
CC=${CC:-cc}
include=${INCLUDE:-include/manrs}
numbers=${NUMBERS:-tests/abi/numbers.txt}
loose=${PROVISIONAL:-tests/abi/provisional.txt}
[ -f "$loose" ] || loose=/dev/null
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
LC_ALL=C
export LC_ALL

# A header guard has no value, MANRS_API is for the compiler, and the version is another one in every release.
no_number='^MANRS_(API|VERSION.*|[A-Z0-9_]*_H)$'
# How much there is now. They may grow: what is new has a number of its own.
growing='^MANRS_(TESTS|TESTS_ALL|CODES)$'
# What a release brings up to date.
moving='^MANRS_BOGON_DATE$'

list() { # file: NAME VALUE, or NAME(ARGUMENTS) BODY of a macro that takes some
	echo '#include <manrs/manrs.h>' >"$dir/all.c"
	$CC -std=c11 -I"${include%/manrs}" -E -dM "$dir/all.c" >"$dir/macros" || return 1
	$CC -std=c11 -I"${include%/manrs}" -E -P "$dir/all.c" >"$dir/text" || return 1
	{
		awk -v no="$no_number" '$1 == "#define" && $2 ~ /^MANRS_[A-Z0-9_]*$/ && $2 !~ no && NF > 2 { print $2 }' "$dir/macros"
		tr '\n' ' ' <"$dir/text" | grep -o 'enum[^{};()]*{[^}]*}' | grep -o '[{,] *MANRS_[A-Z0-9_]*' | tr -d '{, '
	} | sort -u >"$dir/names"
	{
		cat <<'C'
#include <manrs/manrs.h>
#include <stdio.h>
static void text(const char *name, const char *s) { printf("%s \"%s\"\n", name, s); }
static void below(const char *name, long long v) { printf("%s %lld\n", name, v); }
static void above(const char *name, unsigned long long v) { printf("%s %llu\n", name, v); }
#define SAY(name, x) _Generic((x), char *: text, unsigned long: above, unsigned long long: above, default: below)(name, x)
int main(void) {
C
		sed 's/.*/SAY("&", &);/' "$dir/names"
		echo 'return 0; }'
	} >"$dir/say.c"
	# shellcheck disable=SC2086
	$CC -std=c11 ${CFLAGS:-} -I"${include%/manrs}" -o "$dir/say" "$dir/say.c" || return 1
	{
		"$dir/say" || return 1
		sed -n 's/^#define \(MANRS_[A-Z0-9_]*([^)]*)\) /\1 /p' "$dir/macros"
	} | sort >"$1"
	[ "$(wc -l <"$dir/names")" -gt 0 ]
}

if ! list "$dir/now"; then
	echo "abi: the numbers of $include cannot be told"
	exit 2
fi
if [ "$1" = dump ]; then
	cp "$dir/now" "$numbers" && echo "abi: wrote $numbers"
	exit
fi
awk -v growing="$growing" -v moving="$moving" '
	{ name = $1; value = substr($0, length($1) + 2) }
	FILENAME == ARGV[1] { loose[name]; next }
	FILENAME == ARGV[2] { now[name] = value; next }
	{ is = name in now ? "is " now[name] : "is gone"; free = name; sub(/\(.*/, "", free) }
	is == "is " value || name ~ moving || (name ~ growing && now[name] + 0 >= value + 0) { next }
	free in loose { print "abi: PROVISIONAL " name " was " value " and " is; next }
	{ print "abi: " name " was " value " and " is; bad = 1 }
	END { exit bad }
' "$loose" "$dir/now" "$numbers" || exit 1
echo "abi: $(wc -l <"$numbers") numbers as in $numbers"
