#!/bin/sh
# Run fuzz targets named as arguments, FUZZ_SECONDS each, from their seeds: tests/fuzz/seeds/NAME/*, and what a NAME_seeds script finds.
# Two at a time. With libFuzzer (LIBFUZZER set) new inputs are tried, and a crash is kept in $B/tests/fuzz/; else only the seeds are run.
B=${B:-build/fuzz}

one() { # target: its line is printed and kept
	name=$1
	seeds=tests/fuzz/seeds/$name
	work=$B/tests/fuzz/corpus-$name
	mkdir -p "$work"
	[ -d "$seeds" ] || seeds=
	if [ -f "tests/fuzz/${name}_seeds.sh" ]; then # real files, where they are
		mkdir -p "$work-real"
		sh "tests/fuzz/${name}_seeds.sh" "$work-real"
	fi
	real=$(ls -d "$work-real" 2>/dev/null)
	log=$B/tests/fuzz/$name.log
	if [ -n "$LIBFUZZER" ]; then
		"$B/tests/fuzz/$name" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
			-print_final_stats=1 -artifact_prefix="$B/tests/fuzz/$name-" "$work" $seeds $real >"$log" 2>&1
	else
		"$B/tests/fuzz/$name" ${seeds:+"$seeds"/*} ${real:+"$real"/*} >"$log" 2>&1
	fi
	rc=$?
	if [ "$rc" = 0 ]; then
		echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, clean" | tee "$B/tests/fuzz/$name.clean"
	else
		echo "fuzz $name: failed (exit $rc)"
		tail -n 40 "$log"
	fi
}

# Every second target, from the first or the second on.
lane() { # 0 or 1, targets
	turn=$1
	shift
	for target in "$@"; do
		[ $((turn = 1 - turn)) = 0 ] || one "$target"
	done
}

for name in "$@"; do rm -f "$B/tests/fuzz/$name.clean"; done
lane 1 "$@" &
lane 0 "$@"
wait
passed=0 failed=0
for name in "$@"; do
	if [ -s "$B/tests/fuzz/$name.clean" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
