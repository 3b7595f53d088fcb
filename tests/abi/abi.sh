#!/bin/sh
# The ABI of the shared library, by libabigail, and the numbers of its headers (numbers.sh): abi.sh compare (with
# tests/abi/libmanrs.abi and numbers.txt) or abi.sh dump (write them).
# Compare fails on a change that an existing program would notice, unless the SONAME is a new one; additions are shown and
# pass, also a member at the end of a struct that grows. What headers that say PROVISIONAL declared when the dump was written
# (tests/abi/provisional.txt) may change and go: that is shown and passes. SO, DUMP and INCLUDE name others to look at; files
# beside DUMP have its name and more.
B=${B:-build}
so=${SO:-$B/libmanrs.so}
dump=${DUMP:-tests/abi/libmanrs.abi}
include=${INCLUDE:-include/manrs}
loose=${DUMP:+$DUMP.}provisional.txt
[ -n "${DUMP:-}" ] || loose=tests/abi/provisional.txt
if ! command -v abidw >/dev/null 2>&1; then
	echo "abi: abidw and abidiff are missing (Debian: abigail-tools)"
	exit 1
fi
write() { # file: what a program can know of the library; types that no public header defines are opaque
	abidw --headers-dir "$include" --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$1" "$so"
}
if [ "$1" = dump ]; then
	INCLUDE=$include sh tests/abi/provisional.sh >"$loose" && write "$dump" && echo "abi: wrote $dump" && sh tests/abi/numbers.sh dump
	exit
fi
if [ ! -f "$dump" ]; then
	echo "abi: no $dump yet: make abi-dump writes it at a release"
	exit 0
fi
was=$(sed -n "s/.*<abi-corpus .*soname='\([^']*\)'.*/\1/p" "$dump" | head -n 1)
is=$(readelf -d "$so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
if [ "$was" != "$is" ]; then
	echo "abi: $is is a new SONAME after $was: make abi-dump"
	exit 0
fi
PROVISIONAL=$loose sh tests/abi/numbers.sh compare
numbers=$?
[ $numbers -le 1 ] || exit 2
# What is behind a handle is nobody's business. abidw knows a public header by its base name alone, and takes lib/urpf/urpf_state.h
# for one, so the handles and whatever is not ours to name are told to abidiff.
hidden=$(mktemp) || exit 2
printf '[suppress_type]\n  type_kind = struct\n  name_not_regexp = ^manrs_\n' >"$hidden"
sed -n 's/^typedef struct \(manrs_[a-z0-9_]*\) \1;.*/[suppress_type]\n  name = \1/p' "$include"/*.h >>"$hidden"
# Two dumps of one kind are compared: abidiff would take a type without a place for a private one, and pass over it.
now=$(mktemp) || exit 2
trap 'rm -f "$now" "$hidden" "$hidden.all"' EXIT
# A struct that grows: its first member is its size.
awk '/^typedef struct manrs_/ { name = $3; at = NR } NR == at + 1 && /^\tsize_t size;/ {
	print "[suppress_type]\n  type_kind = struct\n  name = " name "\n  has_data_member_inserted_at = end"
}' "$include"/*.h >>"$hidden"
cp "$hidden" "$hidden.all" || exit 2
[ -f "$loose" ] && awk '/^manrs_/ {
	print "[suppress_function]\n  name = " $1 "\n[suppress_function]\n  symbol_name = " $1 "\n[suppress_type]\n  name = " $1
}' "$loose" >>"$hidden.all"
write "$now" || exit 2
abidiff --no-show-locs --suppressions "$hidden" "$dump" "$now"
rc=$?
abidiff --no-show-locs --no-added-syms --suppressions "$hidden.all" "$dump" "$now" >/dev/null
rest=$?
[ -s "$loose" ] && echo "abi: PROVISIONAL, not refused: $(wc -l <"$loose") names of $loose"
# abidiff: 1 and 2 are errors, 4 a change, 8 an incompatible change. All but added functions is incompatible here.
if [ $(((rc | rest) & 3)) != 0 ]; then
	echo "abi: abidiff fails"
	exit 2
fi
if [ $((rest | numbers)) != 0 ]; then
	echo "abi: not compatible with $dump"
	exit 1
fi
echo "abi: compatible with $dump"
