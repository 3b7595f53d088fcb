#!/bin/sh
# Make sure of what `make check`, `make demo`, `make cross` or `make lab` needs: setup.sh check|demo|cross|lab.
# Looks with pkg-config and test compiles. What is missing is installed with the system's package manager when that is
# possible (root, or sudo without a password), else the exact command is printed and this fails. Does nothing when all is there.
set -u
what=${1:-check}
B=${B:-build}
CC=${CC:-cc} PKG_CONFIG=${PKG_CONFIG:-pkg-config}
missing=

need() { missing="$missing $1"; }
has() { command -v "$1" >/dev/null 2>&1; }
compiles() { # header, library
	printf '#include <stdio.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" |
		$CC -x c -o /dev/null - "-l$2" 2>/dev/null
}
# The compilers of tests/cross, and the sources of the libraries that they build. gcc-multilib would put them out.
cross() {
	has i686-linux-gnu-gcc || need gcc-i686-linux-gnu
	has musl-gcc || need musl-tools
	has aarch64-linux-gnu-gcc || need gcc-aarch64-linux-gnu
	has s390x-linux-gnu-gcc || need gcc-s390x-linux-gnu
	for machine in i686 aarch64 s390x; do
		[ -f /usr/$machine-linux-gnu/lib/libc.a ] || need libc6-dev-$(echo $machine | sed 's/i686/i386/; s/aarch64/arm64/')-cross
	done
	has qemu-s390x && has qemu-aarch64 || need qemu-user
	has python3 || need python3
	has bzip2 || need bzip2
	has xz || need xz-utils
}
# The daemons of tests/lab, those that this release has, without one its tests are skipped; and what bindings/frr is built with.
# Without namespaces all of them skip, and need none.
lab() {
	unshare --fork --pid --mount --net true 2>/dev/null || return
	[ -x /usr/lib/frr/bgpd ] || daemons="$daemons frr"
	[ -n "$(find /usr/lib -name bgpd_rpki.so 2>/dev/null)" ] || daemons="$daemons frr-rpki-rtrlib"
	for pair in bird:bird2 bgpctl:openbgpd gobgpd:gobgpd exabgp:exabgp stayrtr:stayrtr rtrclient:rtr-tools; do
		has "${pair%:*}" || daemons="$daemons ${pair#*:}"
	done
	for pair in ip:iproute2 nft:nftables sysctl:procps; do
		has "${pair%:*}" || PATH=$PATH:/usr/sbin:/sbin has "${pair%:*}" || need "${pair#*:}"
	done
	! has dpkg-query || missing="$missing$(sh bindings/frr/build.sh missing)"
}
# No daemon is started by its package: the tests do that, in namespaces of their own.
daemons_in() {
	known=
	for package in $daemons; do
		apt-cache show "$package" >/dev/null 2>&1 && known="$known $package"
	done
	policy=/usr/sbin/policy-rc.d
	[ -z "$run" ] && [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || policy=
	# shellcheck disable=SC2086
	[ -z "$known" ] || DEBIAN_FRONTEND=noninteractive $run apt-get install -y --no-install-recommends $known
	code=$?
	[ -z "$policy" ] || rm -f "$policy"
	return $code
}
sources='libtommath jansson bzip2 zlib xz-utils libzstd check'
has_sources() {
	for package in $sources; do
		ls "$B/cross/source/$package"_*.orig.tar.* >/dev/null 2>&1 || return 1
	done
}
# With lists of its own: the machine's stay as they are, and need not name the sources.
fetch_sources() {
	mkdir -p "$B/cross/source" "$B/cross/apt/parts" "$B/cross/apt/lists/partial" && here=$(cd "$B/cross" && pwd) || return 1
	[ "$(id -u)" != 0 ] || chmod 777 "$here/source" "$here/apt/lists" "$here/apt/lists/partial"
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >"$here/apt/parts/$(basename "$list" .list).list"
	done
	for list in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"$here/apt/parts/$(basename "$list")"
	done
	set -- -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$here/apt/parts" -o Dir::State::lists="$here/apt/lists" \
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
	# A list without sources is somebody else's; what counts is that these come.
	apt-get "$@" update -qq
	# shellcheck disable=SC2086
	(cd "$here/source" && apt-get "$@" source -qq --download-only $sources)
	rm -rf "$here/apt"
	has_sources
}
look() {
	missing= daemons=
	has ${CC%% *} || need gcc
	printf '#include <stdio.h>\nint main(void) { return 0; }\n' | $CC -x c -o /dev/null - 2>/dev/null || need libc6-dev
	has $PKG_CONFIG || need pkg-config
	compiles tommath.h tommath || need libtommath-dev
	[ "$what" = demo ] && return
	[ "$what" = cross ] && { cross; return; }
	has python3 || need python3
	compiles zlib.h z || need zlib1g-dev
	compiles bzlib.h bz2 || need libbz2-dev
	compiles lzma.h lzma || need liblzma-dev
	compiles zstd.h zstd || need libzstd-dev
	compiles openssl/ssl.h ssl || need libssl-dev
	compiles microhttpd.h microhttpd || need libmicrohttpd-dev
	[ "$what" = lab ] && { lab; return; }
	$PKG_CONFIG --exists check 2>/dev/null || need check
	compiles jansson.h jansson || need libjansson-dev
	has openssl || need openssl
	has bzip2 || need bzip2
	has xz || need xz-utils
	has zstd || need zstd
	has mandoc || has man || need mandoc
}

end() {
	[ "$what" != cross ] || has_sources && exit 0
	echo "setup: sources: $sources"
	log=$(mktemp)
	fetch_sources >"$log" 2>&1 && rm -f "$log" && exit 0
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "setup: the sources of these packages cannot be fetched with apt-get: $sources" >&2
	exit 1
}

look
[ -z "$missing$daemons" ] && end
install="apt-get install -y --no-install-recommends$missing"
if ! has apt-get; then
	echo "setup: missing (Debian's names):$missing$daemons" >&2
	exit 1
fi
if [ "$(id -u)" = 0 ]; then
	run=
elif has sudo && sudo -n true 2>/dev/null; then
	run=sudo
else
	echo "setup: missing:$missing$daemons" >&2
	echo "setup: run: sudo $install$daemons" >&2
	exit 1
fi
echo "setup: $install$daemons"
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
log=$(mktemp)
if ! { $run apt-get update -qq && $run $install && { [ -z "$daemons" ] || daemons_in; }; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	echo "setup: failed: $install" >&2
	exit 1
fi
rm -f "$log"
look
if [ -n "$missing" ]; then
	echo "setup: still missing:$missing" >&2
	exit 1
fi
[ -z "$daemons" ] || echo "setup: not in this release:$daemons"
end
