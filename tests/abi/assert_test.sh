#!/bin/sh
# assert() is on in the library that the tests and the fuzz targets link, and out in what is installed; a distribution's
# flags switch neither. nm tells: code with an assert imports the C library's call for one that failed.
B=${B:-build}
CC=${CC:-cc}
NM=${NM:-nm}
passed=0 failed=0 skipped=0
unset MAKEFLAGS MFLAGS # a make -j above has its jobs for itself
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

asserts() { # file: glibc and musl call __assert_fail, the BSDs __assert or __assert13
	$NM -u "$1" | grep -qE ' _*assert(_fail|13|2)?(@.*)?$'
}

check() { # what must hold, command...
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $what"
	fi
}

silent() { ! asserts "$1"; }

# That the question can be answered yes and no.
printf '#include <assert.h>\nvoid f(int x);\nvoid f(int x)\n{\n\tassert(x);\n}\n' >"$dir/planted.c"
$CC -c -UNDEBUG -o "$dir/on.o" "$dir/planted.c"
$CC -c -DNDEBUG -o "$dir/off.o" "$dir/planted.c"
check "a planted assert is seen" asserts "$dir/on.o"
check "and seen to be out" silent "$dir/off.o"

check "the tests' library asserts" asserts "$B/asserting.a"
check "the test runner asserts" asserts "$B/tests/run"
for file in libmanrs.a libmanrs.so internal.a manrs tests/instructions/lookups; do
	if [ ! -f "$B/$file" ]; then
		echo "skipped: $B/$file was not built"
		skipped=$((skipped + 1))
		continue
	fi
	check "$file does not assert" silent "$B/$file"
done

# One file with asserts, by the Makefile's own rules, under flags that say the opposite.
for flags in -DNDEBUG -UNDEBUG; do
	make --no-print-directory -s B="$dir/b" CC="$CC" CPPFLAGS="$flags" CFLAGS="$flags -Werror" \
		"$dir/b/lib/table/trie.o" "$dir/b/assert/lib/table/trie.o" >"$dir/log" 2>&1 || cat "$dir/log"
	check "with $flags the tests' library asserts" asserts "$dir/b/assert/lib/table/trie.o"
	check "with $flags the release does not" silent "$dir/b/lib/table/trie.o"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
