# SPDX-License-Identifier: BSD-2-Clause
"""manrs urpf: lists, checks, explanations, exports, what is refused. Expected: another implementation's lists, the
worked example of draft-ietf-sidrops-bar-sav, RFC 3704, and address arithmetic of Python's own."""

import ipaddress

from command import check, close, manrs, shared, skip, write

ribs = shared("urpf/ribs_in.tsv")
for mode, name in (("efp-a", "urpf/expected_A.tsv"), ("efp-b", "urpf/expected_B.tsv")):
    if not ribs:
        skip("no urpf/ribs_in.tsv")
        continue
    want = sorted(x for x in open(shared(name)).read().splitlines() if not x.startswith("#"))
    code, out, err = manrs("urpf", "--rib", ribs, "--mode", mode, "list")
    got = out.decode().splitlines()
    check("%s list" % mode, (code, sorted(got), err), (0, want, ""))
    code, out, err = manrs("urpf", "--rib", ribs, "--mode", mode, "list", "286")
    check("%s list of one" % mode, out.decode().splitlines(), [x for x in got if x.startswith("286\t")])
    nets = [ipaddress.ip_network(x.split("\t")[1]) for x in got if x.startswith("1221\t")]
    for options in ((), ("--no-link-local",), ("--no-unspecified",), ("--no-link-local", "--no-unspecified")):
        # what a link needs passes, unless it is turned off: RFC 4861, RFC 4862 5.4, RFC 2131, RFC 7600, RFC 9780
        also = () if "--no-link-local" in options else ("169.254.0.0/16", "fe80::/10")
        also += () if "--no-unspecified" in options else ("0.0.0.0/32", "192.0.0.8/32", "::/128", "100:0:0:1::/64")
        both = nets + [ipaddress.ip_network(x) for x in also]
        want = [str(n) for v in (4, 6) for n in ipaddress.collapse_addresses(n for n in both if n.version == v)]
        code, out, err = manrs("urpf", "--rib", ribs, "--mode", mode, *options, "export", "1221")
        check("%s %s export covers the list, aggregated" % (mode, options), (out.decode().split(), err), (want, ""))

# BAR-SAV's worked example at AS4: D = {1,2,3,5,6,7,8}
rib = write("bar.tsv", "3\tcustomer\t11.6.0.0/16\t3 1 6\n3\tcustomer\t11.7.0.0/16\t3 1 7\n9\tprovider\t11.2.0.0/16\t9 3 2\n")
vrps = write("bar.csv", "ASN,IP Prefix,Max Length,Trust Anchor\nAS2,12.2.0.0/16,16,x\nAS5,11.5.0.0/16,16,x\n"
             "AS6,11.6.0.0/16,16,x\nAS8,11.8.0.0/16,16,x\n")
aspas = write("aspas.tsv", "3\t4 9\n5\t1\n6\t1\n8\t2\n")
bar = ("urpf", "--rib", rib, "--vrps", vrps, "--aspas", aspas, "--mode", "bar-sav")
code, out, err = manrs(*bar, "list")
check("bar-sav list", (code, out.decode().split()[1::2], err),
      (0, ["11.2.0.0/16", "11.5.0.0/16", "11.6.0.0/16", "11.7.0.0/16", "11.8.0.0/16", "12.2.0.0/16"], ""))
code, out, err = manrs(*bar, "check", stdin="3 11.7.0.1\n3\t11.9.0.1\n# none\n\n9 11.2.0.1\n5 11.2.0.1\n3 127.0.0.1\n")
check("bar-sav check", (code, out.decode().splitlines(), err),
      (0, ["3 11.7.0.1 allow bar-sav bar-route", "3 11.9.0.1 deny bar-sav not-listed",
           "9 11.2.0.1 allow loose loose-route", "5 11.2.0.1 deny - unknown-interface",
           "3 127.0.0.1 deny bar-sav martian"], "manrs: no such interface: 5; there are 3, 9\n"))
