#!/bin/sh
# The library against its dump, and `make abi` itself: on a small library of a few of our files it lets an addition pass,
# and fails on a record that grew, a parameter that changed, a function that went; with a new SONAME it lets them pass.
# So with the numbers: two enum values that were swapped, a macro that changed or went.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# Numbers, in a copy of the headers: name, what is done to them, what numbers.sh must say, and of which name.
numbers() {
	rm -rf "$out/numbers"
	mkdir "$out/numbers"
	cp -r include/manrs "$out/numbers/manrs"
	(cd "$out/numbers/manrs" && eval "$2")
	INCLUDE=$out/numbers/manrs sh tests/abi/numbers.sh compare >"$out/log" 2>&1
	rc=$?
	if [ "$2" != : ] && diff -rq include/manrs "$out/numbers/manrs" >/dev/null; then
		echo "numbers, $1: nothing was changed"
		failed=$((failed + 1))
	elif { [ "$3" = pass ] && [ $rc = 0 ]; } || { [ "$3" = fail ] && [ $rc = 1 ] && grep -q "^abi: $4 " "$out/log"; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "numbers, $1: $3 expected, exit $rc"
		cat "$out/log"
	fi
}
numbers "as they are" : pass
numbers "two values swapped" \
	"sed -i -e 's/MANRS_ROV_VALID = 1/MANRS_ROV_VALID = 2/' -e 's/MANRS_ROV_INVALID = 2/MANRS_ROV_INVALID = 1/' rov.h" fail MANRS_ROV_VALID
numbers "an enum constant gone" "sed -i '/MANRS_ESTATE = -8/d' base.h" fail MANRS_ESTATE
numbers "a bit changed" "sed -i 's/\\(define MANRS_ASPA_CONFED *\\)2u/\\18u/' aspa.h" fail MANRS_ASPA_CONFED
numbers "a text's size changed" "sed -i 's/\\(define MANRS_PREFIX_TEXT\\) 44/\\1 40/' prefix.h" fail MANRS_PREFIX_TEXT
numbers "a macro gone" "sed -i '/define MANRS_ROLE_CAPABILITY/d' otc.h" fail MANRS_ROLE_CAPABILITY
numbers "a macro of an argument changed" "sed -i 's/(UINT64_C(1) << (test))/(UINT64_C(2) << (test))/' policy.h" fail 'MANRS_TEST_BIT(test)'
numbers "one more error and one more bit" \
	"sed -i 's/^\\tMANRS_EUNSUP = -9,.*/&\\n\\tMANRS_ENEW = -10,/; s/^#define MANRS_VERSION_PATCH.*/&\\n#define MANRS_NEW_BIT 1u/' base.h" pass
numbers "another version" "sed -i 's/\\(define MANRS_VERSION_MINOR\\) .*/\\1 77/' base.h" pass

if ! command -v abidw >/dev/null 2>&1 || ! command -v abidiff >/dev/null 2>&1; then
	echo "skipped: no abigail-tools"
	echo "$passed passed, $failed failed, 1 skipped"
	[ "$failed" = 0 ]
	exit
fi

if [ -f tests/abi/libmanrs.abi ]; then
	if sh tests/abi/abi.sh compare >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		cat "$out/log"
	fi
else
	echo "skipped: no tests/abi/libmanrs.abi yet"
	skipped=$((skipped + 1))
fi

build() { # name, soname: a library of the tree in $out/NAME
	$CC -std=c11 -g -O1 -DNDEBUG -fPIC -fvisibility=hidden -shared -Wl,-soname,"$2" -I"$out/$1/include" -I"$out/$1/lib" \
		-o "$out/$1/lib.so" "$out/$1"/lib/base/mem.c "$out/$1"/lib/net/prefix.c "$out/$1"/lib/table/trie.c
}
tree() { # name
	mkdir "$out/$1"
	cp -r include lib "$out/$1"
}
compare() { # name, what abi.sh must say: pass or fail
	SO=$out/$1/lib.so DUMP=$out/old.abi INCLUDE=$out/$1/include/manrs sh tests/abi/abi.sh compare >"$out/log" 2>&1
	rc=$?
	if { [ "$2" = pass ] && [ $rc = 0 ]; } || { [ "$2" = fail ] && [ $rc = 1 ]; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: $2 expected, exit $rc"
		cat "$out/log"
	fi
}

tree old && build old libmanrs.so.0 || exit 1
SO=$out/old/lib.so DUMP=$out/old.abi NUMBERS=$out/old.txt INCLUDE=$out/old/include/manrs sh tests/abi/abi.sh dump >/dev/null
compare old pass

tree added
echo 'MANRS_API int manrs_prefix_new_call(const manrs_prefix *p); int manrs_prefix_new_call(const manrs_prefix *p) { return p->len; }' \
	>>"$out/added/lib/net/prefix.c"
build added libmanrs.so.0
compare added pass

tree grew
sed -i 's/^\tuint32_t line; .*/\tuint32_t line;\n\tuint64_t more;/' "$out/grew/include/manrs/base.h"
build grew libmanrs.so.0
compare grew fail
build grew libmanrs.so.1
compare grew pass

tree parameter
sed -i 's/manrs_prefix_covers(const manrs_prefix \*outer, const/manrs_prefix_covers(int deep, const manrs_prefix *outer, const/' \
	"$out/parameter/include/manrs/prefix.h" "$out/parameter/lib/net/prefix.c"
sed -i 's/= manrs_prefix_covers(/= manrs_prefix_covers(0, /' "$out/parameter"/lib/*/*.c
build parameter libmanrs.so.0
compare parameter fail

tree gone
sed -i 's/^int manrs_prefix_covers(/__attribute__((visibility("hidden"))) int manrs_prefix_covers(/' "$out/gone/lib/net/prefix.c"
sed -i '/^MANRS_API int manrs_prefix_covers/s/MANRS_API //' "$out/gone/include/manrs/prefix.h"
build gone libmanrs.so.0
compare gone fail

# A struct that grows may do so at its end, and nowhere else. A header that is PROVISIONAL when the dump is written may change
# its call, its struct and its number, which is shown; one that says so later may not. NUMBERS stands beside DUMP.
news() { # name, comment, fields, parameter, bit: a tree with a header and a call of its own, in the old dump or another
	tree "$1"
	cat >"$out/$1/include/manrs/news.h" <<H
/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_NEWS_H
#define MANRS_NEWS_H
/* $2 */
#include <manrs/prefix.h>
typedef struct manrs_news {
	$3
} manrs_news;
#define MANRS_NEWS_BIT $5
MANRS_API int manrs_news_get(manrs_news *news, $4);
#endif
H
	sed -i 's/^#include <manrs.base.h>/&\n#include <manrs\/news.h>/' "$out/$1/include/manrs/manrs.h"
	printf '#include <manrs/news.h>\nint manrs_news_get(manrs_news *news, %s) { return sizeof *news > 99; }\n' "$4" \
		>>"$out/$1/lib/net/prefix.c"
	build "$1" libmanrs.so.0 || exit 1
}
dump_of() { # name: its tree is what is compared with from now on
	SO=$out/$1/lib.so DUMP=$out/old.abi INCLUDE=$out/$1/include/manrs NUMBERS=$out/numbers.txt sh tests/abi/abi.sh dump >/dev/null
}
against() { # name, pass or fail, what is said
	NUMBERS=$out/numbers.txt
	export NUMBERS
	compare "$1" "$2"
	if [ -n "$3" ] && ! grep -q "$3" "$out/log"; then
		failed=$((failed + 1))
		echo "$1: nothing was said of $3"
		cat "$out/log"
	fi
}
sized=$(printf 'size_t size;\n\tuint64_t n;')
news sized "A struct that grows." "$sized" 'int kind' 1u
dump_of sized
news longer "A struct that grows." "$sized
	uint64_t more;" 'int kind' 1u
against longer pass
news before "A struct that grows." 'size_t size;
	uint64_t more;
	uint64_t n;' 'int kind' 1u
against before fail
news marked "PROVISIONAL, but for the dump" "$sized" 'long kind' 1u
against marked fail
news bit "A struct that grows." "$sized" 'int kind' 2u
against bit fail 'MANRS_NEWS_BIT was 1 and is 2'
news early "PROVISIONAL: to be frozen by 1.0" 'uint32_t n;' 'int kind' 1u
dump_of early
against early pass PROVISIONAL
news later "PROVISIONAL: to be frozen by 1.0" 'uint32_t n, m;' 'long kind' 2u
against later pass 'PROVISIONAL MANRS_NEWS_BIT was 1 and is 2'
grep -q manrs_news_get "$out/log" && passed=$((passed + 1)) || { failed=$((failed + 1)); echo "a provisional call that changed was not shown"; cat "$out/log"; }
cp -r "$out/old" "$out/without" # the whole header has gone
against without pass 'PROVISIONAL MANRS_NEWS_BIT was 1 and is gone'
rm -rf "$out/without"
news other "PROVISIONAL: to be frozen by 1.0" 'uint32_t n;' 'int kind' 1u
sed -i 's/manrs_prefix_covers(const manrs_prefix \*outer, const/manrs_prefix_covers(int deep, const manrs_prefix *outer, const/' \
	"$out/other/include/manrs/prefix.h" "$out/other/lib/net/prefix.c"
build other libmanrs.so.0
against other fail manrs_prefix_covers

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
