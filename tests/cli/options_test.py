# SPDX-License-Identifier: BSD-2-Clause
"""How options are read, of every verb alike. Expected: getopt_long(3) for spellings, abbreviations and the order of
arguments, the manual for values; Routinator's `validate` for -a, -p and -j. What getopt_long says itself is its own words,
which differ between C libraries: of those only that a line is there."""

from command import check, csv, close, manrs, write

VRPS = write("vrps", csv("AS64496,192.0.2.0/24,24,ta"))
ASPAS = write("aspas", "64496\t64500\n")
RIB = write("rib", "eth0\tcustomer\t20.0.0.0/24\t64496\tbest\n")
ROUTE = ["192.0.2.0/24", "64496"]
LINES = write("lines", '{"prefix":"192.0.2.0/24","as_path":"64496","neighbour":64496}\n')
ARCHIVE = write("archive", bytes.fromhex("00000001 000d 0001 00000008 0000000000000000"))  # an empty table of peers: RFC 6396 section 4.3.1
GOOD = {  # a call of each verb that ends with 0
    "rov": ["--vrps", VRPS, *ROUTE], "vrps": ["--vrps", VRPS], "diff": ["--vrps", VRPS, "--vrps", VRPS],
    "aspa": ["--aspas", ASPAS, "--role", "peer", "64496"], "check": ["--vrps", VRPS, "--role", "peer", "-i", LINES],
    "explain": ["--vrps", VRPS, "--role", "peer", "192.0.2.0/24", "64500", "64496"], "urpf": ["--rib", RIB, "list"],
    "rtr": ["compare", VRPS, VRPS], "mrt": ["-i", ARCHIVE]}
SEE = "manrs: see `manrs %s --help`\n"


def refused(verb, *more):
    """What a wrong use says before the line that points to the help; None: it is not refused as one."""
    status, out, err = manrs(verb, *GOOD[verb], *more)
    see = SEE % verb
    return err[:-len(see)] if (status, out, err[-len(see):]) == (2, b"", see) else None


for verb, good in GOOD.items():
    judges = verb != "mrt"  # by data of files and caches: there are options of these
    check(verb, manrs(verb, *good)[::2], (0, ""))
    # Spellings: what getopt_long refuses, in its words.
    for what, more in {"no such option": ["--bogus"], "no such letter": ["-Z"], "no value": ["--format"],
                       "no value of a letter": ["-o"], "a value of a flag": ["--drop-expired=1"],
                       "an abbreviation of two, or of none": ["--m=1" if judges else "--max-age=1"]}.items():
        told = refused(verb, *more) or ""
        check("%s: %s" % (verb, what), (told[:7], told.count("\n")), ("manrs: ", 1))
    # Values: in ours. Numbers are plain digits within their bounds.
    for option, words, wrong in (("--max-age", "takes seconds", ("", "-1", "+1", " 1", "1 ", "1h", "0x1", "4294967296", "9" * 30)),
                                 ("--memory", "takes MiB, from 1 to 1048576", ("", "0", "-1", "1048577", "1.5")),
                                 ("--allow-bad", "takes a percentage", ("", "-1", "101", "1%"))):
        for value in wrong if judges or option == "--memory" else ():
            check("%s %s %s" % (verb, option, value), refused(verb, option + "=" + value),
                  "manrs: %s: %s: %s %s\n" % (verb, value, option, words))
    for option, value in (("--memory", "1"), ("--memory", "1048576"), ("--allow-bad", "0"), ("--allow-bad", "100"))[:4 if judges else 2]:
        check("%s %s %s" % (verb, option, value), manrs(verb, *good, option, value)[::2], (0, ""))
    # The last of two counts, an abbreviation of one is it, and what stands behind `--` is no option.
    form = "summary" if verb in ("vrps", "mrt") else "csv"
    want = manrs(verb, *good, "--format", form)
    check(verb + ": formats differ", want[0] == 0 and want[1] != manrs(verb, *good, "--format", "json")[1])
    for more in (["--format=" + form], ["-f", form], ["-f" + form], ["--form", form], ["--form=" + form],
                 ["-f", "json", "--format", form]):
        check("%s %s" % (verb, more), manrs(verb, *good, *more), want)
        check("%s %s, before the rest" % (verb, more), manrs(verb, *more, *good), want)
    check(verb + ": a wrong one before a good one", refused(verb, "--memory", "0", "--memory", "9"),
          "manrs: %s: 0: --memory takes MiB, from 1 to 1048576\n" % verb)
    status, out, err = manrs(verb, *good, "--", "--format")
    check(verb + ": behind -- it is an argument", (status, "requires" in err), (2, False))
    # Help at once, whatever comes behind it, also by its letter and abbreviated; a wrong option before it is told.
    help_text = manrs("help", verb)
    for more in (["--help"], ["-h"], ["--hel"], ["--help", "--bogus"], ["x", "--help"]):
        check("%s %s" % (verb, more), manrs(verb, *more), help_text)
    check(verb + ": wrong before help", manrs(verb, "--memory", "0", "--help")[:2], (2, b""))
    # Every line of an option in the help is one that is taken: it does not end as an unknown one.
    for line in help_text[1].decode().splitlines():
        if line.startswith(("  -", "      --")):
            option = line.split("--")[1].split()[0]
            err = manrs(verb, "--" + option, *(["x"] if len(line.split("--")[1].split("  ")[0].split()) > 1 else []))[2]
            check("%s: --%s of the help" % (verb, option), "unrecognized" not in err and "ambiguous" not in err)

