#!/bin/sh
# Every manual page is clean for mandoc, or else for man; every call, constant and type of a header is on its page; every page
# is in the list of libmanrs(3), and every page that one refers to is there.
B=${B:-build}
passed=0 failed=0 skipped=0
for page in lib/doc/*.1 "$B"/man/*.3; do
	if command -v mandoc >/dev/null 2>&1; then
		said=$(mandoc -Tlint -W warning "$page" 2>&1)
	elif command -v groff >/dev/null 2>&1; then
		said=$(man --warnings -l "$page" 2>&1 >/dev/null)
	else
		echo "skipped: neither mandoc nor man"
		skipped=$((skipped + 1))
		continue
	fi
	if [ -n "$said" ]; then
		echo "$said"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done

# What a header declares and its page lacks.
lacks() { # header, page
	{
		tr '\n' ' ' <"$1" | grep -o 'MANRS_API[^;(]*(' | grep -o 'manrs_[a-z0-9_]* *($' | tr -d ' ('
		grep -v '_H$' "$1" | grep -o '^#define MANRS_[A-Z0-9_]*' | sed 's/.* //' | grep -v -e '^MANRS_API$' -e '_$'
		sed -n 's/^[[:space:]]*\(MANRS_[A-Z0-9_]*\) = .*/\1/p' "$1"
		sed -n -e 's/^typedef struct \(manrs_[a-z0-9_]*\).*/\1/p' -e 's/^enum \(manrs_[a-z0-9_]*\) {.*/\1/p' "$1"
	} | while read -r name; do
		sed 's/\\-/-/g' "$2" | grep -qw -- "$name" || echo "$(basename "$2") lacks $name"
	done
}
# Pages that a page refers to and that are not there.
lost() { # page
	grep -o '^\.BR [a-z_]* (3)' "$1" | sed 's/^\.BR \(.*\) (3)/\1/' | while read -r name; do
		[ -f "$B/man/$name.3" ] || echo "$(basename "$1") refers to $name(3), which is not there"
	done
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
for header in include/manrs/*.h; do
	name=$(basename "$header" .h)
	[ "$name" = manrs ] && continue
	verdict "all of $name.h is on its page" "$(lacks "$header" "$B/man/manrs_$name.3")"
	verdict "libmanrs(3) lists manrs_$name(3)" "$(grep -q "^\.BR manrs_$name (3)" "$B/man/libmanrs.3" || echo "it does not")"
done
for page in lib/doc/*.1 "$B"/man/*.3; do
	verdict "what $(basename "$page") refers to" "$(lost "$page")"
done
for name in $(grep -oh 'manrs_[a-z_]*(3)' bindings/cli/*.[ch] README.md examples/*.c | sort -u | tr -d '(3)'); do
	verdict "$name(3), which the command or the README names" "$([ -f "$B/man/$name.3" ] || echo "it is not there")"
done

# The test itself, on a page that is wrong.
dir=$(mktemp -d) || exit 1
sed -e '/manrs_rov_match/d' -e 's/^\.BR manrs_db (3)/.BR manrs_dbase (3)/' "$B/man/manrs_rov.3" >"$dir/manrs_rov.3"
verdict "a call that is not there is seen" "$(lacks include/manrs/rov.h "$dir/manrs_rov.3" | grep -q 'lacks manrs_rov_match$' || echo "it was not")"
verdict "a page that is not there is seen" "$(lost "$dir/manrs_rov.3" | grep -q 'manrs_dbase(3), which' || echo "it was not")"
rm -rf "$dir"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
