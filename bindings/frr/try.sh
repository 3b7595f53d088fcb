#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a fresh Debian to an FRR that drops an ASPA-invalid route; as root: bash bindings/frr/try.sh [stay]
#
#   AS64501, an unmodified bgpd at 10.0.0.2, is our customer and announces two routes of customers of its own:
#     192.0.2.0/24     64501 64502    AS64502 says that AS64501 is its provider: valid
#     203.0.113.0/24   64501 64503    AS64503 says that AS64510 alone is: invalid, though its origin is the right one
#   We, AS64500 at 10.0.0.1, are the bgpd that has the module.
#
# It takes a few minutes, most of them to fetch and configure FRR's source. Both run in a network of their own and end with this
# script; with `stay` you have the terminal of ours first. MODULE=FILE: a module that is built already. It ends well if the one
# route went and the other stayed.
set -euo pipefail
bgpd=/usr/lib/frr/bgpd

if [ -z "${TRY:-}" ]; then
	cd "$(dirname "$0")/../.."
	if [ -z "${MODULE:-}" ]; then
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends frr gcc libc6-dev make pkg-config python3 libtommath-dev >/dev/null
		make -s -j"$(nproc)" frr
		MODULE=$PWD/${B:-build}/frr/bgpd_manrs.so
	fi
	TRY=$(mktemp -d)
	export TRY MODULE
	chmod 755 "$TRY"
	trap 'rm -rf "$TRY"' EXIT
	setpriv --pdeathsig KILL unshare --fork --pid --mount-proc --net --kill-child bash bindings/frr/try.sh "$@"
	exit
fi
trap exit INT TERM
mkdir -p /var/tmp/frr
mount -t tmpfs tmpfs /var/tmp/frr

# ---- what the RPKI says: as rpki-client and Routinator write it; `cache ADDRESS PORT preference 1` in place of `file` for theirs ----
cat >"$TRY/rpki.json" <<-'END'
	{"roas": [{"prefix": "192.0.2.0/24", "maxLength": 24, "asn": 64502},
	          {"prefix": "203.0.113.0/24", "maxLength": 24, "asn": 64503}],
	 "aspas": [{"customer_asid": 64502, "providers": [64501]},
	           {"customer_asid": 64503, "providers": [64510]}]}
END

# ---- the neighbour, and us ----
cat >"$TRY/neighbour.conf" <<-END
	log file $TRY/neighbour.log
	ip prefix-list INVALID permit 203.0.113.0/24
	route-map OUT permit 10
	 match ip address prefix-list INVALID
	 set as-path prepend 64503
	exit
	route-map OUT permit 20
	 set as-path prepend 64502
	exit
	router bgp 64501
	 bgp router-id 10.0.0.2
	 no bgp network import-check
	 neighbor 10.0.0.1 remote-as 64500
	 neighbor 10.0.0.1 update-source 10.0.0.2
	 neighbor 10.0.0.1 disable-connected-check
	 neighbor 10.0.0.1 timers connect 1
	 address-family ipv4 unicast
	  network 192.0.2.0/24
	  network 203.0.113.0/24
	  neighbor 10.0.0.1 route-map OUT out
END
cat >"$TRY/us.conf" <<-END
	log file $TRY/us.log
	manrs
	 file $TRY/rpki.json
	exit
	route-map ALL permit 10
	exit
	route-map CHECKED deny 10
	 match manrs aspa invalid
	exit
	route-map CHECKED permit 20
	exit
	router bgp 64500
	 bgp router-id 10.0.0.1
	 neighbor 10.0.0.2 remote-as 64501
	 neighbor 10.0.0.2 update-source 10.0.0.1
	 neighbor 10.0.0.2 disable-connected-check
	 neighbor 10.0.0.2 passive
	 neighbor 10.0.0.2 manrs role customer
	 address-family ipv4 unicast
	  neighbor 10.0.0.2 soft-reconfiguration inbound
	  neighbor 10.0.0.2 route-map ALL in
	 exit-address-family
	exit
END
ip link set lo up
ip address add 10.0.0.1/32 dev lo
ip address add 10.0.0.2/32 dev lo
start() { # name, address, options...: alone (-Z), without a terminal for telnet (-P 0)
	mkdir "$TRY/$1"
	"$bgpd" -S -Z -P 0 -l "$2" -f "$TRY/$1.conf" -i "$TRY/$1/pid" --vty_socket "$TRY/$1" "${@:3}" &
}
start us 10.0.0.1 -M "$MODULE"
start neighbour 10.0.0.2

# ---- our terminal, as vtysh has it: a command ends with a zero byte, an answer with three and its result ----
ask() {
	python3 -c '
import socket, sys
end = socket.socket(socket.AF_UNIX)
end.connect(sys.argv[1])
for command in sys.argv[2:]:
    end.sendall(command.encode() + b"\0")
    answer = b""
    while answer[-4:-1] != b"\0\0\0":
        answer += end.recv(65536) or sys.exit("bgpd has gone")
sys.stdout.write(answer[:-4].decode())' "$TRY/us/bgpd.vty" enable "$@"
}
taken() { [[ $(ask "show bgp ipv4 unicast $1") == *"Paths: (1 available"* ]]; }
absent() { [[ $(ask "show bgp ipv4 unicast $1") == *"not in table"* ]]; }
both() { taken 192.0.2.0/24 && taken 203.0.113.0/24; }
dropped() { taken 192.0.2.0/24 && absent 203.0.113.0/24; }
judged() { [[ $(ask 'show manrs explain 203.0.113.0/24') =~ aspa\ +invalid ]]; }
wait_for() { # what, for 20 s
	for _ in {1..100}; do
		! "$1" 2>/dev/null || return 0
		sleep 0.2
	done
	echo "not $1 after 20 s:" >&2
	tail -n 5 "$TRY"/*.log >&2
	return 1
}

wait_for both
wait_for judged
echo "== without a check both are taken"
ask 'show bgp ipv4 unicast' | grep /24
echo "== what the module says of the second"
ask 'show manrs explain 203.0.113.0/24' | grep -E '^ *(rov|aspa) '

ask 'configure terminal' 'router bgp 64500' 'address-family ipv4 unicast' 'neighbor 10.0.0.2 route-map CHECKED in' >/dev/null
wait_for dropped
echo "== with \`match manrs aspa invalid\` in a deny entry"
ask 'show bgp ipv4 unicast' | grep /24
echo "== 203.0.113.0/24 is dropped, 192.0.2.0/24 stays"
[ "${1:-}" = stay ] || exit 0
echo "== its terminal; an empty line ends it"
while read -rp "frr# " line && [ -n "$line" ]; do ask "$line" || :; done