# Options that verbs of its kind have, and a verb has not.
NOT_HERE = "an option that this verb does not have\n"
for verb, options in (("vrps", ("--input=x", "-ix", "--fail-on=valid", "--local-as=1", "--asn=1", "--prefix=x", "--json")),
                      ("diff", ("--fail-on=valid", "--asn=1", "--prefix=x", "--json"))):
    for option in options:
        check("%s %s" % (verb, option), refused(verb, option), "manrs: %s: %s" % (verb, NOT_HERE))
for verb in ("explain", "urpf"):
    check(verb + " --asdot", refused(verb, "--asdot"), "manrs: %s: --asdot: %s" % (verb, NOT_HERE))
check("mrt --asdot --json", refused("mrt", "--asdot", "--json") is not None)
for verb in ("rov", "vrps", "diff", "aspa", "check"):
    check(verb + " --asdot of json", refused(verb, "--asdot", "-f", "json"),
          "manrs: %s: --asdot goes with plain and csv, whose readers are people\n" % verb)

# Words: what the manual lists; formats of another verb are none.
for verb, more, words in (
        ("rov", ["-f", "bird2"], "bird2: no such format"), ("vrps", ["-f", "plain"], "plain: no such format"),
        ("mrt", ["-f", "csv"], "csv: no such format"), ("mrt", ["a", "b"], "b: one file at a time"),
        ("mrt", ["a", "-i", "b"], "FILE or -i FILE, not both"),
        ("aspa", ["-f", ""], ": no such format"), ("urpf", ["-f", "nft"], "nft: no such format of list"),
        ("aspa", ["--role", "none"], "none: --role takes customer, peer, provider, rs or rs-client"),
        ("aspa", ["--neighbour", "0"], "0: --neighbour takes an AS number"),
        ("aspa", ["--neighbor=x"], "x: --neighbour takes an AS number"),
        ("explain", ["--neighbour", "4294967296"], "4294967296: --neighbour takes an AS number"),
        ("aspa", ["--fail-on", "malformed"], "malformed: --fail-on takes valid, invalid, unknown"),
        ("rov", ["--fail-on", "unknown"], "unknown: --fail-on takes valid, invalid, not-found"),
        ("check", ["--fail-on", "rov,x"], "rov,x: --fail-on takes names of tests or findings, or any"),
        ("check", ["--fail-on="], ": --fail-on takes names of tests or findings, or any"),
        ("explain", ["--test", "rov-invalid-as"], "rov-invalid-as: --test takes names of tests"),
        ("explain", ["--test="], ": --test takes names of tests"),
        ("check", ["--role", "x"], "customer, peer, provider, rs, rs-client or internal: role = x"),
        ("check", ["--tests", "x"], "not the name of a test: tests = x"),
        ("check", ["--tests", "rov\nlocal-as = 1"], "--role or --tests is too long, or not one line"),
        ("urpf", ["-i", "x"], "-i FILE is for check"),
        ("rov", ["--local-as", "x"], "x: --local-as takes an AS number"), ("diff", ["--local-as="], ": --local-as takes an AS number"),
        ("urpf", ["--local-as", "x"], "x: --local-as takes an AS number"),
        ("check", ["--local-as", "x"], "x: --local-as takes an AS number"), ("urpf", ["--mode", "tight"], "tight: no such mode"),
        ("urpf", ["--fail-on", "allow"], "allow: --fail-on takes deny"), ("urpf", ["a", "b"], "wrong arguments for list"), ("urpf", ["a", "b", "c"], "too many arguments")):
    check("%s %s" % (verb, more), refused(verb, *more), "manrs: %s: %s\n" % (verb, words))

