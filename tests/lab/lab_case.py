# SPDX-License-Identifier: BSD-2-Clause
"""How a script of the lab counts, skips and ends: `lab_case.main(part, part...)` gives each part a folder of its own, ends
every process that is left, and keeps the folder where a check of that part failed (LAB_KEEP)."""

import os
import shutil
import signal
import sys
import time
import traceback

import rtr_lab as lab

BUILD = os.path.abspath(os.environ.get("B", "build"))
MANRS = os.path.join(BUILD, "manrs")
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data")
ROOT = os.environ.get("MANRS_FRR_ROOT", "").rstrip("/")  # another release's tree, for its bgpd
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, good, note=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL %s: %s" % (name, str(note)[:2000]), flush=True)
    return good


def skip(why, n=1):
    counts["skipped"] += n
    print("skipped: " + why)


def equal(name, got, wanted):
    """Sets or dicts; of what differs a few are told."""
    if got == wanted:
        return check(name, True)
    got, wanted = (set(x.items()) if isinstance(x, dict) else set(x) for x in (got, wanted))
    missing, more = sorted(map(str, wanted - got)), sorted(map(str, got - wanted))
    return check(name, not missing and not more, "%d missing %s, %d too much %s" % (len(missing), missing[:3], len(more), more[:3]))


def comes(name, what, seconds=20, every=0.05, note=lambda: ""):
    good = lab.until(what, seconds, every)
    return check(name, good, "" if good else note())


def data(*names):
    """The path of a file of real data, None where there is none."""
    path = os.path.normpath(os.path.join(DATA, *names))
    return path if os.path.exists(path) else None


class timed:
    """with timed("what"): what it took is printed."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.began = time.monotonic()

    def __exit__(self, *_):
        print("%s: %.2f s" % (self.what, time.monotonic() - self.began))


def main(*parts, **wanted):
    """wanted: missing=None or a function that says what is not here, "" if all is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped by a time limit: the daemons go too
    why = wanted.get("missing", lambda: "")() or lab.own_namespaces()
    for part in parts if not why else ():
        folder, before = lab.scratch(), counts["failed"]
        if ROOT:
            lab.share(ROOT, folder)
        try:
            part(folder)
        except (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError):
            check(part.__name__ + " came to its end", False, traceback.format_exc())
        finally:
            lab.stop_all()
            if counts["failed"] > before and os.environ.get("LAB_KEEP"):
                shutil.copytree(folder, os.path.join(os.environ["LAB_KEEP"], part.__name__), symlinks=True,
                                ignore=lambda where, names: [n for n in names if not os.path.isfile(os.path.join(where, n)) and not os.path.isdir(os.path.join(where, n))])
            for place in (folder, "/proc", "/run") if ROOT else ():
                lab.run("umount", ROOT + place)
            shutil.rmtree(folder)
    if why:
        skip(why, len(parts))
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    sys.exit(1 if counts["failed"] else 0)
