#!/bin/sh
# Run the tests and add up their closing lines: the C runner, the C runner again on the other code paths of this processor
# (the suites that ask for a path), and every tests/*/*_test.sh and *_test.py but the lab's (tests/lab/run.py). Two work
# through one list, longest first; those that wait for sockets more than they work have a lane of their own beside them. Each
# ends with "N passed, N failed, N skipped", and so does this; $B/tests/times has what each took.
#   B         the build folder
#   TESTS     the scripts to run instead of all
#   C_RUNNER  all (the default), once (no other code paths), no
#   SUITES    the suites to run instead of all
B=${B:-build}
export B
mkdir -p "$B/tests"

# Seconds of processor time that the commands of this shell took so far, into used.
processor() { # scratch file
	times >"$1"
	used=$(tail -n 1 "$1" | tr 'ms' '  ' | awk '{ printf "%.0f", ($1 + $3) * 60 + $2 + $4 }')
}

one() { # lane, command...
	lane=$B/tests/$1
	shift
	echo "== $*"
	began=$(date +%s)
	processor "$lane.used"
	before=$used
	"$@" >"$lane.last" 2>&1
	rc=$?
	processor "$lane.used"
	cat "$lane.last"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$lane.last" | tail -n 1)
	name="$*"
	echo "$((used - before)) s of processor in $(($(date +%s) - began)) s: $name" >>"$lane.times"
	if [ -z "$line" ]; then
		echo "no closing line (exit $rc) from: $name"
		line="0 passed, 1 failed"
	fi
	set -- $(echo "$line" | tr -dc '0-9 ')
	if [ "$rc" != 0 ] && [ "$2" = 0 ]; then
		echo "exit $rc from: $name"
		set -- "$1" 1 "${3:-0}"
	fi
	[ "$2" = 0 ] || echo "$name: $2 failed" >>"$lane.failed"
	echo "$1 $2 ${3:-0}" >>"$lane.counts"
}

has_flag() { grep -qw "$1" /proc/cpuinfo 2>/dev/null; }

# Every second suite, from the first or the second on.
half() {
	ls tests/*/*_test.c | sed 's|.*/||; s|_test\.c$||' | awk -v first="$1" 'NR % 2 == first' | tr '\n' ' '
}

# The jobs of the C runner, a line each.
c_runner() {
	[ "${C_RUNNER:-all}" != no ] || return
	if [ -n "$SUITES" ]; then
		echo "$B/tests/run $SUITES"
	else
		echo "$B/tests/run $(half 1)"
		echo "$B/tests/run $(half 0)"
	fi
	[ "${C_RUNNER:-all}" = all ] || return
	again=$(grep -lE 'test_isa\(\)|"urpf/router\.h"' tests/*/*_test.c 2>/dev/null | sed 's|.*/||; s|_test\.c$||' | tr '\n' ' ')
	[ -n "$again" ] || return
	echo "env MANRS_ISA=portable $B/tests/run $again"
	has_flag avx2 && echo "env MANRS_ISA=avx2 $B/tests/run $again"
	has_flag avx512vl && echo "env MANRS_ISA=avx512 $B/tests/run $again"
}

# The scripts of a lane. Those of Python are one job, as each of them builds the extension.
scripts() { # lane
	for t in ${TESTS:-tests/*/*_test.sh tests/*/*_test.py}; do
		[ -f "$t" ] || continue
		case $t in
		tests/lab/*) continue ;;
		tests/cli/rtr* | tests/cli/watch*) lane=waiting ;;
		tests/python/*) lane=python ;;
		tests/scenario/install_test.sh | tests/cli/real_test.py) lane=long ;;
		*) lane=short ;;
		esac
		[ "$lane" != "$1" ] || echo "$t"
	done
}

job() { # lane, command or scripts
	case $2 in
	*_test.sh | *_test.py) ;;
	*)
		one "$@"
		return
		;;
	esac
	who=$1
	shift
	for t in "$@"; do
		case $t in
		*.py) one "$who" "${PYTHON:-python3}" "$t" ;;
		*) one "$who" sh "$t" ;;
		esac
	done
}

# Every job of a list that no other lane has taken.
work() { # lane, list
	n=0
	while read -r line <&3; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		[ -z "$line" ] || ! mkdir "$2.taken/$n" 2>/dev/null || job "$1" $line
	done 3<"$2"
	: >"$B/tests/$1.end"
}

jobs=$B/tests/jobs
rm -rf "$jobs".*.taken "$B"/tests/[abw].counts "$B"/tests/[abw].failed "$B"/tests/[abw].times "$B"/tests/[abw].end
mkdir "$jobs.work.taken" "$jobs.wait.taken"
{
	scripts python | tr '\n' ' '
	echo
	c_runner
	scripts long
	scripts short
} >"$jobs.work"
scripts waiting >"$jobs.wait"
work w "$jobs.wait" >"$B/tests/w.log" 2>&1 &
work b "$jobs.work" >"$B/tests/b.log" 2>&1 &
(work a "$jobs.work")
wait
for lane in a b w; do
	[ -f "$B/tests/$lane.end" ] && continue
	echo "lane $lane did not come to its end" >>"$B/tests/$lane.failed"
	echo "0 1 0" >>"$B/tests/$lane.counts"
done
cat "$B/tests/w.log" "$B/tests/b.log"
cat "$B"/tests/[abw].times 2>/dev/null | sort -rn >"$B/tests/times"
cat "$B"/tests/[abw].failed 2>/dev/null
cat "$B"/tests/[abw].counts 2>/dev/null | awk '{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }'
