#!/bin/sh
# Which optional libraries the command can use: libraries.sh libs|cflags [CC] [PKG_CONFIG].
# pkg-config is asked first; where it does not know one (Debian has no bzip2.pc), a test compile decides.
what=$1 cc=${2:-cc} pc=${3:-pkg-config}

compiles() {
	printf '#include <stdio.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" |
		$cc -x c -o /dev/null - $2 2>/dev/null
}

out=
add() { # macro, pkg-config name, header, libraries
	if libs=$($pc --libs "$2" 2>/dev/null); then
		cflags=$($pc --cflags "$2" 2>/dev/null)
	elif compiles "$3" "$4"; then
		libs=$4 cflags=
	else
		return
	fi
	if [ "$what" = libs ]; then out="$out $libs"; else out="$out -D$1 $cflags"; fi
}
add HAVE_ZLIB zlib zlib.h -lz
add HAVE_BZIP2 bzip2 bzlib.h -lbz2
add HAVE_LZMA liblzma lzma.h -llzma
add HAVE_ZSTD libzstd zstd.h -lzstd
add HAVE_SSL 'openssl >= 1.1.1' openssl/ssl.h '-lssl -lcrypto'
add HAVE_MICROHTTPD 'libmicrohttpd >= 0.9.71' microhttpd.h -lmicrohttpd
echo $out
