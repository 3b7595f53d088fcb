#!/bin/sh
# The floors of the library: an #include in lib/<floor>/ may only name a floor that its own may stand on, and no other
# part of the project. ROOT: another tree to look at.
root=${ROOT:-.}
bad=0 seen=0

# shellcheck source=tests/abi/floors.sh
. "$(dirname "$0")/floors.sh"

# Public headers that belong to a floor: what a floor may not know, it may not reach through them. The rest (records, lines
# of text) are everyone's.
# A snapshot has one door, data/snapshot.h, behind which only lib/data looks; data/cell_any.h is the cell's. How a table's
# words lie is lib/table's own, but for what its doors tell.
floor_of_header() {
	case $1 in
	trie | lpm | bogon) echo table ;;
	rtr | rtr_code | rtr_config | rtr_plan | rtrd | rtrd_status | bgp | bgp_attrs | bmp | mrt | rpsl) echo wire ;;
	db | db_source | db_delta | cell) echo data ;;
	rov | aspa) echo verdicts ;;
	irr | otc | policy | check | explain) echo check ;;
	urpf | packet_explain | rpf_list) echo urpf ;;
	rib) echo rib ;;
	policy_file | audit | incident | space) echo audit ;;
	esac
}

wrong() {
	echo "$1"
	bad=$((bad + 1))
}

includes() { # file: "a/b.h" or <a/b.h>, as written
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p' "$1"
}

look() { # file, floor
	floors=" $(allowed "$2") "
	for header in $(includes "$1"); do
		name=$(echo "$header" | tr -d '"<>')
		case $header in
		\"*/*) other=${name%%/*} ;;
		\"*) other=$2 ;;
		\<manrs/*) other=$(n=${name#manrs/}; floor_of_header "${n%.h}") ;;
		\<stddef.h\> | \<stdint.h\> | \<stdbool.h\> | \<string.h\> | \<stdlib.h\> | \<limits.h\>) other= ;;
		\<assert.h\> | \<stdatomic.h\> | \<stdalign.h\> | \<immintrin.h\>) other= ;;
		\<tommath.h\>) other=audit ;;
		*) other="?" ;;
		esac
		case $2:$name in
		data:* | *:data/snapshot.h | *:data/cell_any.h) ;;
		*:data/*) wrong "$1: $name is of lib/data alone" ;;
		table:* | *:table/lpm_entries.h | *:table/ptrie.h | *:table/cover.h | *:table/asnmap.h) ;;
		*:table/*) wrong "$1: $name is of lib/table alone" ;;
		esac
		[ -z "$other" ] && continue
		case $floors in
		*" $other "*) ;;
		*) wrong "$1: the floor $2 may not include $header" ;;
		esac
	done
}

for file in "$root"/lib/*/*.[ch]; do
	[ -f "$file" ] || continue
	floor=${file%/*}
	floor=${floor##*/}
	[ -n "$(allowed "$floor")" ] || wrong "$file: no such floor"
	look "$file" "$floor"
	[ "$floor" != data ] && grep -n -e 'struct content' -e 'db_view' "$file" && wrong "$file: looks behind the door of a snapshot"
	seen=$((seen + 1))
done
[ "$seen" -gt 0 ] || wrong "no library under $root"

# The check itself: a tree with an upward include and one with a forbidden header must fail.
if [ -z "$ROOT" ]; then
	tree=$(mktemp -d) || exit 1
	mkdir -p "$tree/lib/net"
	for line in '"data/snapshot.h"' '<stdio.h>' '<tommath.h>' '<manrs/trie.h>'; do
		echo "#include $line" >"$tree/lib/net/x.c"
		ROOT=$tree sh "$0" >/dev/null && wrong "an include of $line in lib/net was not seen"
	done
	mkdir -p "$tree/lib/check"
	echo '#include "table/lpm_tables.h"' >"$tree/lib/check/y.c"
	ROOT=$tree sh "$0" >/dev/null && wrong "a look into a table was not seen"
	for line in '#include "data/store.h"' 'uint64_t root = db_view(db)->c.root[0];'; do
		echo "$line" >"$tree/lib/check/y.c"
		ROOT=$tree sh "$0" >/dev/null && wrong "a look behind the door of a snapshot was not seen: $line"
	done
	echo '#include "data/snapshot.h"' >"$tree/lib/check/y.c"
	printf '#include "net/y.h"\n#include "base/mem.h"\n#include <string.h>\n' >"$tree/lib/net/x.c"
	ROOT=$tree sh "$0" >/dev/null || wrong "good includes were refused"
	rm -rf "$tree"
fi
if [ "$bad" = 0 ]; then
	echo "1 passed, 0 failed, 0 skipped"
else
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
