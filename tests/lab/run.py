#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lab: every tests/lab/*_test.py, several side by side, and their closing lines added up.

run.py [NAME...]     all, or those of these names (`frr_rov` or tests/lab/frr_rov_test.py)
    B         the build folder; a script's output is B/lab/NAME.log, what its daemons said when it failed B/lab/NAME/
    JOBS      how many at a time (3: they wait more than they work)
    LIMIT     seconds for one (420)

Each has processes, network, mounts and /run of its own: all its daemons end with it, and no name, port or path of the machine
is used. Where that is not allowed the scripts run as they are, and skip what they cannot do."""

import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

B = os.environ.get("B", "build")
HERE = os.path.dirname(os.path.abspath(__file__))
LOGS = os.path.join(os.path.abspath(B), "lab")
TIMES = os.path.join(LOGS, "seconds")
LIMIT = float(os.environ.get("LIMIT", 420))
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
OWN = ["unshare", "--fork", "--pid", "--mount", "--net", "--mount-proc", "--kill-child", "sh", "-c",
       'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"', "-"]
started, lock = set(), threading.Lock()


def scripts(names):
    wanted = {re.sub(r"_test\.py$", "", os.path.basename(name)) for name in names}
    found = {re.sub(r"_test\.py$", "", os.path.basename(path)): path for path in glob.glob(os.path.join(HERE, "*_test.py"))}
    if wanted - set(found):
        sys.exit("no such script: " + " ".join(sorted(wanted - set(found))))
    before = {}
    if os.path.exists(TIMES):
        with open(TIMES) as file:
            before = {name: float(seconds) for name, seconds in (line.split() for line in file)}
    # The longest of last time first: none is left running alone in the end.
    return sorted(((name, path) for name, path in found.items() if not wanted or name in wanted), key=lambda one: -before.get(one[0], 1e9))


def of_its_own():
    """What gives a script a machine of its own, if that is allowed here."""
    try:
        return OWN if subprocess.run([*OWN, "true"], capture_output=True, timeout=20).returncode == 0 else []
    except (OSError, subprocess.TimeoutExpired):
        return []


def run(name, path, own):
    """The script's counts, seconds, and what to print of it."""
    log, kept = os.path.join(LOGS, name + ".log"), os.path.join(LOGS, name)
    shutil.rmtree(kept, ignore_errors=True)
    began, late = time.monotonic(), False
    with open(log, "wb") as out:
        environment = dict(os.environ, B=os.path.abspath(B), LAB_KEEP=kept, PYTHONUNBUFFERED="1")
        process = subprocess.Popen([*own, sys.executable, path], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   env=environment, cwd=os.path.join(HERE, "..", ".."), start_new_session=True)
        with lock:
            started.add(process)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            late = True
            end(process)
        with lock:
            started.discard(process)
    seconds = time.monotonic() - began
    with open(log, errors="replace") as file:
        said = file.read()
    lines = CLOSING.findall(said)
    passed, failed, skipped = (int(number or 0) for number in lines[-1]) if lines else (0, 0, 0)
    if late:
        said += "ended after %d s\n" % LIMIT
    if (late or process.returncode or not lines) and not failed:
        said += "exit %s%s\n" % (process.returncode, "" if lines else ", no closing line")
        failed = 1
    show = said if failed else "".join(line for line in said.splitlines(True) if not CLOSING.match(line) and not line.startswith("ok "))
    if failed and os.path.isdir(kept):
        show += "what its daemons said: %s\n" % kept
    return name, (passed, failed, skipped), seconds, show


def end(process):
    """By its pid; in a machine of its own all that it started ends too."""
    for number, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
            process.wait(seconds)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def stopped(*_):
    with lock:
        for process in list(started):
            end(process)
    os._exit(1)


def main():
    os.makedirs(LOGS, exist_ok=True)
    own, total, times, bad = of_its_own(), [0, 0, 0], {}, []
    signal.signal(signal.SIGTERM, stopped)
    signal.signal(signal.SIGINT, stopped)
    if not own:
        print("no namespaces here: what needs them is skipped")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", 3))) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, name, path, own) for name, path in scripts(sys.argv[1:])]):
            name, counts, seconds, show = future.result()
            print("== %s: %d passed, %d failed, %d skipped, %.1f s" % (name, *counts, seconds))
            print(show, end="", flush=True)
            total = [a + b for a, b in zip(total, counts)]
            times[name] = seconds
            bad += [name] if counts[1] else []
    if not sys.argv[1:]:
        with open(TIMES, "w") as file:
            file.writelines("%s %.1f\n" % one for one in times.items())
    print("".join("failed: %s\n" % name for name in bad) + "the lab took %.0f s" % (time.monotonic() - began))
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


sys.exit(main())
