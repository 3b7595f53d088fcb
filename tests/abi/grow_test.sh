#!/bin/sh
# Programs and libraries of different versions (lib/base/grow.h): every struct that grows is made longer in a copy of the
# headers. A program with the headers as they are runs with a library of the longer ones, and the other way round; each
# under a stack protector and, where it is, AddressSanitizer.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

tree=$out/tree
mkdir -p "$tree" && cp -R Makefile pkg.pc.in lib include "$tree/" || exit 1
grown=0
for header in "$tree"/include/manrs/*.h; do
	awk '
		/^typedef struct/ { first = 1; next_is = NR + 1 }
		NR == next_is && /^\tsize_t size;/ { grows = 1 }
		grows && /^} manrs_/ { print "\tuint64_t trial[4];"; grows = 0 }
		{ print }
	' "$header" >"$out/header" && cp "$out/header" "$header"
done
grown=$(cat "$tree"/include/manrs/*.h | grep -c 'uint64_t trial\[4\];')
all=$(cat include/manrs/*.h | grep -c '^	size_t size;')
if [ "$grown" -ge 11 ] && [ "$grown" = "$all" ]; then passed=$((passed + 1)); else
	echo "$grown structs of $all were grown"
	failed=$((failed + 1))
fi
# What is done with each of them by a call must be tried in grow.c: a struct that comes is not forgotten.
text=$(cat include/manrs/*.h | tr '\n' ' ')
forgotten() { # file: structs whose use is not tried
	awk '/^typedef struct manrs_/ { name = $3; at = NR } NR == at + 1 && /^\tsize_t size;/ { sub(/^manrs_/, "", name); print name }' \
		include/manrs/*.h | while read -r name; do
		calls=$(echo "$text" | grep -o 'MANRS_API[^;]*;')
		echo "$calls" | grep -q "manrs_${name}_init(" && ! grep -q "INIT($name, " "$1" && echo "$name: no INIT"
		echo "$calls" | grep -q "const manrs_$name \*" && ! grep -q "REFUSED($name, " "$1" && echo "$name: no REFUSED"
		echo "$calls" | grep -v "manrs_${name}_init(" | sed "s/const manrs_$name \*//g" | grep -q "manrs_$name \*" &&
			! grep -q "GIVE($name, " "$1" && echo "$name: no GIVE"
	done
}
left=$(forgotten tests/abi/grow.c)
# The check itself: without a line of each kind it names the struct.
grep -v 'INIT(slurm, \|REFUSED(path_rules, \|GIVE(urpf_explanation, ' tests/abi/grow.c >"$out/less.c"
if [ -z "$left" ] && [ "$(forgotten "$out/less.c" | sort | tr '\n' ',')" = "path_rules: no REFUSED,slurm: no INIT,urpf_explanation: no GIVE," ]; then
	passed=$((passed + 1))
else
	echo "not tried in tests/abi/grow.c: $left; seen of three left out: $(forgotten "$out/less.c")"
	failed=$((failed + 1))
fi
if ! make -C "$tree" CC="$CC" B="$out/longer" OPT=-O1 WERROR= "$out/longer/libmanrs.so" "$out/longer/libmanrs.so.0" >"$out/log" 2>&1; then
	tail -n 20 "$out/log"
	echo "$passed passed, 1 failed, 0 skipped"
	exit 1
fi

try() { # name, include folder, library's folder, flags...
	name=$1 include=$2 library=$3
	shift 3
	# shellcheck disable=SC2086
	if ! $CC -std=c11 -O1 -g -Wall -I"$include" "$@" ${CFLAGS:-} -o "$out/program" tests/abi/grow.c "$library/libmanrs.so" >"$out/log" 2>&1; then
		case "$*" in
		*sanitize*)
			echo "skipped: $CC has no AddressSanitizer"
			skipped=$((skipped + 1))
			return
			;;
		esac
	elif ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=$library "$out/program" >"$out/log" 2>&1; then
		passed=$((passed + 1))
		return
	fi
	echo "$name:"
	head -n 20 "$out/log"
	failed=$((failed + 1))
}
as_is=$(cd "$B" && pwd)
# Watched itself, so that it is seen what it reads of a caller's struct, too.
make -C "$tree" CC="$CC" B="$out/watched" OPT=-O1 WERROR= CFLAGS="-fsanitize=address ${CFLAGS:-}" LDFLAGS=-fsanitize=address \
	"$out/watched/libmanrs.so" "$out/watched/libmanrs.so.0" >"$out/log" 2>&1 || rm -rf "$out/watched"
