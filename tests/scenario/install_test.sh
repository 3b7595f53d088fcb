#!/bin/sh
# Install into a scratch folder, compile a program with pkg-config against it, shared and static, run both; compile the
# headers in C11 and C++17; uninstall leaves nothing. The loader's cache: who brings it up to date, and the README's own lines
# after a plain install. The library's file name in versions to come; a build with a distribution's flags.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
unset MAKEFLAGS MFLAGS # a make -j above has its jobs for itself, and its word on that is no answer
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
	share/man/man1/manrs.1 share/man/man3/libmanrs.3 share/man/man3/manrs_rov.3 \
	lib/systemd/system/manrs-rtrd.service lib/systemd/system/manrs-rtrd.socket \
	lib/systemd/system/manrs-watch.service; do
	ok "$f is there" test -s "$root/opt/x/$f"
done
ok "the unit starts the command that is installed" grep -q '^ExecStart=/opt/x/bin/manrs rtrd ' "$root/opt/x/lib/systemd/system/manrs-rtrd.service"
if command -v systemd-analyze >/dev/null 2>&1; then
	for unit in rtrd.service rtrd.socket watch.service; do
		sed "s|/opt/x/bin|$root&|" "$root/opt/x/lib/systemd/system/manrs-$unit" >"$dir/manrs-$unit"
	done
	ok "the units are sound" sh -c "systemd-analyze verify --man=no '$dir/manrs-rtrd.service' '$dir/manrs-rtrd.socket' '$dir/manrs-watch.service' 2>&1 | grep -c 'manrs-[rw]' | grep -qx 0"
	# Of 100 that a service without any bound has: well below what systemd calls exposed, 30 here.
	for unit in rtrd watch; do
		ok "the unit of $unit is hardened" sh -c "systemd-analyze security --offline=yes --threshold=30 '$dir/manrs-$unit.service'"
	done
else
	skipped=$((skipped + 3))
fi
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
ok "compile wholly static" sh -c "$CC -std=c11 -static -o '$dir/whole' '$dir/program.c' $(pc --static --cflags --libs)"
ok "run wholly static" test "$("$dir/whole")" = "$want"
ok "the shared library brings libtommath itself" sh -c "! echo '$(pc --libs)' | grep -q tommath"
ok "the Python package is of this version" grep -qx "version = \"$version\"" bindings/python/pyproject.toml
ok "so is the first entry of CHANGES.md" sh -c "grep -m 1 '^## ' CHANGES.md | grep -q '^## $version '"
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

# The loader's cache, by a stand-in for ldconfig: of a package's DESTDIR it is not told, of a folder of ours it is.
cat >"$dir/ldconfig" <<END
#!/bin/sh
[ "\$1" != -p ] || exec cat "$dir/cache"
echo "told" >>"$dir/told"
END
chmod +x "$dir/ldconfig"
install_to() { # target, more
	target=$1
	shift
	: >"$dir/told"
	make --no-print-directory B="$B" CC="$CC" LDCONFIG="$dir/ldconfig" "$target" "$@" >"$dir/out" 2>&1
}
: >"$dir/cache"
install_to install DESTDIR="$root" PREFIX=/usr
ok "ldconfig is not run for a DESTDIR" test ! -s "$dir/told"
install_to uninstall DESTDIR="$root" PREFIX=/usr
if [ "$(id -u)" = 0 ]; then
	install_to install PREFIX="$root/own"
	ok "root runs ldconfig" test -s "$dir/told"
	ok "and is told of a folder that the loader does not know" grep -q "the loader does not look into $root/own/lib" "$dir/out"
	printf '\tlibmanrs.so.0 (libc6,x86-64) => %s/own/lib/libmanrs.so.0\n' "$root" >"$dir/cache"
	install_to install PREFIX="$root/own"
	ok "a second install is as the first" test -s "$root/own/lib/libmanrs.so.0"
	ok "a known folder draws no word" sh -c "! grep -q 'does not look' '$dir/out'"
	install_to uninstall PREFIX="$root/own"
	ok "root runs ldconfig after an uninstall" test -s "$dir/told"
else
	install_to install PREFIX="$root/own"
	ok "another user is told to" grep -q "as root: $dir/ldconfig" "$dir/out"
	install_to uninstall PREFIX="$root/own"
fi
ok "nothing is left of these" test -z "$(find "$root" ! -type d)"

