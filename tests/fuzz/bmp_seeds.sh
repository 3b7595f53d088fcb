#!/bin/sh
# Into folder $1: what FRR and GoBGP sent to a station.
for f in "${MANRS_DATA:-../shared/data}"/wire/lab-2026-11/bmp-*.bin; do
	[ ! -f "$f" ] || cat "$f" >"$1/$(basename "$f")"
done
