#!/bin/sh
# The floors of the library again, by what was compiled: an object of lib/<floor>/ needs only symbols of floors that its own
# may stand on, be it for a call or for an address that is called later. And what no other object needs, and no test, is
# static or gone. ROOT, B: another tree to look at.
B=${B:-build}
CC=${CC:-cc}
NM=${NM:-nm}
root=${ROOT:-.}
bad=0
here=$(dirname "$0")
# shellcheck source=tests/abi/floors.sh
. "$here/floors.sh"
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

wrong() {
	echo "$1"
	bad=$((bad + 1))
}

for source in "$root"/lib/*/*.c; do
	object=$B/lib/${source#"$root"/lib/}
	object=${object%.c}.o
	[ -f "$object" ] || continue # one for another processor
	floor=${source%/*}
	floor=${floor##*/}
	echo "floor $floor $(allowed "$floor")"
	$NM -g "$object" | awk -v floor="$floor" -v file="${source#"$root"/}" '{ print $(NF - 1) == "U" ? "needs" : "gives", $NF, floor, file }'
done >"$out/all"

awk '
	$1 == "floor" { for (i = 3; i <= NF; i++) may[$2, $i] = 1 }
	$1 == "gives" {
		gives++
		home[$2] = $3
		if ($3 == "check" && $2 ~ /^manrs_(rov|aspa)_/)
			home[$2] = "verdicts"
	}
	$1 == "needs" { needs[$0] = 1 }
	END {
		for (n in needs) {
			split(n, f, " ")
			if (!(f[2] in home))
				continue # of another library: symbols_test.sh
			inside++
			if (!((f[3], home[f[2]]) in may))
				print f[4] ": the floor " f[3] " may not know " f[2] " of " home[f[2]]
		}
		if (!gives || !inside)
			print "no symbols at all"
	}
' "$out/all" | sort >"$out/bad"
while read -r line; do wrong "$line"; done <"$out/bad"

# What is given to others is asked for by one of them, or by a test of the inside.
awk '
	$1 == "gives" && $2 !~ /^(manrs_|__)/ { home[$2] = $4 }
	$1 == "needs" { needed[$2] }
	END {
		for (s in home)
			if (!(s in needed))
				print s, home[s]
	}
' "$out/all" | sort >"$out/unasked"
while read -r symbol file; do
	grep -qw -e "$symbol" "$root"/tests/*/*.[ch] 2>/dev/null || wrong "$file: nobody else asks for $symbol"
done <"$out/unasked"

# The check itself: a call upward and an address taken from above must fail, as must what nobody asks for, and calls
# downward pass.
if [ -z "$ROOT" ]; then
	mkdir -p "$out/lib/base" "$out/lib/data" "$out/lib/check" "$out/lib/urpf" "$out/tests/abi"
	echo 'base_it check_it f' >"$out/tests/abi/asked.c"
	plant() { # floor, body of a function there
		echo 'int base_it(void); int base_it(void) { return 0; }' >"$out/lib/base/low.c"
		echo 'int manrs_rov_it(void); int manrs_rov_it(void) { return 0; } int check_it(void); int check_it(void) { return 0; }' \
			>"$out/lib/check/high.c"
		echo "int base_it(void), manrs_rov_it(void), check_it(void); $2" >"$out/lib/$1/mine.c"
		for source in "$out"/lib/*/*.c; do
			$CC -c -o "${source%.c}.o" "$source" || exit 1
		done
		ROOT=$out B=$out sh "$0" >"$out/said"
		said=$?
		rm -f "$out/lib/$1/mine.c"
		return $said
	}
	plant data 'int f(void); int f(void) { return base_it(); }' || wrong "a call downward was refused: $(cat "$out/said")"
	plant urpf 'int f(void); int f(void) { return manrs_rov_it(); }' || wrong "a verdict was refused: $(cat "$out/said")"
	plant data 'int f(void); int f(void) { return manrs_rov_it(); }' && wrong "a call upward was not seen"
	plant data 'int (*f)(void) = check_it;' && wrong "an address from above was not seen"
	plant urpf 'int f(void); int f(void) { return check_it(); }' && wrong "a call into the room of checks was not seen"
	plant data 'int g(void); int g(void) { return base_it(); }' && wrong "what nobody asks for was not seen"
fi
if [ "$bad" = 0 ]; then
	echo "1 passed, 0 failed, 0 skipped"
else
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