# The README's lines as they stand, with the real ldconfig: in a mount namespace with an /etc and a /usr/local of its own.
cat >"$dir/plain.sh" <<END
set -e
mkdir "$dir/etc" "$dir/cachedir" && cp -a /etc/. "$dir/etc"
mount --bind "$dir/etc" /etc
mount -t tmpfs none /usr/local
[ ! -d /var/cache/ldconfig ] || mount --bind "$dir/cachedir" /var/cache/ldconfig
make --no-print-directory B="$B" CC="$CC" PREFIX=/usr/local install
cd "$dir"
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cc demo.c \$(pkg-config --cflags --libs libmanrs)
./a.out
manrs --version
END
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$dir/demo.c"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null && [ -z "$CFLAGS" ] && command -v cc >/dev/null; then
	ok "the README's lines" sh -c "unshare -m sh '$dir/plain.sh' >'$dir/plain' 2>&1 || { cat '$dir/plain'; exit 1; }"
	ok "and what its program says" sh -c "grep -xE 'valid|invalid' '$dir/plain' | tr '\n' ' ' | grep -qx 'valid invalid '"
else
	skipped=$((skipped + 2))
fi

# The file's name holds the whole version, so that two of them never share one; the SONAME is another thing.
mkdir "$dir/tree" "$dir/tree/include"
for part in Makefile CHANGES.md lib bindings tests; do ln -s "$PWD/$part" "$dir/tree"; done
cp -r include/manrs "$dir/tree/include"
for version in 0.1.0 0.1.10 0.10.0 0.10.3 0.20.0 1.0.0 1.10.20 10.0.1; do
	set -- $(echo $version | tr . ' ')
	sed -i -e "s/\(define MANRS_VERSION_MAJOR\) .*/\1 $1/" -e "s/\(define MANRS_VERSION_MINOR\) .*/\1 $2/" \
		-e "s/\(define MANRS_VERSION_PATCH\) .*/\1 $3/" "$dir/tree/include/manrs/base.h"
	printf 'include Makefile\nsay:\n\t@echo $(VERSION) $(SOFILE) $(SONAME)\n' >"$dir/tree/say.mk"
	ok "the names of version $version" test "$(make -s -C "$dir/tree" -f say.mk say 2>&1)" = \
		"$version libmanrs.so.$version libmanrs.so.0"
done

# As Debian builds a package: hardening flags in the environment. The library's checked calls show that CPPFLAGS came through
# (memcpy and its kin where the compiler knows a size), its segments that LDFLAGS did, the command's likewise.
hard() {
	env CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2 -DMANRS_SEEN_BY_ALL' CFLAGS='-g -O2 -fstack-protector-strong -Wformat -Werror=format-security' \
		LDFLAGS='-Wl,-z,relro -Wl,-z,now' make --no-print-directory -j2 B="$dir/hard" CC="$CC" "$@"
}
if [ -z "$CFLAGS" ]; then
	ok "a build with a distribution's flags" hard all "$dir/hard/examples/trie" python
	for file in manrs libmanrs.so examples/trie; do
		ok "$file is linked with LDFLAGS" sh -c "readelf -d '$dir/hard/$file' | grep -q BIND_NOW"
	done
	ok "the command's calls are checked ones" sh -c "nm -D '$dir/hard/manrs' | grep -q '__[a-z]*printf_chk'"
	ok "its imports are those that may be" env B="$dir/hard" sh tests/abi/symbols_test.sh
	hard -n B="$dir/none" all "$dir/none/tests/run" examples "$dir/none/tests/bench/rov" "$dir/none/tests/fuzz/text" \
		"$dir/none/tests/instructions/lookups" | sed -e ':again' -e '/\\$/N; s/\\\n[[:space:]]*//; t again' >"$dir/lines"
	ok "every compiling line has CPPFLAGS" sh -c "! grep -E '(^| )-c -o|-MMD' '$dir/lines' | grep -v MANRS_SEEN_BY_ALL"
	ok "every linking line has LDFLAGS" sh -c "! grep -E '^[^#]* -o [^ ]*(\.so[.0-9]*|manrs|run|examples/[a-z_]*|bench/rov|fuzz/text|lookups) ' '$dir/lines' |
		grep -v -e '-Wl,-z,relro'"
else
	skipped=$((skipped + 8))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
