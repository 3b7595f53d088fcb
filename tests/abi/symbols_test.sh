#!/bin/sh
# What the shared library gives and takes: every export is declared in a public header, in lib/manrs.map, and used by a
# test; every import is in tests/imports.txt.
B=${B:-build}
so=$B/libmanrs.so
passed=0 failed=0
list=$(mktemp -d) || exit 1
trap 'rm -rf "$list"' EXIT

verdict() { # name, file of what is wrong
	if [ -s "$2" ]; then
		failed=$((failed + 1))
		sed "s|^|$1: |" "$2"
	else
		passed=$((passed + 1))
	fi
}

nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$list/exports"
nm -D --undefined-only "$so" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u >"$list/imports"
[ -s "$list/exports" ] || echo "no export at all" >"$list/none"
: >>"$list/none"
verdict "$so" "$list/none"

# A host that links statically has names of its own: those of the archive all start with manrs_.
nm -g --defined-only "$B/libmanrs.a" | awk 'NF == 3 && $3 !~ /^manrs_/ && $3 !~ /^__/ { print $3 }' >"$list/bad"
verdict "a name of the archive without its prefix" "$list/bad"

# The sanitizers' own imports are the compiler's business.
sed 's/[[:space:]]*#.*//; /^$/d' tests/imports.txt | sort -u >"$list/may"
# A build with _FORTIFY_SOURCE, as distributions make them, takes the checked form of the same calls.
if grep -q -e '-D_FORTIFY_SOURCE=[1-9]' "$B/flags"; then
	sed -n 's/^[a-z]*$/__&_chk/p' "$list/may" | sort -u - "$list/may" >"$list/fortified"
	mv "$list/fortified" "$list/may"
fi
comm -23 "$list/imports" "$list/may" | grep -v '^__\(asan\|ubsan\|tsan\|sanitizer\)' >"$list/bad"
verdict "import not in tests/imports.txt" "$list/bad"

cat include/manrs/*.h | tr '\n' ' ' | grep -o 'MANRS_API[^;(]*(' | grep -o 'manrs_[a-z0-9_]* *($' | tr -d ' (' |
	sort -u >"$list/declared"
comm -23 "$list/exports" "$list/declared" >"$list/bad"
verdict "export not declared in a public header" "$list/bad"

# Declared and not there: a promise without code.
comm -13 "$list/exports" "$list/declared" >"$list/bad"
verdict "declared and not exported" "$list/bad"

tr -c 'a-z0-9_*\n' '\n' <lib/manrs.map | grep '^manrs_' | sort -u >"$list/map"
: >"$list/bad"
while read -r symbol; do
	found=
	while read -r pattern; do
		case $symbol in $pattern) found=1 ;; esac
	done <"$list/map"
	[ -n "$found" ] || echo "$symbol" >>"$list/bad"
done <"$list/exports"
verdict "export not in lib/manrs.map" "$list/bad"

cat tests/*/*_test.c tests/*/*_fuzz.c tests/*.c tests/*/*_test.sh tests/*/*_test.py 2>/dev/null |
	grep -o 'manrs_[a-z0-9_]*' | sort -u >"$list/tested"
comm -23 "$list/exports" "$list/tested" >"$list/bad"
verdict "export without a test" "$list/bad"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
