# SPDX-License-Identifier: BSD-2-Clause
"""examples/exabgp.c inside the real ExaBGP: three speakers on loopback.

    customer 127.0.0.2 AS64500 --> us 127.0.0.1 AS64496, with the example as a process --> 127.0.0.3 AS64497

What the customer announces validly reaches the third, what is invalid never does, and what becomes invalid or is withdrawn
is withdrawn there. Skipped where ExaBGP is not installed.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("B", "build"))
WAIT = 30
counts = [0, 0, 0]

SPEAKER = """
process %(name)s {
	run %(run)s;
	encoder json;
}
%(neighbors)s
"""
NEIGHBOR = """
neighbor %(peer)s {
	router-id %(router)s;
	local-address %(local)s;
	local-as %(las)d;
	peer-as %(pas)d;
	%(passive)s
	family {
		ipv4 unicast;
		ipv6 unicast;
	}
	api {
		processes [ %(name)s ];
		receive {
			parsed;
			update;
		}
	}
}
"""
# ExaBGP 4.2.21 takes an IPv6 /32 for a range of neighbours: longer ones here.
FIRST = """announce route 192.0.2.0/24 next-hop 127.0.0.2 as-path [ 64500 64501 ]
announce route 198.51.100.0/24 next-hop 127.0.0.2 as-path [ 64500 64502 ]
announce route 203.0.113.0/24 next-hop 127.0.0.2 origin egp as-path [ 64500 64503 64503 4200000001 ] atomic-aggregate aggregator ( 64503:10.0.0.9 ) med 77 community [ 64500:1 65535:666 ] large-community [ 64500:2:4294967295 ] extended-community [ target:64500:7 ] attribute [ 0x23 0xc0 0x0000fbf4 ]
announce route 2001:db8::/48 next-hop 2001:db8::2 as-path [ 64500 64501 ]
announce route 2001:db8:1::/48 next-hop 2001:db8::2 as-path [ 64500 64502 ]
"""
SECOND = """announce route 192.0.2.0/24 next-hop 127.0.0.2 as-path [ 64500 64999 ]
withdraw route 203.0.113.0/24 next-hop 127.0.0.2
"""
VRPS = """ASN,IP Prefix,Max Length,Trust Anchor
AS64501,192.0.2.0/24,24,lab
AS64511,198.51.100.0/24,24,lab
AS64501,2001:db8::/32,48,lab
"""


def check(what, good, detail=""):
    counts[0 if good else 1] += 1
    if not good:
        print("failed: %s %s" % (what, detail))


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Speaker:
    def __init__(self, folder, name, run, neighbors, port):
        self.log = os.path.join(folder, name + ".log")
        path = os.path.join(folder, name + ".conf")
        text = "".join(NEIGHBOR % dict(neighbor, name=name) for neighbor in neighbors)
        with open(path, "w") as file:
            file.write(SPEAKER % {"name": name, "run": run, "neighbors": text})
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        settings = {"exabgp.tcp.port": str(port), "exabgp.daemon.user": user, "exabgp.api.cli": "false", "exabgp.api.ack": "false"}
        if neighbors[0]["passive"]:
            settings["exabgp.tcp.bind"] = "127.0.0.1"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["exabgp", path], env=dict(os.environ, **settings), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def routes(path):
    """What a speaker received, as (prefix, announced or withdrawn), in order."""
    found = []
    try:
        with open(path) as file:
            lines = file.read().split("\n")[:-1]
    except OSError:
        return found
    for line in lines:
        update = json.loads(line).get("neighbor", {}).get("message", {}).get("update", {})
        for family in update.get("announce", {}).values():
            found += [(nlri["nlri"], True) for rows in family.values() for nlri in rows]
        for family in update.get("withdraw", {}).values():
            found += [(nlri["nlri"], False) for nlri in family]
    return found


def last_attributes(path, prefix):
    """The attributes with which a speaker heard of a prefix last."""
    found = None
    with open(path) as file:
        for line in file.read().split("\n")[:-1]:
            update = json.loads(line).get("neighbor", {}).get("message", {}).get("update", {})
            for family in update.get("announce", {}).values():
                if any(nlri["nlri"] == prefix for rows in family.values() for nlri in rows):
                    found = update["attribute"]
    return found or {}


def wait_for(path, wanted):
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if wanted(routes(path)):
            return True
        time.sleep(0.1)
    return False


def script(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def run(folder):
    port, speakers = free_port(), []
    heard, go = os.path.join(folder, "heard"), os.path.join(folder, "go")
    for name, text in (("vrps.csv", VRPS), ("first", FIRST), ("second", SECOND)):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    judge = script(
        folder,
        "judge.sh",
        "exec %s/examples/exabgp %s/vrps.csv customer 64496 127.0.0.3 2>%s/verdicts\n" % (BUILD, folder, folder),
    )
    speak = "cat %s/first; while [ -e %s/first ] && [ ! -e %s ]; do sleep 0.1; done; cat %s/second; cat >/dev/null\n" % (folder, folder, go, folder)
    us = {"local": "127.0.0.1", "router": "10.0.0.1", "las": 64496, "passive": "passive;"}
    customer = {"peer": "127.0.0.1", "local": "127.0.0.2", "router": "10.0.0.2", "las": 64500, "pas": 64496, "passive": ""}
    third = {"peer": "127.0.0.1", "local": "127.0.0.3", "router": "10.0.0.3", "las": 64497, "pas": 64496, "passive": ""}
    both = [dict(us, peer="127.0.0.2", pas=64500), dict(us, peer="127.0.0.3", pas=64497)]
    try:
        speakers.append(Speaker(folder, "judge", judge, both, port))
        time.sleep(0.5)
        speakers.append(Speaker(folder, "third", script(folder, "hear.sh", "while [ -e %s/first ]; do cat >>%s; sleep 0.1; done\n" % (folder, heard)), [third], port))
        speakers.append(Speaker(folder, "customer", script(folder, "speak.sh", speak), [customer], port))

        valid = {("192.0.2.0/24", True), ("2001:db8::/48", True), ("203.0.113.0/24", True)}
        arrived = wait_for(heard, lambda found: valid <= set(found))
        check("valid and not-found routes arrive", arrived, routes(heard))
        # As every speaker passes a route on: the path behind our AS (RFC 4271 5.1.2), the origin where it was, the transitive
        # attributes as they came, OTC (RFC 9234) among them; MED is not for other neighbours (5.1.4).
        path = last_attributes(heard, "192.0.2.0/24").get("as-path")
        check("the third hears the path of the route", path == [64496, 64500, 64501], path)
        path = last_attributes(heard, "2001:db8::/48").get("as-path")
        check("and of an IPv6 route", path == [64496, 64500, 64501], path)
        rich = last_attributes(heard, "203.0.113.0/24")
        wanted = {
            "as-path": [64496, 64500, 64503, 64503, 4200000001],
            "origin": "egp",
            "atomic-aggregate": True,
            "aggregator": "64503:10.0.0.9",
            "community": [[64500, 1], [65535, 666]],
            "large-community": [[64500, 2, 4294967295]],
            # ExaBGP does not know OTC: the Partial bit is set, RFC 4271 5
            "attribute-0x23-0xE0": "0x0000fbf4",
        }
        check("and its attributes", {name: rich.get(name) for name in wanted} == wanted, rich)
        check("extended communities too", [c["value"] for c in rich.get("extended-community", [])] == [0x0002FBF400000007], rich)
        check("but not MED", "med" not in rich, rich)
        open(go, "w").close()
        gone = {("192.0.2.0/24", False), ("203.0.113.0/24", False)}
        withdrawn = wait_for(heard, lambda found: gone <= set(found))
        check("what becomes invalid or is withdrawn goes", withdrawn, routes(heard))
        found = routes(heard)
        invalid = [prefix for prefix, there in found if there and prefix in ("198.51.100.0/24", "2001:db8:1::/48")]
        check("nothing invalid arrives", not invalid, found)
        last = dict(found)
        check("the last word", last.get("2001:db8::/48") is True and last.get("192.0.2.0/24") is False, found)
        with open(os.path.join(folder, "verdicts")) as file:
            verdicts = file.read()
        check("verdicts name the origin", "origin AS64502 is Invalid" in verdicts and "AS64999" in verdicts, verdicts)
    finally:
        for speaker in speakers:
            speaker.stop()
        if counts[1]:
            for speaker in speakers:
                with open(speaker.log) as file:
                    print(file.read()[-3000:])


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the speakers go too
    if shutil.which("exabgp") is None:
        print("skipped: no exabgp")
        counts[2] += 1
    elif not os.path.exists(os.path.join(BUILD, "examples", "exabgp")):
        check("examples/exabgp is built", False)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(folder)
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return 1 if counts[1] else 0


sys.exit(main())
