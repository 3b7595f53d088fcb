#!/bin/sh
# Install into a scratch folder, compile a program with pkg-config against it, shared and static, run both; compile the
# headers in C11 and C++17; uninstall leaves nothing.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
root=$dir/root

ok() {
	what=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $what"
		cat "$dir/log"
	fi
}

ok install make --no-print-directory B="$B" CC="$CC" install DESTDIR="$root" PREFIX=/opt/x LIBDIR=/opt/x/lib64 INCLUDEDIR=/opt/x/inc
for f in lib64/libmanrs.a lib64/libmanrs.so lib64/libmanrs.so.0 lib64/pkgconfig/libmanrs.pc inc/manrs/manrs.h bin/manrs \
	share/man/man1/manrs.1 share/man/man3/libmanrs.3 share/man/man3/manrs_rov.3; do
	ok "$f is there" test -s "$root/opt/x/$f"
done
ok "soname" sh -c "readelf -d '$root/opt/x/lib64/libmanrs.so' | grep -q 'SONAME.*libmanrs.so.0]'"

cat >"$dir/program.c" <<'END'
#include <manrs/manrs.h>
#include <stdio.h>
int main(void)
{
	manrs_prefix p;
	char text[MANRS_PREFIX_TEXT];
	if (manrs_prefix_parse(&p, "2001:DB8::/32", 13, NULL) != MANRS_OK || manrs_prefix_format(&p, text, sizeof text) < 0)
		return 1;
	printf("%s %s\n", text, manrs_version());
	return 0;
}
END
pc() { PKG_CONFIG_PATH=$root/opt/x/lib64/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root pkg-config "$@" libmanrs; }
version=$(pc --modversion)
want="2001:db8::/32 $version"
ok "compile shared" sh -c "$CC -std=c11 -Wall -Werror -o '$dir/shared' '$dir/program.c' $(pc --cflags --libs)"
ok "run shared" test "$(LD_LIBRARY_PATH=$root/opt/x/lib64 "$dir/shared")" = "$want"
ok "it is linked to the shared library" sh -c "readelf -d '$dir/shared' | grep -q libmanrs.so.0"
libs=$(pc --static --libs | sed 's/-lmanrs/-l:libmanrs.a/')
ok "compile static" sh -c "$CC -std=c11 -Wall -Werror -o '$dir/static' '$dir/program.c' $(pc --cflags) $libs"
ok "run static" test "$("$dir/static")" = "$want"
ok "installed command" sh -c "'$root/opt/x/bin/manrs' --version | grep -q '$version'"

for header in include/manrs/*.h; do
	name=${header#include/}
	printf '#include <%s>\n' "$name" >"$dir/one.c"
	cp "$dir/one.c" "$dir/one.cc"
	ok "$name alone in C11" $CC -std=c11 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -Iinclude -fsyntax-only "$dir/one.c"
	if command -v c++ >/dev/null 2>&1; then
		ok "$name alone in C++17" c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$dir/one.cc"
	else
		skipped=$((skipped + 1))
	fi
done

ok uninstall make --no-print-directory B="$B" CC="$CC" uninstall DESTDIR="$root" PREFIX=/opt/x LIBDIR=/opt/x/lib64 INCLUDEDIR=/opt/x/inc
ok "nothing is left" test -z "$(find "$root" ! -type d)"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
