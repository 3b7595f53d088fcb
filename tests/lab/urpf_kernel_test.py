#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""manrs urpf beside the kernel: rp_filter strict and loose by `ip -batch route get`, nftables' fib expressions for IPv6
with real packets, and the nft export loaded into a real nftables. Needs root and network namespaces, else it skips."""

import ipaddress
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

B = os.environ.get("B", "build")
MANRS = os.path.abspath(os.path.join(B, "manrs"))
PORTS = 6
A, Z = "urpf-a-%d" % os.getpid(), "urpf-z-%d" % os.getpid()
counts = {"passed": 0, "failed": 0, "skipped": 0}


def sh(*args, text=None, ok=True):
    done = subprocess.run(args, input=text, capture_output=True, text=True)
    if ok and done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(args), done.stderr[:2000]))
    return done


def verdict(name, good, note=""):
    counts["passed" if good else "failed"] += 1
    print("%s %s%s" % ("ok  " if good else "FAIL", name, " (%s)" % note if note else ""))


def finish():
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    sys.exit(1 if counts["failed"] else 0)


# ---- packets, sent from the other end of the cables ----

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(mac, source, target):
    udp = struct.pack("!HHHH", 9, 9, 8, 0)
    ethernet = bytes.fromhex(mac.replace(":", "")) + b"\x02\0\0\0\0\1"
    if source.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, source.packed, target.packed)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return ethernet + b"\x08\0" + head + udp
    return ethernet + b"\x86\xdd" + struct.pack("!IHBB16s16s", 6 << 28, 8, 17, 64, source.packed, target.packed) + udp


def send(port, mac, target4, target6):
    """Runs inside the namespace: a frame for every address on standard input."""
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((port, 0))
    for line in sys.stdin:
        source = ipaddress.ip_address(line.strip())
        target = ipaddress.ip_address(target4 if source.version == 4 else target6)
        for _ in range(1000):
            try:
                out.send(frame(mac, source, target))
                break
            except OSError:
                pass


def send_from(port, sources):
    mac = sh("ip", "-n", A, "-o", "link", "show", port).stdout.split("link/ether ")[1].split()[0]
    sh("ip", "netns", "exec", Z, sys.executable, __file__, "--send", port, mac, "10.200.0.1", "2a0f:200::1",
       text="".join("%s\n" % s for s in sources))


# ---- the lab ----

def lab_up():
    for name in (A, Z):
        sh("ip", "netns", "add", name)
        sh("ip", "-n", name, "link", "set", "lo", "up")
    sh("ip", "-n", A, "address", "add", "10.200.0.1/32", "dev", "lo")
    sh("ip", "-n", A, "address", "add", "2a0f:200::1/128", "dev", "lo")
    for i in range(1, PORTS + 1):
        sh("ip", "-n", A, "link", "add", "v%d" % i, "type", "veth", "peer", "name", "v%d" % i, "netns", Z)
        sh("ip", "-n", A, "address", "add", "10.201.%d.1/24" % i, "dev", "v%d" % i)
        sh("ip", "-n", A, "address", "add", "2a0f:201:%d::1/64" % i, "dev", "v%d" % i, "nodad")
        for name in (A, Z):
            sh("ip", "-n", name, "link", "set", "v%d" % i, "up")
    knobs = ["net.ipv4.conf.all.rp_filter=0"] + ["net.ipv4.conf.v%d.rp_filter=0" % i for i in range(1, PORTS + 1)]
    sh("ip", "netns", "exec", A, "sysctl", "-q", "-w", *knobs)


def lab_down():
    for name in (A, Z):
        sh("ip", "netns", "del", name, ok=False)


def rp_filter(value):
    sh("ip", "netns", "exec", A, "sysctl", "-q", "-w",
       *["net.ipv4.conf.v%d.rp_filter=%d" % (i, value) for i in range(1, PORTS + 1)])


def some_routes(rng, version, n):
    """prefix -> set of ports; the empty set is a blackhole."""
    routes = {}
    base = int(ipaddress.ip_address("11.0.0.0" if version == 4 else "2a10::"))
    bits, spread = (32, 24) if version == 4 else (128, 112)
    lengths = [9, 12, 14, 16, 18, 20, 22, 23, 24, 24, 24, 25, 28, 30, 32] if version == 4 else [20, 29, 32, 32, 36, 40, 44, 48, 48, 56, 64, 96, 127, 128]
    for _ in range(n):
        length = rng.choice(lengths)
        # few values in every field, so that prefixes lie in one another
        address = base | (rng.getrandbits(spread) & rng.getrandbits(spread) & rng.getrandbits(spread))
        prefix = ipaddress.ip_network((address >> (bits - length) << (bits - length), length))
        # IPv6 without ECMP: the fib expression looks at one of the next hops alone
        ports = set(rng.sample(range(1, PORTS + 1), rng.choice([1, 1, 1, 1, 2, 3]) if version == 4 else 1))
        routes[prefix] = set() if rng.random() < 0.03 else ports
    return routes


def install(routes):
    lines = []
    for prefix, ports in routes.items():
        if not ports:
            lines.append("route add blackhole %s" % prefix)
            continue
        hops = ["via %s dev v%d" % ("10.201.%d.2" % p if prefix.version == 4 else "2a0f:201:%d::2" % p, p)
                for p in sorted(ports)]
        lines.append("route add %s %s" % (prefix, hops[0] if len(hops) == 1 else
                                          " ".join("nexthop %s weight 1" % h for h in hops)))
    for version in (4, 6):
        mine = [x for x, p in zip(lines, routes) if p.version == version]
        sh("ip", "-n", A, "-%d" % version, "-batch", "-", text="\n".join(mine) + "\n")


def rib_file(folder, routes, role):
    name = os.path.join(folder, "rib-%s.tsv" % role)
    with open(name, "w") as out:
        for i in range(1, PORTS + 1):
            out.write("v%d\t%s\n" % (i, role))
            out.write("v%d\t%s\t10.201.%d.0/24\t\tbest\n" % (i, role, i))
            out.write("v%d\t%s\t2a0f:201:%d::/64\t\tbest\n" % (i, role, i))
        out.write("discard\tnone\n")
        for prefix, ports in routes.items():
            for p in sorted(ports):
                out.write("v%d\t%s\t%s\t\tbest\n" % (p, role, prefix))
            if not ports:
                out.write("discard\tnone\t%s\t\tbest,discard\n" % prefix)
    return name


def sources_near(rng, routes, n):
    bits = max(p.max_prefixlen for p in routes)
    out = []
    prefixes = list(routes)
    while len(out) < n:
        p = rng.choice(prefixes)
        size = p.num_addresses
        first = int(p.network_address)
        at = rng.choice([first, first + size - 1, first + size, first - 1, first + rng.randrange(size)])
        address = ipaddress.IPv4Address(at) if bits == 32 else ipaddress.IPv6Address(at)
        out.append(address)
    return out


def ours(rib, mode, questions, *options):
    text = "".join("%s %s\n" % q for q in questions)
    lines = sh(MANRS, "urpf", "--rib", rib, "--mode", mode, *options, "check", text=text).stdout.splitlines()
    return [line.split() for line in lines]


# ---- 1: rp_filter ----

def kernel_answers(questions):
    """True where the kernel takes the packet for one to a local address."""
    text = "".join("route get 10.200.0.1 from %s iif %s\n" % (s, port) for port, s in questions)
    done = sh("ip", "-n", A, "-force", "-batch", "-", text=text, ok=False)
    answers = [True] * len(questions)
    for line in done.stderr.splitlines():
        if line.startswith("Command failed -:"):
            answers[int(line.rsplit(":", 1)[1]) - 1] = False
    return answers


def test_rp_filter(rng, folder, routes, rib, value, mode, defaults):
    rp_filter(value)
    four = {p: v for p, v in routes.items() if p.version == 4}
    questions = [("v%d" % rng.randint(1, PORTS), s) for s in sources_near(rng, four, 20000)]
    kernel = kernel_answers(questions)
    mine = [a[2] == "allow" for a in ours(rib, mode, questions, *(["--allow-default"] if defaults else []))]
    wrong = [(q, k, m) for q, k, m in zip(questions, kernel, mine) if k != m]
    for q, k, m in wrong[:5]:
        print("  %s %s: kernel %s, ours %s" % (q[0], q[1], k, m))
    both = 0 < sum(kernel) < len(kernel) or defaults
    verdict("rp_filter %d%s equals %s" % (value, " with a default route" if defaults else "", mode),
            not wrong and len(mine) == len(kernel) and both,
            "%d answers, %d pass, %d differ" % (len(kernel), sum(kernel), len(wrong)))


def test_martians(rib):
    """The kernel lets some of them pass with a default route; we never do."""
    martians = ["127.0.0.1", "192.0.0.1", "192.0.0.170", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
                "240.0.0.1", "255.255.255.255"]
    questions = [("v1", m) for m in martians]
    kernel = kernel_answers(questions)
    answers = ours(rib, "loose", questions, "--allow-default")
    denied = [a[1] for a in answers if a[2] == "deny" and a[4] == "martian"]
    verdict("martian sources are denied", set(denied) == set(martians) - {"192.0.0.1"},
            "the kernel lets %s pass" % " ".join(m for m, k in zip(martians, kernel) if k))


# ---- 2: nftables' fib for IPv6, with packets ----

def nft(text):
    sh("ip", "netns", "exec", A, "nft", "-f", "-", text=text)


def seen(name, table="see"):
    text = sh("ip", "netns", "exec", A, "nft", "-n", "list", "set", "inet", table, name).stdout
    if "elements = {" not in text:
        return set()
    body = text.split("elements = {", 1)[1].rsplit("}", 2)[0].split("}")[0]
    return {tuple(str(ipaddress.ip_address(x)) if ":" in x or x[0].isdigit() else x.strip('"')
                  for x in item.strip().split(" . ")) for item in body.split(",") if item.strip()}


def test_fib6(rng, routes, rib, mode, expression):
    """Strict is asked interface by interface: with `fib saddr . iif` the kernel goes back to a shorter prefix when the
    longest match leaves elsewhere."""
    six = {p: v for p, v in routes.items() if p.version == 6}
    sources = {"v%d" % i: sources_near(rng, six, 300) for i in range(1, PORTS + 1)}
    nft("""table inet see
