#!/bin/sh
# The C files as .clang-format says: format.sh write|check FILE... ; CLANG_FORMAT: the program, VERSION: its major version.
# Another version breaks lines elsewhere: it writes nothing, and what it would say is skipped.
set -u
what=$1
shift
has=$("$CLANG_FORMAT" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$has" != "$VERSION" ]; then
	echo "skipped: clang-format $VERSION, which the tree is formatted with, is not here: $CLANG_FORMAT is ${has:-missing}"
	[ "$what" = check ] || exit 1
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi
[ "$what" = check ] || exec "$CLANG_FORMAT" -i "$@"
# A comment that is too long behind a value or a member tears it in two: it is made shorter, or stands above.
torn=$(grep -nHE '^[[:space:]]+([A-Z][A-Z_0-9]* =|(const |struct )*[a-z_0-9]+ ?\*?)$' "$@" | grep -vE '[[:space:]](else|do|static)$')
if [ -n "$torn" ]; then
	echo "failed: torn by what stands behind it:"
	echo "$torn"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
if "$CLANG_FORMAT" --dry-run -Werror "$@" 2>/dev/null; then
	echo "$# passed, 0 failed, 0 skipped"
	exit 0
fi
passed=0 failed=0
for file in "$@"; do
	if "$CLANG_FORMAT" "$file" | cmp -s - "$file"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: not as make format leaves it: $file"
		"$CLANG_FORMAT" "$file" | diff "$file" - | head -n 4
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
exit 1
