#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""RTR with the software that networks run: StayRTR feeds the command. What is asked for is
always what stands in the file. A peer that is not installed is skipped and counted; without root and namespaces all of it is."""

import os
import re
import shutil
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rtr_lab as lab

MANRS = os.path.abspath(os.path.join(os.environ.get("B", "build"), "manrs"))
CACHE = 8282
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, good, note=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL %s: %s" % (name, note))


def skip(why):
    counts["skipped"] += 1
    print("skipped: " + why)


# ---- StayRTR feeds us ----


def stayrtr(folder, path, *options):
    words = ("stayrtr", "-bind", "127.0.0.1:%d" % CACHE, "-cache", path, "-checktime=false", "-metrics.addr", "127.0.0.1:9847")
    process = lab.Process(folder, "stayrtr", *words, *options)
    lab.until(lambda: listens(CACHE), 10)
    return process


def listens(port):
    return ":%d " % port in lab.run("ss", "-Hltn")


def fetched(port, *options):
    """What the command lists: its exit code, its VRPs, what it says on stderr."""
    words = [MANRS, "vrps", "--vrps", "rtr://127.0.0.1:%d" % port, "--format", "csv", "--timeout", "15", *options]
    done = lab.subprocess.run(words, capture_output=True, text=True, timeout=60)
    found = {lab.vrp(p, m, a) for a, p, m in re.findall(r"^AS(\d+),([0-9a-f.:/]+),(\d+)", done.stdout, re.M)}
    return done.returncode, found, done.stderr


def stayrtr_feeds_us(folder):
    if not shutil.which("stayrtr"):
        return skip("no stayrtr")
    path, vrps = os.path.join(folder, "stayrtr.json"), lab.some_vrps(1, 300)
    old = '"provider_authorizations":{"ipv4":[{"customer_asid":64496,"expires":4102444800,"providers":[64500,64501]}],"ipv6":[]}'
    lab.write_json(path, vrps, more=old)
    for version in (0, 1, 2):
        process = stayrtr(folder, path, "-protocol", str(version), "-disable.aspa")
        tap = lab.Tap(CACHE)
        code, found, said = fetched(tap.port)
        check("StayRTR in version %d: the file's VRPs" % version, code == 0 and found == vrps, (code, len(found), said))
        check("... in that version, by few queries", version in tap.spoken and tap.seen["reset"] <= 4 and not tap.seen["error"], (tap.spoken, tap.seen))
        check("... which ends when it is told", process.stop())
    process = stayrtr(folder, path, "-protocol", "2")
    tap = lab.Tap(CACHE)
    code, found, said = fetched(tap.port)
    # It sends the form of a withdrawn draft, with an AFI byte and a count, in a PDU of today's type: Corrupt Data (8210bis 5.12).
    check("StayRTR's ASPAs of an old draft are refused", code in (2, 3) and not found, (code, len(found), said))
    check("... with Error 0, that quotes the PDU", any(key[:16] == "020a00" + "00" * 5 or key.startswith("020a0000") for key in tap.seen), tap.seen)
    check("... and told", "ASPA" in said, said)
    process.stop()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the daemons go too
    why = lab.own_namespaces()
    if why:
        skip(why)
    else:
        folder = lab.scratch()
        try:
            stayrtr_feeds_us(folder)
        finally:
            lab.stop_all()
            shutil.rmtree(folder)
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    return 1 if counts["failed"] else 0


sys.exit(main())
