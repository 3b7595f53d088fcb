#!/bin/sh
# Into folder $1: sessions of the lab and messages that crashed GoBGP, each with 4-octet ASes and extended messages as its session.
for f in "${MANRS_DATA:-../shared/data}"/wire/gobgp-bad-len/*.bin "${MANRS_DATA:-../shared/data}"/wire/lab-2026-11/bgp-*.bin; do
	[ ! -f "$f" ] || { cat "$f" && printf '\021\002'; } >"$1/$(basename "$f")"
done