delete table inet see
table inet see {
	set pass { type ipv6_addr . ifname; flags dynamic; size 65535; }
	chain c {
		type filter hook prerouting priority raw; policy accept;
%s
	}
}
""" % "\n".join("\t\tip6 daddr 2a0f:200::1 iifname v%d %s add @pass { ip6 saddr . iifname }" %
                (i, expression.replace("PORT", "v%d" % i)) for i in range(1, PORTS + 1)))
    for port in sources:
        send_from(port, sources[port])
    got = {(s, port) for s, port in seen("pass")}
    questions = [(port, s) for port in sources for s in sources[port]]
    want = {(a[1], a[0]) for a in ours(rib, mode, questions) if a[2] == "allow"}
    verdict("nftables %s equals %s for IPv6" % (expression, mode), got == want and 0 < len(got) < len(questions),
            "%d packets, %d pass, %d differ" % (len(questions), len(got), len(got ^ want)))
    nft("delete table inet see\n")


# ---- 3: our export in nftables ----

def test_export(rng, routes, rib, mode):
    port = "v2"
    ruleset = sh(MANRS, "urpf", "--rib", rib, "--mode", mode, "export", "--format", "nft", port).stdout
    nft(ruleset)
    nft(ruleset)  # again: it replaces itself
    nft("""table inet see {
	set pass4 { type ipv4_addr; flags dynamic; size 65535; }
	set pass6 { type ipv6_addr; flags dynamic; size 65535; }
	chain c {
		type filter hook prerouting priority mangle; policy accept;
		ip daddr 10.200.0.1 add @pass4 { ip saddr }
		ip6 daddr 2a0f:200::1 add @pass6 { ip6 saddr }
	}
}
""")
    sources = []
    for version in (4, 6):
        sources += sources_near(rng, {p: v for p, v in routes.items() if p.version == version}, 1500)
    sources += [ipaddress.ip_address(x) for x in ("192.0.2.1", "198.51.100.9", "2001:db8::1", "3fff::1", "8.8.8.8")]
    send_from(port, sources)
    got = {x[0] for x in seen("pass4") | seen("pass6")}
    want = {a[1] for a in ours(rib, mode, [(port, s) for s in sources]) if a[2] == "allow"}
    verdict("the nft export of a %s interface drops what check denies" % mode, got == want and len(got) > 10,
            "%d packets, %d pass, %d differ" % (len(sources), len(got), len(got ^ want)))
    nft("delete table inet see\ndelete table inet manrs_urpf_%s\n" % port)


# ---- 4: a link whose filter is loaded still works ----

def listen():
    """Runs inside A: whoever reaches port 179 is connected."""
    server = socket.create_server(("::", 179), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
    print("listening", flush=True)
    while True:
        server.accept()[0].close()


def connect(target, source):
    """Runs inside Z: a BGP session's first step."""
    with socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_STREAM) as peer:
        peer.settimeout(1.5)
        if source:
            peer.bind((source, 0))
        peer.connect(socket.getaddrinfo(target, 179, type=socket.SOCK_STREAM)[0][4])


