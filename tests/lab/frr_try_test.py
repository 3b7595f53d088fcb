#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bindings/frr/try.sh, the way from a fresh Debian to a dropped ASPA-invalid route, with the module that is built: what bgpd's own
table has of the neighbour's two routes when the script says that it is done, and that it fails where the other AS lists the
neighbour as a provider, and so nothing is to be dropped (draft-ietf-sidrops-aspa-verification section 5)."""

import os
import re
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frr_module
import lab_hosts as hosts
from lab_case import check, main

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "bindings", "frr", "try.sh")
VALID, INVALID, NEIGHBOUR = "192.0.2.0/24", "203.0.113.0/24", "10.0.0.2"


def started(script, folder, *words):
    # Its network is its own; bgpd's terminal is a file as well, and reached from here.
    environment = dict(os.environ, MODULE=frr_module.OURS, TMPDIR=folder)
    process = subprocess.Popen(["bash", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env=environment, cwd=ROOT)
    timer = threading.Timer(90, process.kill)
    timer.daemon = True
    timer.start()
    return process


def dropped(folder):
    process, said, vty = started(SCRIPT, folder, "stay"), "", None
    for line in process.stdout:
        said += line
        if "is dropped" in line:
            break
    places = [name for name in os.listdir(folder) if name.startswith("tmp.")]
    if check("it says that it is done", "is dropped" in said and len(places) == 1, said):
        vty = hosts.Vty(os.path.join(folder, places[0], "us", "bgpd.vty"))
        routes = hosts.json.loads(vty.ask("show bgp ipv4 unicast json"))["routes"]
        check("the valid route alone is in the table", list(routes) == [VALID], list(routes))
        check("with its path", routes.get(VALID, [{}])[0].get("path") == "64501 64502", routes)
        received = hosts.json.loads(vty.ask("show bgp ipv4 neighbors %s received-routes json" % NEIGHBOUR))["receivedRoutes"]
        paths = {prefix: route["path"] for prefix, route in received.items()}
        check("the neighbour announces both", paths == {VALID: "64501 64502", INVALID: "64501 64503"}, paths)
        explained = vty.ask("show manrs explain " + INVALID)
        check("what is dropped is valid by its origin alone", re.search(r"^ *rov +valid ", explained, re.M), explained)
        check("and invalid by its path", re.search(r"^ *aspa +invalid .*AS64503 does not list AS64501", explained, re.M), explained)
    rest, _ = process.communicate("\n")
    check("it ends well", process.returncode == 0, (process.returncode, rest))
    check("and leaves nothing", not [name for name in os.listdir(folder) if name.startswith("tmp.")], os.listdir(folder))


def nothing_to_drop(folder):
    with open(SCRIPT) as file:
        text = file.read()
    other = text.replace('"customer_asid": 64503, "providers": [64510]', '"customer_asid": 64503, "providers": [64501]').replace("{1..100}", "{1..15}")
    check("the facts are in the script", other.count("[64501]") == 2 and other != text)
    path = os.path.join(folder, "try.sh")
    with open(path, "w") as file:
        file.write(other.replace('cd "$(dirname "$0")/../.."', "cd " + ROOT).replace("bash bindings/frr/try.sh", "bash " + path))
    process = started(path, folder)
    said, _ = process.communicate()
    check("it fails where nothing is invalid", process.returncode == 1 and "not judged" in said, (process.returncode, said))


def missing():
    if hosts.Bgpd.ROOT:
        return "it is for the bgpd of this machine"
    return "" if frr_module.ours_is_here() else "our module is not built: " + frr_module.OURS


main(dropped, nothing_to_drop, missing=missing)
