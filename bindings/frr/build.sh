#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Build $B/frr/bgpd_manrs.so for the FRR that is installed. No package has FRR's headers: they are those of the packaged source,
# configured as the packaged bgpd was, and kept in $B/frr.
#
#   FRR_SOURCE=DIR    FRR's source, configured, made ready by configure() below: nothing is fetched
#   FRR_BGPD=FILE     the bgpd to build for, /usr/lib/frr/bgpd
#   build.sh missing  only the packages that are not here to configure it
set -eu
# libyang2-dev is Debian 12's, later ones have libyang-dev.
needs() {
	yang=libyang-dev
	! { apt-cache show libyang2-dev || grep bookworm /etc/os-release; } >/dev/null 2>&1 || yang=libyang2-dev
	echo dpkg-dev autoconf automake libtool bison flex gawk pkg-config libc-ares-dev libcap-dev libelf-dev libjson-c-dev libpam0g-dev \
		libpcre2-dev libreadline-dev $yang python3-dev libsnmp-dev librtr-dev texinfo
}
missing() {
	for package in $(needs); do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || printf ' %s' "$package"
	done
}
[ "${1:-}" != missing ] || { missing; exit 0; }

B=${B:-build}
bgpd=${FRR_BGPD:-/usr/lib/frr/bgpd}
mkdir -p "$B/frr"
out=$(cd "$B/frr" && pwd)
here=$(pwd)

fail() {
	echo "frr: $*" >&2
	exit 1
}
shows() { # the log of what failed
	tail -n 12 "$out/$1.log" >&2
	fail "see $out/$1.log"
}

# Debian's own list of places, but for sources, in a folder of ours: nothing of the system's is changed.
apt_of_our_own() {
	apt=$out/apt
	mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/list"
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$f" ] && sed 's/^deb /deb-src /' "$f" >>"$apt/list"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -f "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" >"$apt/parts/${f##*/}"
	done
	printf '%s "%s";\n' Dir::Etc::sourcelist "$apt/list" Dir::Etc::sourceparts "$apt/parts" Dir::State "$apt" \
		Dir::State::lists "$apt/lists" Dir::State::status /var/lib/dpkg/status Dir::Cache "$apt/cache" APT::Sandbox::User root >"$apt/conf"
	export APT_CONFIG="$apt/conf"
}

fetch() {
	command -v apt-get >/dev/null || fail "no apt-get: give FRR's configured source in FRR_SOURCE"
	packages=$(missing)
	if [ -n "$packages" ]; then
		[ "$(id -u)" = 0 ] || fail "as root, first: apt-get install$packages"
		echo "frr: installing$packages"
		# shellcheck disable=SC2086
		{
			apt-get update -qq &&
				DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
		} >"$out/install.log" 2>&1 || shows install
	fi
	package=$(dpkg-query -W -f='${Version}' frr 2>/dev/null) || fail "the package frr is not installed"
	upstream=${package#*:}
	echo "frr: fetching the source of frr $package"
	(
		apt_of_our_own
		cd "$out"
		apt-get update -qq && apt-get source -qq --download-only "frr=$package" || exit 1
		# Whole, or not there: what was interrupted begins again.
		rm -rf unpacked
		dpkg-source --no-check -x "frr_$upstream.dsc" unpacked && mv unpacked "frr-${upstream%-*}"
	) >"$out/fetch.log" 2>&1 || {
		: >"$out/no-source" # where there is none the lab goes on without the module, and says so
		shows fetch
	}
	rm -f "$out/no-source"
}

# In the words that bgpd itself prints; its documents are not made, and Python is the system's.
configure() {
	echo "frr: configuring $1, once"
	(
		cd "$1"
		PATH=/usr/bin:/bin:/usr/sbin:/sbin
		export PATH
		[ -x configure ] || autoreconf -i
		flags=$("$bgpd" -v | sed '1,/configured with/d' | tr -d '\n' | sed -E "s/'--enable-doc(-html)?'//g; s/'PYTHON=[^']*'//; s/'--enable-scripting'//")
		eval "./configure $flags PYTHON=/usr/bin/python3" || exit 1
		make lib/route_types.h
	) >"$out/configure.log" 2>&1 || shows configure
}

[ -x "$bgpd" ] || [ -n "${FRR_SOURCE:-}" ] || fail "no $bgpd: install the package frr, or give FRR's configured source in FRR_SOURCE"
source=${FRR_SOURCE:-}
if [ -z "$source" ]; then
	version=$("$bgpd" -v | sed -n 's/^bgpd version \([^ ]*\).*/\1/p')
	source=$out/frr-$version
	[ -d "$source" ] || fetch
	[ -d "$source" ] || fail "$bgpd is $version, and the package's source is another"
	[ -f "$source/lib/route_types.h" ] || configure "$source"
fi
[ -f "$source/lib/route_types.h" ] || fail "$source is not configured: ./configure, then make lib/route_types.h"
version=$(sed -n 's/^#define FRR_VERSION *"\([^"]*\)".*/\1/p' "$source/lib/version.h")

cd "$here"
flags=$(pkg-config --cflags libyang json-c | sed 's/-I/-isystem /g')
# libyang 5 has a type no more that FRR's headers name.
# shellcheck disable=SC2086
echo 'LYD_ANYDATA_VALUETYPE x;' | ${CC:-cc} $flags -include libyang/libyang.h -fsyntax-only -xc - 2>"$out/libyang.log" ||
	flags="$flags -DLYD_ANYDATA_VALUETYPE=uint32_t"
# FRR's headers give way to no warning of ours: they are a system's here. They need GNU C.
# shellcheck disable=SC2086
set -- -std=gnu11 -fms-extensions ${CFLAGS:--O2 -g} -Wall -Wextra -Wshadow -Wno-unused-parameter -Wno-missing-field-initializers \
	-fPIC -fvisibility=hidden -shared -Iinclude -DHAVE_CONFIG_H -isystem "$source/lib/assert" -isystem "$source" -isystem "$source/include" \
	-isystem "$source/lib" $flags -Wl,--version-script=bindings/frr/frr.map -Wl,-z,nodelete
command="${CC:-cc} $* ${LDFLAGS:-}"
if [ ! -f "$out/bgpd_manrs.so" ] || [ "$(cat "$out/command" 2>/dev/null)" != "$command" ] ||
	[ -n "$(find bindings/frr include "$B/libmanrs.a" "$source/lib/route_types.h" -newer "$out/bgpd_manrs.so")" ]; then
	rm -f "$out/command"
	# shellcheck disable=SC2086
	${CC:-cc} "$@" ${LDFLAGS:-} -o "$out/bgpd_manrs.so" bindings/frr/*.c "$B/libmanrs.a" -ltommath
	echo "$command" >"$out/command"
fi
echo "frr: $B/frr/bgpd_manrs.so for FRR $version"
