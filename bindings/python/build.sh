#!/bin/sh
# Build $B/python/_manrs.abi3.so: one file for every Python from 3.9 on. Without Python.h the package works by ctypes alone.
B=${B:-build}
for python in "${PYTHON:-python3}" python3 /usr/bin/python3; do
	include=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])' 2>/dev/null) || continue
	[ -f "$include/Python.h" ] && break
	include=
done
if [ -z "$include" ]; then
	echo "python: no Python.h (Debian: libpython3-dev); the package works without its extension"
	exit 0
fi
mkdir -p "$B/python"
# -Wno-pedantic: the slots of a Python type hold functions as void *
# shellcheck disable=SC2086
${CC:-cc} -std=c11 ${CFLAGS:--O2} -Wno-pedantic -fPIC -fvisibility=hidden -shared -Iinclude -isystem "$include" \
	$LDFLAGS -o "$B/python/_manrs.abi3.so" bindings/python/_manrs.c bindings/python/_manrs_trie.c && echo "python: $B/python/_manrs.abi3.so"
