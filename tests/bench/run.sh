#!/bin/sh
# Run the benches named as arguments and print one table of what they appended to the file named by BENCH_JSON:
# a line a row, {"goal":..,"what":..,"ours":..,"peer":..,"ratio":..,"target":..,"status":..,"spread":..,"data":..}
# (bench.h says what they mean). A ratio is against the peer in the same run.
B=${B:-build}
BENCH_JSON=$B/bench.jsonl
export B BENCH_JSON
: >"$BENCH_JSON"
failed=0
run_python() { # under the Python that has the peers, if there is one
	python=${PYTHON:-python3}
	"$python" -c 'import radix' 2>/dev/null || { [ -x /usr/bin/python3 ] && python=/usr/bin/python3; }
	LIBMANRS=$B/libmanrs.so PYTHONPATH=bindings/python:$B/python "$python" "tests/bench/${1}_bench.py"
}
for name in "$@"; do
	echo "== $name"
	if [ -f "tests/bench/${name}_bench.py" ]; then
		run_python "$name" || { echo "bench $name: exit $?"; failed=1; }
	else
		"$B/tests/bench/$name" || { echo "bench $name: exit $?"; failed=1; }
	fi
done
awk '
function field(name,    at, rest) {
	at = index($0, "\"" name "\":")
	if (!at)
		return ""
	rest = substr($0, at + length(name) + 3)
	sub(/^ */, "", rest)
	if (substr(rest, 1, 1) == "\"") {
		rest = substr(rest, 2)
		return substr(rest, 1, index(rest, "\"") - 1)
	}
	sub(/[,}].*/, "", rest)
	return rest
}
BEGIN {
	line = "%-4s %-62s %10s %10s %8s %7s %-8s %6s  %s\n"
	printf "\n" line, "goal", "what (the peer)", "ours", "peer", "ratio", "target", "status", "+- %", "data"
}
{
	printf line, field("goal"), field("what"), field("ours"), field("peer"), field("ratio"), field("target"), field("status"), \
		field("spread"), field("data")
}
' "$BENCH_JSON"
exit $failed
