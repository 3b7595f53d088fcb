#!/bin/sh
# make demo: examples/incidents judged one by one with the manrs command, as a table.
# VRPS=FILE ROUTES=FILE: a whole table of yours instead, with a count of each answer.
B=${B:-build}
manrs=$B/manrs
set -f # a "*" in a path is no file name
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

if [ -n "$VRPS$ROUTES" ]; then
	if [ -z "$VRPS" ] || [ -z "$ROUTES" ]; then
		echo "demo: VRPS=FILE and ROUTES=FILE go together" >&2
		exit 2
	fi
	"$manrs" rov --vrps "$VRPS" --format csv -i "$ROUTES" -o "$dir/rows"
	rc=$?
	[ -s "$dir/rows" ] || exit $rc
	awk -F, 'NR > 1 { n[$3 ($4 == "" ? "" : " (" $4 ")")]++; all++ }
		END { for (state in n) printf "%-18s %9d  %5.1f %%\n", state, n[state], 100 * n[state] / all
		      printf "%-18s %9d\n", "routes", all }' "$dir/rows" | sort
	echo
	echo "each route: $manrs rov --vrps $VRPS --format csv -i $ROUTES"
	exit $rc
fi

bold= red= green= yellow= plain=
if [ -t 1 ] && [ -z "$NO_COLOR" ]; then
	bold=$(printf '\033[1m') red=$(printf '\033[31m') green=$(printf '\033[32m')
	yellow=$(printf '\033[33m') plain=$(printf '\033[0m')
fi
has_aspa=
"$manrs" aspa --help >/dev/null 2>&1 && has_aspa=1

start() {
	title=$* route= path= why= role= spoke= note= sources=
	printf 'ASN,IP Prefix,Max Length,Trust Anchor\n' >"$dir/vrps"
	: >"$dir/aspas"
	n_vrps=0
}

# The state of the path, and in path_why the hop that makes it invalid.
path_judge() {
	path_state=- path_why=
	case $path in *'*'*) return ;; esac
	if [ -z "$has_aspa" ] || [ ! -s "$dir/aspas" ]; then
		return
	fi
	said=$("$manrs" aspa --aspas "$dir/aspas" --role "$role" --format plain "$path" 2>"$dir/err")
	said=${said#"$path: "}
	path_state=${said%%:*}
	[ "$path_state" = invalid ] && path_why="    hop     ${said#*: }
"
}

show() {
	[ -n "$route" ] || return
	[ "$n_vrps" = 0 ] && echo '{"roas": []}' >"$dir/vrps"
	row=$("$manrs" rov --vrps "$dir/vrps" --format csv $route 2>"$dir/err" | tail -n 1)
	row=${row#*,*,}
	state=${row%%,*} reason=${row#*,}
	case $reason in
	as) why="no VRP has this origin" ;;
	length) why="longer than maxLength" ;;
	*) case $state in valid) why="a VRP has this origin" ;; not-found) why="no VRP covers it" ;; *) why="?" ;; esac ;;
	esac
	case $state in
	invalid) color=$red ;;
	valid) color=$green ;;
	*) color=$yellow ;;
	esac
	path_judge
	[ "$state $path_state" = "valid invalid" ] && why="a right origin at the end of a wrong path"
	set -- $route
	printf '%s%-45s%s %-18s %-8s %s%-9s%s %-8s %s\n' "$bold" "$title" "$plain" "$1" "AS$2" "$color" "$state" "$plain" \
		"$path_state" "$why"
	printf '%s' "$spoke$path_line$path_why$note$sources"
	answers="$answers$state
"
}

answers=
printf '%-45s %-18s %-8s %-9s %-8s %s\n' INCIDENT ANNOUNCED ORIGIN ROV PATH WHY
while read -r key rest; do
	case $key in
	incident)
		show
		start "$rest"
		;;
	announce)
		set -- $rest
		route="$1 $2"
		shift 2
		path=$*
		path_line=
		[ -n "$path" ] && path_line="    path    $path
"
		;;
	vrp)
		set -- $rest
		printf 'AS%s,%s,%s,%s\n' "$4" "$2" "$3" "$1" >>"$dir/vrps"
		n_vrps=$((n_vrps + 1))
		case $1 in
		then) when="published then" ;;
		later) when="published later" ;;
		*) when="would have spoken" ;;
		esac
		spoke="$spoke    VRP     $2 maxLength $3 AS$4 ($when)
"
		;;
	aspa)
		set -- $rest
		customer=$2
		shift 2
		printf '%s\t%s\n' "$customer" "$*" >>"$dir/aspas"
		spoke="$spoke    ASPA    AS$customer: providers $* (would have spoken)
"
		;;
	role) role=$rest ;;
	note) note="    $rest
" ;;
	source) sources="$sources    $rest
" ;;
	esac
done <examples/incidents
show
echo
echo "$(printf '%s' "$answers" | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 } END { print "" }')." \
	"A leak or a forged origin looks right to ROV: only the path tells."
