#!/bin/sh
# manrs_numbers(3) has every public constant once, with a meaning and the number that the compiler gives it (numbers.sh compiles
# and prints them), and the text of a code, test or mode as the library says it. The page itself is made by awk.
B=${B:-build}
CC=${CC:-cc}
page=$B/man/manrs_numbers.3
passed=0 failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
LC_ALL=C
export LC_ALL

# Rows of a page: NAME TAB NUMBER TAB MEANING, as a reader sees them.
rows() {
	awk '
		/^\.TS/ { on = 1 }
		/^\.TE/ { on = 0 }
		on && /\tT{$/ { row = substr($0, 1, length($0) - 2); getline meaning; print row (meaning == "T}" ? "" : meaning) }
	' "$1" | sed -e 's/\\-/-/g' -e 's/\\f[BP]//g' -e 's/\\&//g' -e 's/\\e/\\/g' | sort
}

# What is wrong with a page, given the numbers of the compiler.
wrong() { # page
	rows "$1" >"$dir/rows"
	awk -F '\t' '
		NR == FNR { at = index($0, " "); want[substr($0, 1, at - 1)] = substr($0, at + 1); next }
		{ got = $2; gsub(/^"|"$/, "", got); need = want[$1]; gsub(/^"|"$/, "", need) }
		!($1 in want) { print $1 " is not in the headers"; next }
		seen[$1]++ { print $1 " is there twice" }
		got != need { print $1 " is " need ", and the page says " got }
		$3 == "" { print $1 " has no meaning" }
		END { for (name in want) if (!(name in seen)) print name " is missing" }
	' "$dir/numbers" "$dir/rows"
}

verdict() { # what, complaints
	if [ -n "$2" ]; then
		failed=$((failed + 1))
		echo "failed: $1"
		echo "$2" | head -n 20
	else
		passed=$((passed + 1))
	fi
}

NUMBERS=$dir/all sh tests/abi/numbers.sh dump >"$dir/log" 2>&1 || { cat "$dir/log"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
grep -v '^MANRS_VERSION' "$dir/all" >"$dir/numbers"
verdict "the numbers" "$(wrong "$page")"
verdict "there are hundreds" "$([ "$(wc -l <"$dir/rows")" -ge 300 ] || echo "only $(wc -l <"$dir/rows")")"

# Texts, by the library.
{
	echo '#include <manrs/manrs.h>'
	echo '#include <stdio.h>'
	echo 'int main(void) {'
	awk -F '\t' '
		function say(call) { printf "printf(\"%s\\t%%s\\n\", %s(%s));\n", $1, call, $1 }
		$3 !~ /^[a-z0-9-]+: / && $1 !~ /^MANRS_(CODE|TEST)_/ { next }
		$1 ~ /^MANRS_CODE_/ { say("manrs_code_text"); next }
		$1 ~ /^MANRS_TEST_[^B]|^MANRS_TEST_BOGON/ { say("manrs_test_text"); next }
		$1 ~ /^MANRS_URPF_(OFF|STRICT|LOOSE|FEASIBLE|EFP_[AB]|BAR_SAV|BAR_SAV_PI|PROCEDURE_X|LIST)$/ { say("manrs_urpf_mode_text") }
	' "$dir/rows"
	echo 'return 0; }'
} >"$dir/say.c"
# shellcheck disable=SC2086
if $CC -std=c11 ${CFLAGS:-} -Iinclude -o "$dir/say" "$dir/say.c" "$B/libmanrs.a" -ltommath >"$dir/log" 2>&1; then
	"$dir/say" | sort >"$dir/texts"
	verdict "the texts" "$(awk -F '\t' 'NR == FNR { text[$1] = $2; next }
		$1 in text && index($3, text[$1] ": ") != 1 { print $1 " is \"" text[$1] "\", and the page says " $3 }' "$dir/texts" "$dir/rows")"
	verdict "of all codes, tests and modes" "$([ "$(wc -l <"$dir/texts")" -ge 116 ] || echo "only $(wc -l <"$dir/texts")")"
else
	verdict "the texts" "$(cat "$dir/log")"
fi

# The test itself: a number that is wrong, a row that is missing, one without a meaning.
sed 's/^MANRS_ROV_INVALID\t2/MANRS_ROV_INVALID\t1/' "$page" >"$dir/wrong.3"
verdict "a wrong number is seen" "$(wrong "$dir/wrong.3" | grep -q 'MANRS_ROV_INVALID is 2, and the page says 1' || echo "it was not")"
sed 's/^MANRS_ELIMIT\t/MANRS_EOTHER\t/' "$page" >"$dir/wrong.3"
verdict "a missing row is seen" "$(wrong "$dir/wrong.3" | grep -q 'MANRS_ELIMIT is missing' || echo "it was not")"
sed 's/^the allocator refused$//' "$page" >"$dir/wrong.3"
verdict "a row without a meaning is seen" "$(wrong "$dir/wrong.3" | grep -q 'MANRS_ENOMEM has no meaning' || echo "it was not")"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
