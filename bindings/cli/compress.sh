#!/bin/sh
# Which compression libraries the command can use: compress.sh libs|cflags [CC] [PKG_CONFIG].
# Each is optional. pkg-config is asked first; where it does not know one (Debian has no bzip2.pc), a test compile decides.
what=$1 cc=${2:-cc} pc=${3:-pkg-config}

compiles() {
	printf '#include <stdio.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" |
		$cc -x c -o /dev/null - "$2" 2>/dev/null
}

out=
add() { # macro, pkg-config name, header, library
	if libs=$($pc --libs "$2" 2>/dev/null); then
		cflags=$($pc --cflags "$2" 2>/dev/null)
	elif compiles "$3" "-l$4"; then
		libs=-l$4 cflags=
	else
		return
	fi
	if [ "$what" = libs ]; then out="$out $libs"; else out="$out -D$1 $cflags"; fi
}
add HAVE_ZLIB zlib zlib.h z
add HAVE_BZIP2 bzip2 bzlib.h bz2
add HAVE_LZMA liblzma lzma.h lzma
add HAVE_ZSTD libzstd zstd.h zstd
echo $out
