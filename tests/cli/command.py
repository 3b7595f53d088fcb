# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the command share: run it, count, and say the closing line."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

B = os.environ.get("B", "build")
MANRS = os.path.join(B, "manrs")
DATA = os.environ.get("MANRS_DATA", "../shared/data")
lock = threading.Lock()
counts = {"passed": 0, "failed": 0, "skipped": 0}
folder = tempfile.TemporaryDirectory()
# A shell ignores it for what runs in its background, and so would the command.
signal.signal(signal.SIGINT, signal.default_int_handler)


def manrs(*args, stdin=b"", env=None):
    """Run the command. Gives (exit status, stdout, stderr)."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    done = subprocess.run([MANRS, *map(str, args)], input=stdin, capture_output=True, env=env)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def path(name):
    return os.path.join(folder.name, name)


def write(name, content):
    """A file of the test's own folder; gives its path."""
    if isinstance(content, str):
        content = content.encode()
    with open(path(name), "wb") as f:
        f.write(content)
    return path(name)


def check(name, got, want=True):
    with lock:  # some tests have threads
        counts["passed" if got == want else "failed"] += 1
        if got != want:
            print("failed:", name)
            print("  want:", repr(want)[:2000])
            print("  got: ", repr(got)[:2000])
    return got == want


def skip(why):
    counts["skipped"] += 1
    print("skipped:", why)


def shared(name):
    """A file of the shared data, or None."""
    full = os.path.join(DATA, name)
    return full if os.path.exists(full) else None


def csv(*vrps):
    return "ASN,IP Prefix,Max Length,Trust Anchor\n" + "".join(v + "\n" for v in vrps)


def close():
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
    folder.cleanup()
    sys.exit(1 if counts["failed"] else 0)
