#!/bin/sh
# The libraries that the tests link, for another machine: libraries.sh TARGET CC. They are built, static and position
# independent, from Debian's or Ubuntu's source packages in $B/cross/source (fetched by setup.sh) into $B/cross/TARGET/root.
# Does nothing where they are there already.
set -eu
target=$1 cc=$2
B=${B:-build}
top=$(cd "$B/cross" && pwd)
root=$top/$target/root work=$top/$target/source
[ -f "$root/done" ] && exit 0
rm -rf "$root" "$work" "$top/$target/build"
mkdir -p "$root/include" "$root/lib/pkgconfig" "$work"
flags="-O2 -fPIC -w"
host=$($cc -dumpmachine)
[ "$target" != musl ] || host=${host%-gnu}-musl

unpack() { # package: into $work/package
	for archive in "$top/source/$1"_*.orig.tar.*; do
		case $archive in *.asc) continue ;; esac
		mkdir "$work/$1"
		tar -xf "$archive" -C "$work/$1" --strip-components=1
	done
	cd "$work/$1"
}
archive() { # name, file.c...
	name=$1
	shift
	# shellcheck disable=SC2086
	$cc $flags $DEFINES -c "$@"
	ar rcs "$root/lib/lib$name.a" ./*.o
}

unpack libtommath
DEFINES=-I. archive tommath bn_*.c
cp tommath.h "$root/include"

unpack jansson
: >jansson_private_config.h
DEFINES="-I. -Iandroid -DHAVE_STDINT_H -DHAVE_UNISTD_H -DHAVE_FCNTL_H -DHAVE_SYS_STAT_H -DHAVE_SYS_TYPES_H" archive jansson src/*.c
cp src/jansson.h android/jansson_config.h "$root/include"

unpack bzip2
DEFINES=-D_FILE_OFFSET_BITS=64 archive bz2 blocksort.c huffman.c crctable.c randtable.c compress.c decompress.c bzlib.c
cp bzlib.h "$root/include"

unpack zlib
DEFINES="-DHAVE_UNISTD_H -DHAVE_STDARG_H -D_LARGEFILE64_SOURCE=1" archive z ./*.c
cp zlib.h zconf.h "$root/include"

unpack libzstd
DEFINES="-Ilib -DZSTD_DISABLE_ASM=1 -DZSTD_LEGACY_SUPPORT=0" archive zstd lib/common/*.c lib/compress/*.c lib/decompress/*.c
cp lib/zstd.h lib/zstd_errors.h "$root/include"

unpack xz-utils
./configure -q --host="$host" CC="$cc" CFLAGS="$flags" --prefix="$root" --disable-shared --disable-xz --disable-xzdec --disable-lzmadec \
	--disable-lzmainfo --disable-lzma-links --disable-scripts --disable-doc --disable-nls --disable-symbol-versions
make -s install

unpack check
./configure -q --host="$host" CC="$cc" CFLAGS="$flags" --prefix="$root" --disable-shared --disable-subunit --enable-snprintf=no
make -s -C lib
make -s -C src install
cp check_stdint.h "$root/include"
sed 's/^Libs: .*/& -lm/' check.pc >"$root/lib/pkgconfig/check.pc"

rm -rf "$work"
touch "$root/done"
