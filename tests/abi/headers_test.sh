#!/bin/sh
# Every public header by itself: compiled alone and twice, as C11 and as C++17, with every warning, by each compiler here;
# every MANRS_API declaration under a comment; every public struct known to manrs_sizeof with the size that C sees.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

verdict() { # what, file of what is wrong
	if [ -s "$2" ]; then
		failed=$((failed + 1))
		echo "$1:"
		head -n 20 "$2"
	else
		passed=$((passed + 1))
	fi
}

common="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef -Wcast-align -Werror -fsyntax-only -Iinclude"
alone() { # compiler, language, flags
	if ! command -v "$1" >/dev/null 2>&1; then
		echo "skipped: no $1"
		skipped=$((skipped + 1))
		return
	fi
	: >"$out/bad"
	for header in include/manrs/*.h; do
		name=manrs/${header##*/}
		printf '#include <%s>\n#include <%s>\nextern int unit;\nint unit;\n' "$name" "$name" >"$out/one.c"
		# shellcheck disable=SC2086
		"$1" -x "$2" $3 $common "$out/one.c" >>"$out/bad" 2>&1 || echo "$header fails" >>"$out/bad"
	done
	verdict "$1 $2" "$out/bad"
}
strict="-std=c11 -Wstrict-prototypes -Wmissing-prototypes"
alone gcc c "$strict"
alone clang c "$strict"
alone g++ c++ "-std=c++17 -Wold-style-cast -Wzero-as-null-pointer-constant"
alone clang++ c++ "-std=c++17 -Wold-style-cast -Wzero-as-null-pointer-constant"

# A comment stands right above a declaration, on its line, or above the group that it is in (no empty line between).
awk '
	FNR == 1 { last = ""; group = 0 }
	/^MANRS_API/ {
		if (!(last ~ /\*\/[ \t]*$/ || group || $0 ~ /\/\*/))
			print FILENAME ":" FNR ": " $0
		group = 1
	}
	/^[ \t]*$/ { group = 0 }
	!/^#/ { last = $0 }
' include/manrs/*.h >"$out/bad"
verdict "declarations without a comment" "$out/bad"

structs=$(cat include/manrs/*.h | sed -n 's/^typedef struct \(manrs_[a-z0-9_]*\) {.*/\1/p' | sort -u)
{
	echo '#include <manrs/manrs.h>'
	echo '#include <stdio.h>'
	echo 'int main(void) {'
	for name in $structs; do
		printf '\tif (manrs_sizeof("%s") != sizeof(%s))\n\t\tprintf("%s: %%zu, not %%zu\\n", manrs_sizeof("%s"), sizeof(%s));\n' \
			"$name" "$name" "$name" "$name" "$name"
	done
	printf '\tif (manrs_sizeof("manrs_nothing") || manrs_sizeof(""))\n\t\tputs("a size for nothing");\n\treturn 0;\n}\n'
} >"$out/sizes.c"
# shellcheck disable=SC2086
$CC -std=c11 $CFLAGS -Iinclude -o "$out/sizes" "$out/sizes.c" "$B/libmanrs.a" -ltommath >"$out/bad" 2>&1 &&
	"$out/sizes" >>"$out/bad"
verdict "manrs_sizeof ($(echo "$structs" | wc -l) structs)" "$out/bad"

# The tests themselves: a header with a fault must fail.
cp -r include "$out/include"
printf '\nMANRS_API int manrs_bare(void);\n' >>"$out/include/manrs/base.h"
bare=$(cd "$out" && awk '
	/^MANRS_API/ { if (!(last ~ /\*\/[ \t]*$/ || group || $0 ~ /\/\*/)) print; group = 1 }
	/^[ \t]*$/ { group = 0 }
	!/^#/ { last = $0 }' include/manrs/base.h)
[ -n "$bare" ] && : >"$out/bad" || echo "a declaration without a comment was not seen" >"$out/bad"
verdict "the check itself" "$out/bad"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