def arrives(target, source=""):
    return sh("ip", "netns", "exec", Z, sys.executable, __file__, "--connect", target, source, ok=False).returncode == 0


def neighbours_anew(port):
    """Both ends forget each other: what follows begins with ARP and neighbour discovery."""
    for name in (A, Z):
        sh("ip", "-n", name, "neigh", "flush", "dev", port, ok=False)


def links_filtered(rib, reached):
    got, linked = {}, ["--link", "v1=10.201.1.0/24", "--link", "v1=2a0f:201:1::/64"]
    for name, options in (("linked", linked), ("bare", []), ("off", linked + ["--no-link-local"])):
        nft(sh(MANRS, "urpf", "--rib", rib, "--mode", "strict", *options, "export", "--format", "nft", "v1").stdout)
        got[name] = reached()
    nft("delete table inet manrs_urpf_v1\n")
    return got


def test_link(folder):
    """The other end of v1 is the BGP neighbour; its route is elsewhere. RFC 4861, RFC 4862 5.4, RFC 8704 3.7."""
    rib = os.path.join(folder, "link.tsv")
    with open(rib, "w") as out:
        out.write("v1\tcustomer\t11.0.0.0/8\t65001\tbest\n")
    sh("ip", "-n", Z, "address", "add", "10.201.1.2/24", "dev", "v1")
    sh("ip", "-n", Z, "address", "add", "2a0f:201:1::2/64", "dev", "v1", "nodad")
    local = [x.split()[3].split("/")[0] for x in
             sh("ip", "-n", A, "-o", "-6", "address", "show", "dev", "v1", "scope", "link").stdout.splitlines()][0]
    sh("ip", "-n", Z, "address", "add", "12.0.0.1/32", "dev", "lo")

    def reached():
        neighbours_anew("v1")
        return (arrives("10.201.1.1"), arrives("2a0f:201:1::1"), arrives(local + "%v1"), arrives("10.201.1.1", "12.0.0.1"))

    sh("ip", "-n", A, "route", "add", "12.0.0.1/32", "via", "10.201.1.2", ok=False)
    server = subprocess.Popen(["ip", "netns", "exec", A, sys.executable, __file__, "--listen"], stdout=subprocess.PIPE)
    try:
        server.stdout.readline()
        before = reached()
        got = links_filtered(rib, reached)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    verdict("all of the neighbour's sources arrive without a filter", before == (True, True, True, True), str(before))
    verdict("a filter with the link's prefixes: IPv4, IPv6 and link-local arrive, a spoofed source does not",
            got["linked"] == (True, True, True, False), str(got["linked"]))
    verdict("without them link-local alone", got["bare"] == (False, False, True, False), str(got["bare"]))
    verdict("--no-link-local denies it", got["off"][2] is False, str(got["off"]))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the namespaces go too
    rng = random.Random(8704)
    folder = tempfile.mkdtemp()
    try:
        lab_up()
        routes = some_routes(rng, 4, 3000)
        routes.update(some_routes(rng, 6, 1500))
        install(routes)
        rib = rib_file(folder, routes, "customer")
        test_rp_filter(rng, folder, routes, rib, 1, "strict", False)
        test_rp_filter(rng, folder, routes, rib, 2, "loose", False)
        test_fib6(rng, routes, rib, "strict", "fib saddr oif PORT")
        test_fib6(rng, routes, rib, "loose", "fib saddr oif exists")
        rp_filter(0)
        test_export(rng, routes, rib, "strict")
        test_export(rng, routes, rib, "efp-b")
        more = dict(routes)
        more[ipaddress.ip_network("0.0.0.0/0")] = {3}
        install({ipaddress.ip_network("0.0.0.0/0"): {3}})
        rib = rib_file(folder, more, "customer")
        test_rp_filter(rng, folder, routes, rib, 1, "strict", True)
        test_rp_filter(rng, folder, routes, rib, 2, "loose", True)
        test_martians(rib)
        rp_filter(0)
        test_link(folder)
    finally:
        lab_down()
        shutil.rmtree(folder)
    finish()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--send"]:
        send(*sys.argv[2:])
        sys.exit(0)
    if sys.argv[1:2] == ["--listen"]:
        listen()
    if sys.argv[1:2] == ["--connect"]:
        connect(*sys.argv[2:])
        sys.exit(0)
    if os.geteuid() or not shutil.which("ip") or not shutil.which("nft") or not shutil.which("sysctl") or \
            subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode:
        counts["skipped"] += 1
        print("skipped: no root, network namespaces, ip or nft")
        finish()
    main()
