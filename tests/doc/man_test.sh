#!/bin/sh
# Every manual page is clean for mandoc, or else for man.
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
for header in include/manrs/*.h; do
	name=$(basename "$header" .h)
	[ "$name" = manrs ] && continue
	for function in $(tr '\n' ' ' <"$header" | grep -o 'MANRS_API[^;(]*(' | grep -o 'manrs_[a-z0-9_]* *($' | tr -d ' ('); do
		if ! grep -q "$function" "$B/man/manrs_$name.3"; then
			echo "manrs_$name.3 lacks $function"
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
