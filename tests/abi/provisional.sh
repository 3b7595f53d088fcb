#!/bin/sh
# The names that headers declare whose first comment has a line that begins with PROVISIONAL (base.h says what it means), one
# a line: calls, types, constants. INCLUDE names other headers to look at.
for header in "${INCLUDE:-include/manrs}"/*.h; do
	awk 'NR > 1 && /\/\*/ { on = 1 } on { print } on && /\*\// { exit }' "$header" | grep -qE '^(/\*| \*) PROVISIONAL\>' || continue
	# Without comments.
	text=$(sed -n 'H; ${ x; s|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g; p }' "$header") || exit 1
	echo "$text" | sed -n 's/^#define \(MANRS_[A-Z0-9_]*\).*/\1/p' | grep -v '_H$'
	text=$(echo "$text" | grep -v '^#' | tr '\n' ' ')
	echo "$text" | grep -o 'MANRS_API[^;(]*(' | grep -o 'manrs_[a-z0-9_]* *($' | tr -d ' ('
	echo "$text" | grep -o '\(struct\|enum\) manrs_[a-z0-9_]* {' | tr -d '{' | sed 's/[a-z]* //'
	echo "$text" | grep -o 'typedef struct manrs_[a-z0-9_]*' | sed 's/.* //'
	echo "$text" | grep -o 'enum[^{};()]*{[^}]*}' | grep -o '[{,] *MANRS_[A-Z0-9_]*' | tr -d '{, '
done | sort -u