code, out, err = manrs(*bar, "check", stdin="5 11.2.0.1\n77 11.2.0.1\n5 11.2.0.2\n3 11.7.0.1\n")
check("unknown interfaces are told once, and counted", (code, out.count(b"unknown-interface"), err),
      (0, 3, "manrs: no such interface: 5; there are 3, 9\nmanrs: 3 sources on unknown interfaces: denied\n"))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "bar-sav", "list")
check("bar-sav without a db lists nothing and says so", (code, out, "loose" in err), (0, b"", True))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "bar-sav", "check", stdin="3 11.2.0.1\n")
check("and is loose", out, b"3 11.2.0.1 allow loose loose-route\n")
code, out, err = manrs(*bar, "explain", "3", "11.8.0.1")
check("explain", (code, [x for x in out.decode().splitlines() if x.split(":")[0] in ("verdict", "step", "of", "prefix")]),
      (0, ["verdict: allow", "step: bar-roa", "of: AS8", "prefix: 11.8.0.0/16"]))
code, out, err = manrs(*bar, "--fail-on", "deny", "check", stdin="3 11.9.0.1\n")
check("--fail-on deny", code, 1)

# strict by the best flag; the interface's name need not be a number; flags, declared interfaces, bad lines
rib = write("fib.tsv", "up\tprovider\t0.0.0.0/0\t\tbest\neth1\tcustomer\t11.0.0.0/8\t65001\tbest\n"
            "eth2\tcustomer\t11.0.0.0/8\t65002\neth3\tcustomer\n"
            "x\tnone\t11.9.0.0/16\t\tbest,discard\n")
code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "check",
                       stdin="eth1 11.1.1.1\neth2 11.1.1.1\neth3 11.1.1.1\nup 13.0.0.1\neth1 11.9.0.1\nnonsense\n")
check("strict", (code, out.decode().splitlines()),
      (2, ["eth1 11.1.1.1 allow strict best-route", "eth2 11.1.1.1 deny strict other-iface",
           "eth3 11.1.1.1 deny strict other-iface", "up 13.0.0.1 deny loose no-route",
           "eth1 11.9.0.1 deny strict discard-route"]))
check("a bad input line is told, with what stood there; the others are answered", "stdin:6: " in err and "nonsense" in err)
code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "--fail-on", "deny", "check", stdin="eth2 11.1.1.1\neth1\n")
check("a bad line weighs more than a denial", (code, out), (2, b"eth2 11.1.1.1 deny strict other-iface\n"))
for text in ("eth1 11.1.1.1 more\n", "eth1\t11.1.1.1\tmore\n", "eth1 11.1.1.0/24\n", " \t11.1.1.1\n"):
    code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "check", stdin=text)
    check("a bad input line: %r" % text, (code, out), (2, b""))

# A list with a hole denies or accepts in silence: one bad RIB line, or RIBs without a route, and nothing comes out.
asked = (("list",), ("check",), ("explain", "eth1", "11.1.1.1"), ("export",), ("export", "--format", "nft", "eth1"))
good = "eth1\tcustomer\t11.0.0.0/8\t65001\tbest\n"
bad = {
    "eth1\tpeer\t12.0.0.0/8\n": 'had another role before: eth1', "broken\n": "no such role",
    "eth1\tcustomer\t11.0.0.1/8\t1\n": "11.0.0.1/8", "eth1\tcustomer\t12.0.0.0/8\t1\tbset\n": "no such flag: bset",
    "eth1\tcustomer\t12.0.0.0/8\t1 x\n": ":2: ", "eth1\tcustomer\t\t1\n": "without a prefix",
}
for line, told in bad.items():
    name = write("bad.tsv", good + line)
    for args in asked:
        code, out, err = manrs("urpf", "--rib", name, "--mode", "strict", *args, stdin="eth1 11.1.1.1\n")
        check("%s of a RIB with the line %r" % (args[0], line), (code, out, "bad.tsv:2: " in err, told in err), (2, b"", True, True))
