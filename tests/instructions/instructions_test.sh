#!/bin/sh
# Count the instructions of a lookup on the portable path under callgrind, and compare with counts.txt: more than a
# twentieth above fails. A count does not depend on the machine's speed, but it does on the compiler: another than the one
# that counts.txt names is skipped. `instructions_test.sh update` writes a new counts.txt.
# B is the build folder, CC the compiler.
B=${B:-build}
counts=tests/instructions/counts.txt
queries=20000
passed=0 failed=0 skipped=0
compiler=$(${CC:-cc} --version | sed "s,^[^ ]* ,,;q")
if ! command -v valgrind >/dev/null 2>&1; then
	echo "skipped: no valgrind"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
if [ "$1" != update ] && ! grep -qxF "# $compiler" "$counts"; then
	echo "skipped: counted with another compiler than $compiler"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
out=$B/instructions.out
[ "$1" = update ] && printf '%s\n' "# Instructions a lookup, portable path, -O2" "# $compiler" >"$counts.new"
for work in rov_single rov_batch trie_match lpm_batch check; do
	valgrind --tool=callgrind --callgrind-out-file="$out" --collect-atstart=no --toggle-collect="work_$work" \
		"$B/tests/instructions/lookups" "$work" >"$B/instructions.log" 2>&1 || { cat "$B/instructions.log"; exit 1; }
	total=$(sed -n 's/^totals: //p; s/^summary: //p' "$out" | head -n 1)
	now=$((total / queries))
	if [ "$1" = update ]; then
		echo "$work $now" >>"$counts.new"
		continue
	fi
	was=$(sed -n "s/^$work //p" "$counts")
	if [ "$now" -gt $((was + was / 20)) ]; then
		echo "$work: $now instructions a lookup, $was before"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done
[ "$1" = update ] && mv "$counts.new" "$counts"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