for flags in -fstack-protector-all -fsanitize=address; do
	try "both as they are, $flags" include "$as_is" $flags
	longer=$out/longer
	[ "$flags" = -fsanitize=address ] && [ -d "$out/watched" ] && longer=$out/watched
	try "a library of longer structs, $flags" include "$longer" $flags
	try "a program of longer structs, $flags" "$tree/include" "$as_is" $flags -DGROWN -DLONGER=0
	try "both longer, $flags" "$tree/include" "$longer" $flags -DGROWN -DLONGER=1
done
# Python: the package takes the library of longer structs, and answers with it. A record of another size it refuses, each by
# itself, and so a struct that grows and is shorter than the package knows: libraries that differ in what manrs_sizeof says.
PYTHON=${PYTHON:-python3}
if command -v "$PYTHON" >/dev/null 2>&1; then
	for part in test_check.py test_db.py test_urpf.py; do
		if PYTHONDONTWRITEBYTECODE=1 MANRS_PURE=1 MANRS_STEP=1000 LIBMANRS=$out/longer/libmanrs.so PYTHONPATH=bindings/python \
			"$PYTHON" bindings/python/tests/run.py "$part" >"$out/log" 2>&1; then
			passed=$((passed + 1))
		else
			echo "python with longer structs, $part:"
			tail -n 20 "$out/log"
			failed=$((failed + 1))
		fi
	done
	cat >"$out/layout.py" <<'PY'
import ctypes
import manrs._lib as lib

real, records, growing = lib.lib.manrs_sizeof, 0, 0
for other, struct in lib.STRUCTS.items():
    grows = other in lib.LENT or struct._fields_[0][0] == "size"
    for more in (-8, 8):
        lib.lib.manrs_sizeof = lambda name: real(name) + (more if name.decode() == other else 0)
        try:
            lib._check_layout()
            taken = True
        except ImportError as error:
            taken = False
            assert other in str(error), error
        longer = real(other.encode()) + more >= ctypes.sizeof(struct)
        assert taken == (grows and longer), (other, more, taken)
    records, growing = records + (not grows), growing + grows
assert records >= 15 and growing >= 7, (records, growing)
PY
	if MANRS_PURE=1 LIBMANRS=$as_is/libmanrs.so PYTHONPATH=bindings/python "$PYTHON" "$out/layout.py" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		tail -n 5 "$out/log"
		failed=$((failed + 1))
	fi
	# One such library for real: its manrs_sizeof is compiled with a manrs_route of another size.
	sed -i 's/^\tuint32_t asn;$/&\n\tuint32_t more;/' "$tree/include/manrs/prefix.h"
	sed -i '/^FROZEN/d' "$tree/lib/base/base.c"
	if $CC -std=c11 -O1 -fPIC -fvisibility=hidden -I"$tree/include" -I"$tree/lib" -c -o "$out/base.o" "$tree/lib/base/base.c" &&
		$CC -shared ${CFLAGS:-} -Wl,--version-script=lib/manrs.map -o "$out/other.so" "$out/base.o" \
			$(for source in lib/*/*.c; do
				object=$as_is/${source%.c}.o
				[ "$source" != lib/base/base.c ] && [ -f "$object" ] && echo "$object"
			done) -ltommath &&
		! MANRS_PURE=1 LIBMANRS=$out/other.so PYTHONPATH=bindings/python "$PYTHON" -c 'import manrs' >"$out/log" 2>&1 &&
		grep -q 'ImportError: .*struct manrs_route has 28 bytes there and 24 here' "$out/log"; then
		passed=$((passed + 1))
	else
		echo "a library with another manrs_route:"
		cat "$out/log"
		failed=$((failed + 1))
	fi
else
	echo "skipped: no $PYTHON"
	skipped=$((skipped + 1))
fi
# The trial itself: an init that writes as much as the library knows, and a call that takes what it does not know, are seen.
planted() { # name, what is done to lib/base/grow.c, include folder, flags...
	cp lib/base/grow.c "$tree/lib/base/grow.c"
	sed -i "$2" "$tree/lib/base/grow.c"
	if cmp -s lib/base/grow.c "$tree/lib/base/grow.c" ||
		! make -C "$tree" CC="$CC" B="$out/longer" OPT=-O1 WERROR= "$out/longer/libmanrs.so" >"$out/log" 2>&1; then
		echo "$1: cannot be planted"
		failed=$((failed + 1))
		return
	fi
	was=$failed
	try "$1" "$3" "$out/longer" -fstack-protector-all $4 >"$out/said"
	if [ "$failed" -gt "$was" ]; then
		failed=$was passed=$((passed + 1))
	else
		echo "$1: was not seen"
		failed=$((failed + 1)) passed=$((passed - 1))
	fi
}
planted "an init of the library's own size" 's/size_t shared = size < known ? size : known;/size_t shared = known;/; s/, 0, size - shared/, 0, 0/' include
planted "a size of the library's own" 's/memcpy(to, &size, sizeof size);/memcpy(to, \&known, sizeof known);/' include
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