for text in ("", "# nothing\n\n", "eth1\tcustomer\n"):
    name = write("empty.tsv", text)
    for args in asked:
        code, out, err = manrs("urpf", "--rib", name, "--mode", "strict", *args, stdin="eth1 11.1.1.1\n")
        check("%s of the RIB %r" % (args[0], text), (code, out, err.startswith("manrs: ")), (2, b"", True))
full = write("full.tsv", good)
code, out, err = manrs("urpf", "--rib", full, "--rib", write("none.tsv", "# nothing\n"), "--mode", "strict", "list")
check("an empty RIB beside a full one", (code, out, "none.tsv" in err), (2, b"", True))
code, out, err = manrs("urpf", "--rib", write("ports.tsv", "eth1\tcustomer\n"), "--rib", full, "--mode", "strict", "list")
check("interfaces in one file, routes in another", (code, out), (0, b"eth1\t11.0.0.0/8\n"))
# each file's lines are routes of their own: the same prefix, neighbour and line number in two files are two routes
two = (write("one.tsv", "eth1\tcustomer\t11.0.0.0/8\t7 1\n"), write("two.tsv", "eth1\tcustomer\t11.0.0.0/8\t7 2\neth2\tcustomer\t12.0.0.0/8\t1\n"))
code, out, err = manrs("urpf", "--rib", two[0], "--rib", two[1], "--mode", "efp-a", "list", "eth1")
check("the first file's route is still there", out, b"eth1\t11.0.0.0/8\neth1\t12.0.0.0/8\n")
# columns parted by blanks where there is no TAB; the path is what stands between the prefix and the flags
words = write("words.txt", "up provider 0.0.0.0/0 best\neth1 customer 11.0.0.0/8 65001 {7,8} best\n eth3  customer\n")
code, out, err = manrs("urpf", "--rib", words, "--mode", "strict", "list")
check("blanks for TABs", (code, out, err), (0, b"eth1\t11.0.0.0/8\n", ""))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "--allow-default", "check", stdin="up 13.0.0.1\n")
check("--allow-default", out, b"up 13.0.0.1 allow loose loose-route\n")
code, out, err = manrs("urpf", "--rib", rib, "--mode", "feasible", "list")
check("feasible list", out.decode().splitlines(), ["eth1\t11.0.0.0/8", "eth2\t11.0.0.0/8"])
hand = write("hand", "* deny 11.1.0.0/16\neth2 allow 11.2.0.0/16\neth3 list 14.0.0.0/8\n")
code, out, err = manrs("urpf", "--rib", rib, "--mode", "list", "--prefixes", hand, "check",
                       stdin="eth2 11.1.0.1\neth2 11.2.0.1\neth3 14.1.1.1\neth1 14.1.1.1\n")
check("--prefixes", out.decode().split()[2::5], ["deny", "allow", "allow", "deny"])
for line in ("none list 1.0.0.0/8", "eth2 alow 1.0.0.0/8", "eth2 deny", "* deny 1.0.0.0/8 2.0.0.0/8", "* deny 1.0.0.1/8"):
    hand = write("hand", "* deny 11.1.0.0/16\n%s\n" % line)
    code, out, err = manrs("urpf", "--rib", rib, "--mode", "list", "--prefixes", hand, "list")
    check("a bad line of --prefixes: %s" % line, (code, out, "hand:2: " in err, err.endswith("\nmanrs: 1 bad line: nothing done\n")),
          (2, b"", True, True))

# The export is the decision of check: martian sources in the list, always-deny, always-allow, the link's own prefixes.
fib, rib = rib, write("world.tsv", "eth0\tcustomer\t192.0.0.0/8\t65001\tbest\neth0\tcustomer\t2001::/16\t65001\tbest\n"
                 "eth0\tcustomer\t0.0.0.0/2\t65001\tbest\neth1\tcustomer\t11.0.0.0/8\t65002\tbest\n")
