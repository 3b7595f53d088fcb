#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The table of bogons in C is what its text says.
B=${B:-build}
mkdir -p "$B"
if ! command -v python3 >/dev/null; then
	echo "skipped: no python3"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
if python3 lib/check/bogon_table.py lib/check/bogon_table.txt | cmp - lib/check/bogon_table.h; then
	echo "1 passed, 0 failed, 0 skipped"
else
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
