#!/bin/sh
# The examples print what tests/data/examples/NAME.out says (arguments: NAME.args); the demo answers as each incident's
# facts ask; the C program of the README compiles from the README's own text and prints what the README says.
B=${B:-build}
CC=${CC:-cc}
passed=0 failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

same() { # what, file wanted, file got
	if cmp -s "$2" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1"
		diff "$2" "$3" | head -n 20
	fi
}

# A cache of version 1 on loopback for the RTR client: three records, then a difference. It ends with its one connection.
cat >"$dir/cache.py" <<'END'
import os, socket, struct, sys

def pdu(kind, session, body):
    return struct.pack(">BBHI", 1, kind, session, 8 + len(body)) + body

def vrp(announce, address, length, asn):
    return pdu(4, 0, struct.pack(">BBBB4sI", announce, length, length, 0, socket.inet_aton(address), asn))

def response(serial, *records):
    return pdu(3, 7, b"") + b"".join(records) + pdu(7, 7, struct.pack(">IIII", serial, 3600, 600, 7200))

listening = socket.create_server(("127.0.0.1", 0))
listening.settimeout(20)
with open(sys.argv[1] + ".new", "w") as port:
    port.write("%d" % listening.getsockname()[1])
os.rename(sys.argv[1] + ".new", sys.argv[1])
router = listening.accept()[0]
router.settimeout(20)
assert router.recv(8)[1] == 2
router.sendall(response(1, vrp(1, "192.0.2.0", 24, 64496), vrp(1, "198.51.100.0", 24, 64497), vrp(1, "10.0.0.0", 8, 0)))
router.sendall(pdu(0, 7, struct.pack(">I", 2)))
assert router.recv(12) == pdu(1, 7, struct.pack(">I", 1))
router.sendall(response(2, vrp(0, "192.0.2.0", 24, 64496), vrp(1, "203.0.113.0", 24, 64498)))
router.recv(1)
END
python3 "$dir/cache.py" "$dir/port" &
cache=$!
tries=0
while [ ! -f "$dir/port" ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done

# A router for the BMP station: a session, three routes of which two are refused, the second in two pieces. Ends with the station,
# whose words it prints behind its port.
cat >"$dir/router.py" <<'END'
import ipaddress, socket, struct, subprocess, sys, time

def bmp(kind, body):
    return struct.pack(">BIB", 3, 6 + len(body), kind) + body

def peer():
    return struct.pack(">BBQ12x4sIIII", 0, 0, 0, bytes([193, 0, 22, 1]), 65000002, 1, 0, 0)

def bgp(kind, body):
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body

def opening(asn):
    return bgp(1, struct.pack(">BHHIBBBBBI", 4, 23456, 180, asn, 8, 2, 6, 65, 4, asn))

def route(prefix, *path):
    net = ipaddress.ip_network(prefix)
    attributes = b"\x40\1\1\0" + struct.pack(">BBBBB", 0x40, 2, 2 + 4 * len(path), 2, len(path))
    attributes += b"".join(struct.pack(">I", asn) for asn in path) + b"\x40\3\4" + bytes([193, 0, 22, 1])
    nlri = bytes([net.prefixlen]) + net.network_address.packed[: (net.prefixlen + 7) // 8]
    return bmp(0, peer() + bgp(2, struct.pack(">HH", 0, len(attributes)) + attributes + nlri))

station = subprocess.Popen([sys.argv[1], "0"], stdout=subprocess.PIPE, text=True)
port = int(station.stdout.readline().split()[1])
with socket.create_connection(("127.0.0.1", port), 20) as router:
    router.sendall(bmp(4, struct.pack(">HH", 2, 2) + b"r1"))
    router.sendall(bmp(3, peer() + bytes(20) + opening(65000000) + opening(65000002)))
    router.sendall(route("193.0.0.0/21", 65000002, 65000001))
    torn = route("193.0.0.0/21", 65000002, 65000003)
    router.sendall(torn[:50])
    time.sleep(0.05)
    router.sendall(torn[50:] + route("193.0.4.0/24", 65000002, 65000000, 65000001))
    router.sendall(bmp(2, peer() + b"\4"))
sys.stdout.write(station.communicate(timeout=20)[0])
sys.exit(station.returncode)
END

for source in examples/*.c; do
	name=$(basename "$source" .c)
	want=tests/data/examples/$name.out
	if [ ! -f "$want" ]; then
		echo "failed: $want is missing"
		failed=$((failed + 1))
		continue
	fi
	args=
	[ -f "tests/data/examples/$name.args" ] && args=$(cat "tests/data/examples/$name.args")
	in=/dev/null
	[ -f "tests/data/examples/$name.in" ] && in=tests/data/examples/$name.in
	[ "$name" = rtr_client ] && args="127.0.0.1 $(cat "$dir/port") 2"
	run=
	[ "$name" = bmp_station ] && run="python3 $dir/router.py"
	$run "$B/examples/$name" $args <"$in" >"$dir/out" 2>&1 || echo "exit $?" >>"$dir/out"
	same "examples/$name" "$want" "$dir/out"
done
wait $cache || { echo "failed: the RTR client does not ask as it should"; failed=$((failed + 1)); }

# The demo: a hijack under a VRP is invalid, a leak with the right origin valid, and where nothing is published not-found.
cat >"$dir/want" <<'END'
2008-02-24 not-found
2008-02-24 invalid
2008-02-24 invalid
2014-03-23 invalid
2018-04-24 invalid
2018-11-12 valid
2019-05-08 invalid
2019-06-24 invalid
2019-06-24 invalid
2020-04-01 invalid
2021-04-16 invalid
2022-02-03 invalid
2022-03-28 invalid
2022-08-17 valid
2024-06-27 invalid
2024-06-27 valid
END
B=$B VRPS='' ROUTES='' sh examples/demo.sh >"$dir/demo" 2>&1 || echo "exit $?" >>"$dir/demo"
awk '/^20[0-9][0-9]-/ { for (i = 2; i <= NF; i++) if ($i ~ /^(valid|invalid|not-found)$/) { print $1, $i; break } }' \
	"$dir/demo" >"$dir/got"
same "the demo's answers" "$dir/want" "$dir/got"
: >"$dir/want"
for hop in 'AS15169 does not list AS37282' 'AS14618 does not list AS209243' 'AS13335 does not list AS267613'; do
	echo "    hop     $hop" >>"$dir/want"
done
grep '^    hop' "$dir/demo" >"$dir/got"
same "what ROV calls valid, the path does not" "$dir/want" "$dir/got"
grep -c '    http' "$dir/demo" >"$dir/n"
[ "$(cat "$dir/n")" -ge 16 ] && passed=$((passed + 1)) || { echo "failed: an incident without a source"; failed=$((failed + 1)); }

awk '$1 == "2018-11-12" || $1 == "2022-08-17" { print $1, ($0 ~ / valid +invalid /) }' "$dir/demo" >"$dir/got"
printf '2018-11-12 1\n2022-08-17 1\n' >"$dir/want"
same "the demo's paths" "$dir/want" "$dir/got"

# A whole table of one's own.
printf 'ASN,IP Prefix,Max Length,Trust Anchor\nAS64496,192.0.2.0/24,24,test\n' >"$dir/vrps.csv"
printf '192.0.2.0/24 64496\n192.0.2.0/25 64496\n192.0.2.0/24 64497\n10.0.0.0/8 1\n' >"$dir/routes"
VRPS=$dir/vrps.csv ROUTES=$dir/routes B=$B sh examples/demo.sh >"$dir/demo" 2>&1
grep -E '^[a-z]' "$dir/demo" | grep -v '^each' | awk '{ $1 = $1; print }' >"$dir/got"
printf 'invalid (as) 1 25.0 %%\ninvalid (length) 1 25.0 %%\nnot-found 1 25.0 %%\nroutes 4\nvalid 1 25.0 %%\n' >"$dir/want"
same "the demo on files" "$dir/want" "$dir/got"

# The README's program and what it says below it.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$dir/readme.c"
awk '/^```output$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$dir/want"
if [ -s "$dir/readme.c" ] && $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -o "$dir/readme" "$dir/readme.c" \
	$EXAMPLE_FLAGS "$B/libmanrs.a" -ltommath; then
	"$dir/readme" >"$dir/got" 2>&1
	same "the README's program" "$dir/want" "$dir/got"
else
	echo "failed: the README's program does not compile"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