hand = write("world.hand", "* deny 192.7.0.0/16\neth0 allow 203.0.113.64/26\neth0 link 2001:db8::/64\n")
world = ("urpf", "--rib", rib, "--mode", "strict", "--prefixes", hand, "--link", "eth0=198.51.100.0/30")
sources = ("192.0.2.1 192.0.0.8 192.7.0.1 192.8.0.1 203.0.113.65 203.0.113.1 198.51.100.2 198.51.100.4 127.0.0.1 11.0.0.1 12.0.0.1"
           " 169.254.1.1 0.0.0.0 fe80::1 :: ::1 2001:db8::7 2001:db8:1::7 2001:1::7 2001:4000::1 ff02::1 8.8.8.8").split()
passes = set("192.0.0.8 192.8.0.1 203.0.113.65 198.51.100.2 12.0.0.1 169.254.1.1 0.0.0.0 fe80::1 :: 2001:db8::7 2001:4000::1 8.8.8.8".split())
code, out, err = manrs(*world, "check", stdin="".join("eth0 %s\n" % x for x in sources))
check("check of the world", (code, {x.split()[1] for x in out.decode().splitlines() if " allow " in x}, err), (0, passes, ""))
for form in ("text", "nft", "bird", "cisco", "junos"):
    code, out, err = manrs(*world, "export", "--format", form, "eth0")
    nets = [ipaddress.ip_network(x.strip(",+;")) for x in out.decode().split() if "/" in x]
    got = {x for x in sources if any(ipaddress.ip_address(x) in net for net in nets)}
    check("export --format %s passes what check does" % form, (code, got, err), (0, passes, ""))
code, out, err = manrs(*world, "explain", "eth0", "198.51.100.2")
check("explain: the link", "step: link" in out.decode(), True)
for link in ("eth9=10.0.0.0/30", "eth0", "eth0=10.0.0.1/30"):
    code, out, err = manrs("urpf", "--rib", rib, "--link", link, "list")
    check("--link %s" % link, (code, out, link in err), (2, b"", True))
code, out, err = manrs("urpf", "--rib", rib, "--prefixes", write("link", "* link 10.0.0.0/30\n"), "list")
check("a link's prefix of all interfaces", (code, out, "link:1: " in err), (2, b"", True))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "export", "--format", "nft")
check("an nft export without --link says what it may cut off", (code, "2 of 2 interfaces without --link" in err), (0, True))
# A filter under another name filters nothing; two under one are one.
rib = write("names.tsv", "ge-0/0/0\tcustomer\t11.0.0.0/8\nge-0:0/0\tcustomer\t12.0.0.0/8\n")
for form, args, told in (("nft", ("ge-0/0/0",), "no name of an interface"), ("cisco", (), "two interfaces")):
    code, out, err = manrs("urpf", "--rib", rib, "--mode", "efp-b", "export", "--format", form, *args)
    check("%s: names" % form, (code, out, told in err), (2, b"", True))
# RFC 5635: a discard route's sources fail; a null-routed aggregate would deny ROA-only space of a customer.
rib = write("null.tsv", "3\tcustomer\t13.0.0.0/16\t3\nnull\tnone\t11.0.0.0/8\t\tdiscard\n")
vrps = write("null.csv", "ASN,IP Prefix,Max Length,Trust Anchor\nAS3,11.5.0.0/16,16,x\n")
for options, want in (((), "deny bar-sav discard-route"), (("--discard-pass",), "allow bar-sav bar-roa")):
    code, out, err = manrs("urpf", "--rib", rib, "--vrps", vrps, "--mode", "bar-sav", *options, "check", stdin="3 11.5.0.1\n")
    check("a null-routed aggregate %s" % (options,), (code, out.decode()), (0, "3 11.5.0.1 %s\n" % want))

rib = fib
for args in (("list",), ("--rib", rib), ("--rib", rib, "lost"), ("--rib", rib, "explain", "eth1"),
             ("--rib", rib, "--mode", "tight", "list"), ("--rib", rib, "check", "eth1"),
             ("--rib", rib, "export", "--format", "xml")):
    code, out, err = manrs("urpf", *args)
    check("usage error: %s" % " ".join(args[2:]), (code, out, err.startswith("manrs: ")), (2, b"", True))
