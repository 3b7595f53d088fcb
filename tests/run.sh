#!/bin/sh
# Run the tests and add up their closing lines: the C runner, the C runner again on the other code paths of this processor
# (the suites that ask for a path), and beside them every tests/*/*_test.sh and *_test.py: those that wait for sockets and
# daemons more than they work in a lane of their own. Each ends with "N passed, N failed, N skipped", and so does this.
#   B         the build folder
#   TESTS     the scripts to run instead of all
#   C_RUNNER  all (the default), once (no other code paths), shared (once, half of it after the scripts), no
B=${B:-build}
export B
mkdir -p "$B/tests"

one() { # group, command...
	group=$B/tests/$1
	shift
	echo "== $*"
	"$@" >"$group.last" 2>&1
	rc=$?
	cat "$group.last"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$group.last" | tail -n 1)
	name="$*"
	if [ -z "$line" ]; then
		echo "no closing line (exit $rc) from: $name"
		line="0 passed, 1 failed"
	fi
	set -- $(echo "$line" | tr -dc '0-9 ')
	if [ "$rc" != 0 ] && [ "$2" = 0 ]; then
		echo "exit $rc from: $name"
		set -- "$1" 1 "${3:-0}"
	fi
	[ "$2" = 0 ] || echo "$name: $2 failed" >>"$group.failed"
	echo "$1 $2 ${3:-0}" >>"$group.counts"
}

has_flag() { grep -qw "$1" /proc/cpuinfo 2>/dev/null; }

# Every second suite, from the first or the second on.
half() {
	ls tests/*/*_test.c | sed 's|.*/||; s|_test\.c$||' | awk -v first="$1" 'NR % 2 == first'
}

c_runner() {
	if [ "${C_RUNNER:-all}" = shared ]; then
		one c "$B/tests/run" $(half 0)
		return
	fi
	one c "$B/tests/run" $SUITES
	[ "${C_RUNNER:-all}" = all ] || return
	again=$(grep -lE 'test_isa\(\)|"urpf/router\.h"' tests/*/*_test.c 2>/dev/null | sed 's|.*/||; s|_test\.c$||')
	[ -n "$again" ] || return
	one c env MANRS_ISA=portable "$B/tests/run" $again
	has_flag avx2 && one c env MANRS_ISA=avx2 "$B/tests/run" $again
	has_flag avx512vl && one c env MANRS_ISA=avx512 "$B/tests/run" $again
}

lane_of() {
	case $1 in
	tests/lab/* | tests/cli/rtr* | tests/cli/watch*) echo w ;;
	*) echo s ;;
	esac
}

scripts() { # lane
	for t in ${TESTS:-tests/*/*_test.sh tests/*/*_test.py}; do
		[ -f "$t" ] && [ "$(lane_of "$t")" = "$1" ] || continue
		case $t in
		*.py) one "$1" "${PYTHON:-python3}" "$t" ;;
		*) one "$1" sh "$t" ;;
		esac
	done
}

rm -f "$B"/tests/[csw].counts "$B"/tests/[csw].failed
: >"$B/tests/c.log"
if [ "${C_RUNNER:-all}" != no ]; then
	c_runner >"$B/tests/c.log" 2>&1 &
fi
scripts w >"$B/tests/w.log" 2>&1 &
scripts s
[ "${C_RUNNER:-all}" = shared ] && one s "$B/tests/run" $(half 1)
wait
cat "$B/tests/w.log" "$B/tests/c.log"
cat "$B"/tests/[csw].failed 2>/dev/null
cat "$B"/tests/[csw].counts 2>/dev/null | awk '{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }'
