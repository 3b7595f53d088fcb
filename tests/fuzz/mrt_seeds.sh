#!/bin/sh
# Fuzz seeds of MRT from the archives of the shared data, the first 48 KiB of each, into the folder named: mrt_seeds.sh FOLDER.
# Two bytes before them, as tests/fuzz/mrt_fuzz.c wants.
data=${MANRS_DATA:-../shared/data}/mrt
[ -d "$data" ] || exit 0
for f in "$data"/*.mrt "$data"/*.gz "$data"/early/*.gz "$data"/early/*.bz2 "$data"/lab-*/*.mrt; do
	case $f in
	*.gz) open=zcat ;;
	*.bz2) open=bzcat ;;
	*) open=cat ;;
	esac
	{ printf '\200\000'; $open "$f" 2>/dev/null | head -c 49152; } >"$1/$(basename "$f")"
done