# Stdin can be read once, whichever two options name it, and where it is what is read without -i.
POLICY = write("policy", "role = peer\n")
for verb, args in (("rov", ["--vrps", "-"]), ("vrps", ["--vrps", VRPS, "--vrps", "-", "--slurm", "-"]),
                   ("diff", ["--vrps", "-", "--vrps", VRPS, "-i", "-"]), ("aspa", ["--aspas", "-", "--role", "peer"]),
                   ("aspa", ["--aspas", "-", "--aspas", "-", "--role", "peer", "1"]), ("check", ["--vrps", "-", "--role", "peer"]),
                   ("check", ["--vrps", VRPS, "--policy", "-"]), ("check", ["--vrps", VRPS, "--policy", POLICY, "--irr", "-", "-i", "-"]),
                   ("explain", ["--vrps", VRPS, "--role", "peer", "--bogons", "-", "--relationships", "-", *ROUTE]),
                   ("urpf", ["--rib", "-", "check"]), ("urpf", ["--rib", RIB, "--prefixes", "-", "--vrps", "-", "list"])):
    check("stdin twice: %s %s" % (verb, args), manrs(verb, *args),
          (2, b"", "manrs: %s: stdin can be read only once\n" % verb + SEE % verb))

# Two spellings of one option are one, also abbreviated; an abbreviation that is a whole name is that name.
for more in (["--neighbour"], ["--neighbor"], ["--neighbou"]):
    check("aspa %s" % more, manrs("aspa", *GOOD["aspa"], *more, "64497")[1],
          b"64496: invalid: the first AS is not the neighbour\n")
# PREFIX PATH becomes an object that the reader of lines takes: an argument is a value of it, and adds no member.
for line in (['192.0.2.0/24', '64500","role":"internal'], ['192.0.2.0/24","otc":"1', '64500'], ['192.0.2.0/24', '64500\\']):
    status, out, err = manrs("explain", "--vrps", VRPS, "--role", "peer", *line)
    check("explain %r" % line, (status, b" pass " in out.lower(), "the announcement" in err), (2, False, True))
for line in ([], ['{"prefix":"192.0.2.0/24","as_path":"64500"}'], ["BGP4MP|1|A|198.51.100.1|64500|192.0.2.0/24|64500|IGP"]):
    status, out, err = manrs("explain", "--vrps", VRPS, "--role", "peer", "--neighbour", "64500", *line)
    check("explain --neighbour with %r" % line, (status, out, "--neighbour goes with PREFIX PATH" in err), (2, b"", True))
check("explain --test, not --tests", manrs("explain", *GOOD["explain"], "--test", "rov")[1].count(b"\n"), 2)

# `routinator validate -a ASN -p PREFIX [-j]`, letters together.
ONE = ["-p", "192.0.2.0/24", "-a", "64496"]
json = manrs("rov", "--vrps", VRPS, "--format", "json", *ROUTE)
for more in (["-j", *ONE], ["--json", *ONE], ["-jp", *ONE[1:]], ["-f", "csv", "-j", *ONE], ["-a64496", "-p192.0.2.0/24", "-j"]):
    check("rov %s" % more, manrs("rov", "--vrps", VRPS, *more), json)
check("-j, then a format", manrs("rov", "--vrps", VRPS, "-jfplain", *ONE)[1], b"192.0.2.0/24 => AS64496: valid\n")
close()
