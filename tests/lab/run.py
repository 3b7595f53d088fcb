#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lab: every tests/lab/*_test.py, several side by side, and their closing lines added up.

run.py [NAME...]     all, or those of these names (`frr_rov` or tests/lab/frr_rov_test.py)
    B         the build folder; a script's output is B/lab/NAME.log, what its daemons said when it failed B/lab/NAME/
    JOBS      how many at a time (3: they wait more than they work)
    LIMIT     seconds for one (540)

Each has processes, network, mounts and /run of its own, and a folder for its files: all its daemons end with it, no name, port or
path of the machine is used, and nothing is left, also of one that is interrupted or ends by itself. Where that is not allowed the
scripts run as they are, and skip what they cannot do."""

import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

B = os.environ.get("B", "build")
HERE = os.path.dirname(os.path.abspath(__file__))
LOGS = os.path.join(os.path.abspath(B), "lab")
TIMES = os.path.join(LOGS, "seconds")
LIMIT = float(os.environ.get("LIMIT", 540))
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
# Without this process the first of a script's goes, and with that, as it is the first of its namespace, all others.
OWN = ["setpriv", "--pdeathsig", "KILL", "unshare", "--fork", "--pid", "--mount", "--net", "--mount-proc", "--kill-child", "sh", "-c",
       'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"', "-"]
LONG = ("frr_million", "frr_caches", "frr_deltas", "frr_rov", "frr_paths")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SCRATCH = os.path.join(tempfile.gettempdir(), "manrs-lab-%d" % os.getpid())
started, lock, stopping = set(), threading.Lock(), threading.Event()


def scripts(names):
    wanted = {re.sub(r"_test\.py$", "", os.path.basename(name)) for name in names}
    found = {re.sub(r"_test\.py$", "", os.path.basename(path)): path for path in glob.glob(os.path.join(HERE, "*_test.py"))}
    if wanted - set(found):
        sys.exit("no such script: " + " ".join(sorted(wanted - set(found))))
    before = {}
    if os.path.exists(TIMES):
        with open(TIMES) as file:
            before = {name: float(seconds) for name, seconds in (line.split() for line in file)}
    # The longest of last time first, and before all those that were never timed: none is left running alone in the end.
    return sorted(((name, path) for name, path in found.items() if not wanted or name in wanted),
                  key=lambda one: (-before.get(one[0], 1e9), LONG.index(one[0]) if one[0] in LONG else len(LONG), one[0]))


def of_its_own():
    """What gives a script a machine of its own, if that is allowed here."""
    try:
        return OWN if subprocess.run([*OWN, "true"], capture_output=True, timeout=20).returncode == 0 else []
    except (OSError, subprocess.TimeoutExpired):
        return []


def forget(folder):
    """What a script left there, and where it showed that to another release's tree."""
    for root in {"", os.environ.get("MANRS_FRR_ROOT", ""), os.environ.get("MANRS_LAB_ROOT", "")}:
        shutil.rmtree(root + folder, ignore_errors=True)


def run(name, path, own):
    """The script's counts, seconds, and what to print of it."""
    if stopping.is_set():
        return name, (0, 0, 0), 0, ""
    scratch = os.path.join(SCRATCH, name)
    os.mkdir(scratch, 0o755)
    log, kept = os.path.join(LOGS, name + ".log"), os.path.join(LOGS, name)
    shutil.rmtree(kept, ignore_errors=True)
    began, late = time.monotonic(), False
    with open(log, "wb") as out:
        environment = dict(os.environ, B=os.path.abspath(B), LAB_KEEP=kept, TMPDIR=scratch, PYTHONUNBUFFERED="1")
        process = subprocess.Popen([*own, sys.executable, path], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                   env=environment, cwd=os.path.join(HERE, "..", ".."), start_new_session=True)
        with lock:
            started.add(process)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            late = True
            end([process])
        with lock:
            started.discard(process)
    forget(scratch)
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


def end(processes):
    """By their pids; in a machine of its own all that one started ends too."""
    for number, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        for process in processes:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                pass
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if all(process.poll() is not None for process in processes):
                return
            time.sleep(0.05)


def stopped(number, _):
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    stopping.set()
    with lock:
        processes = list(started)
    print("interrupted: %d are ended" % len(processes), flush=True)
    end(processes)
    forget(SCRATCH)
    os._exit(128 + number)


def main():
    those = scripts(sys.argv[1:])
    os.makedirs(LOGS, exist_ok=True)
    for number in SIGNALS:
        signal.signal(number, stopped)
    os.mkdir(SCRATCH)
    os.chmod(SCRATCH, 0o755)
    own, total, times, bad = of_its_own(), [0, 0, 0], {}, []
    if not own:
        print("no namespaces here: what needs them is skipped")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", 3))) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, name, path, own) for name, path in those]):
            name, counts, seconds, show = future.result()
            print("== %s: %d passed, %d failed, %d skipped, %.1f s" % (name, *counts, seconds))
            print(show, end="", flush=True)
            total = [a + b for a, b in zip(total, counts)]
            times[name] = seconds
            bad += [name] if counts[1] else []
    forget(SCRATCH)
    if not sys.argv[1:]:
        with open(TIMES, "w") as file:
            file.writelines("%s %.1f\n" % one for one in times.items())
    print("".join("failed: %s\n" % name for name in bad) + "the lab took %.0f s" % (time.monotonic() - began))
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] else 0


sys.exit(main())