code, out, err = manrs("urpf", "--rib", "/nowhere/at/all", "list")
check("no such file", (code, out), (2, b""))
# A typo is an error, not a denial. The nearest are named: by what they share at both ends; with nothing shared, the first.
for what in (("list",), ("export",), ("explain",)):
    for name, there in (("eth9", "eth1, eth2, eth3"), ("eht1", "eth1"), ("", "up, eth1, eth2, eth3, ..."),
                        ("ETH1", "eth1")):
        args = what + (name,) + (("11.1.1.1",) if what[0] == "explain" else ())
        code, out, err = manrs("urpf", "--rib", rib, *args)
        check("%s %s: no such interface" % (what[0], name), (code, out, err),
              (2, b"", "manrs: no such interface: %s; there are %s\n" % (name, there)))
code, out, err = manrs("urpf", "--rib", rib, "--link", "eht1=192.0.2.0/24", "list")
check("--link: no such interface", (code, out, err),
      (2, b"", "manrs: --link eht1=192.0.2.0/24: no such interface; there are eth1\n"))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "loose", "export")
check("an export of nothing is none", (code, out, "no interface has a list" in err), (2, b"", True))
code, out, err = manrs("urpf", "--rib", rib, "--mode", "strict", "list", "up")
check("the list of a loose interface says why it is empty", (code, out, "up has no list" in err), (0, b"", True))
code, out, err = manrs("urpf", "--rib", rib, "explain", "eth1", "11.1.1.0/24")
check("explain takes an address", (code, out, "11.1.1.0/24" in err), (2, b"", True))
# What opens a gate is told: a line that may be cut (of 11.0.0.0/16 stands 11.0.0.0/1 then), and BAR-SAV-PI that knows not whose
# providers it looks for.
torn = write("torn.tsv", "eth1\tcustomer\t11.1.0.0/16\t65001\neth1\tcustomer\t12.0.0.0/8\t65001")
code, out, err = manrs("urpf", "--rib", torn, "--mode", "feasible", "list")
check("a RIB without a final newline is read and warned about", (code, out.count(b"\n"), ":2: warning: the last line has no end" in err),
      (0, 2, True))
rib = write("pi.tsv", "9\tprovider\t11.6.0.0/16\t9 6\n")
for options, told in ((("--local-as", "4"), False), ((), True)):
    code, out, err = manrs("urpf", "--rib", rib, "--vrps", vrps, "--mode", "bar-sav-pi", *options, "list")
    check("bar-sav-pi %s" % (options,), (code, "without --local-as" in err), (0, told))
# Handles are 0 to 0xfffe (manrs/iface.h), so many interfaces may have names; each is found again, the next one is refused.
many = ["if%d\tcustomer\n" % i for i in range(0xffff)] + ["if%d\tcustomer\t20.%d.%d.0/24\t1\n" % (i, i >> 8, i & 255) for i in (0, 0x7fff, 0xfffe)]
code, out, err = manrs("urpf", "--rib", "-", "--mode", "feasible", "list", stdin="".join(many))
check("as many interfaces as there are handles", (code, out, err),
      (0, b"if0\t20.0.0.0/24\nif32767\t20.127.255.0/24\nif65534\t20.255.254.0/24\n", ""))
code, out, err = manrs("urpf", "--rib", "-", "list", stdin="".join([*many, "one\tcustomer\n", "more\tcustomer\n", "if7\tcustomer\n"]))
check("more are refused", (code, out, err), (2, b"", "manrs: stdin:65539: byte 1: too many interfaces: one\n"
      "manrs: stdin:65540: byte 1: too many interfaces: more\nmanrs: 2 bad lines: nothing done\n"))
code, out, err = manrs("urpf", "--help")
check("help", (code, out.startswith(b"usage: manrs urpf"), err), (0, True, ""))
close()
