# SPDX-License-Identifier: BSD-2-Clause
"""Hosts, and what runs on them: a network namespace a host, all on one bridge, 10.99.0.N/16 and 2001:db8:99::N on each one's e0.

    net = Hosts("router", "cache", "one")           router is 10.99.0.1, cache .2, one .3
    net["cache"].start(folder, "rtrd", MANRS, ...)  a process on it, ended by its pid
    net["cache"].cut(), .join()                     its cable

The names are in a /run that only this process and its children have (rtr_lab.own_namespaces): all of it is gone with them."""

import copy
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import threading
import time

import rtr_lab as lab
from lab_case import BUILD, MANRS


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("ip %s: %s" % (" ".join(words), done.stderr.strip()))


class Host:
    def __init__(self, name, number):
        self.name, self.port, self.number = name, "p%d" % number, number
        self.address, self.address6 = "10.99.0.%d" % number, "2001:db8:99::%d" % number
        ip("netns", "add", name)
        ip("link", "add", "e0", "netns", name, "type", "veth", "peer", "name", self.port)
        ip("link", "set", self.port, "master", "br0", "up")
        for words in ("link set lo up", "link set e0 up", "addr add %s/16 dev e0" % self.address, "addr add %s/64 dev e0 nodad" % self.address6):
            ip("-n", name, *words.split())

    def alias(self, number):
        """The same host by another address, 10.99.N.N: for many neighbours of a router without a namespace each."""
        other = copy.copy(self)
        other.address, other.address6 = "10.99.%d.%d" % (100 + number // 250, number % 250 + 1), "2001:db8:99::%x:%x" % (self.number, number + 1)
        ip("-n", self.name, "addr", "add", other.address + "/16", "dev", "e0")
        return other

    def command(self, *words):
        return ("ip", "netns", "exec", self.name, *words)

    def start(self, folder, name, *words, **environment):
        return lab.Process(folder, name, *self.command(*words), **environment)

    def run(self, *words, **more):
        return lab.run(*self.command(*words), **more)

    def listens(self, port, seconds=10):
        if not lab.until(lambda: re.search(r":%d\s" % port, self.run("ss", "-Hltn")), seconds, 0.05):
            raise RuntimeError("nobody listens on port %d of %s" % (port, self.name))

    def cut(self):
        ip("link", "set", self.port, "down")

    def join(self):
        ip("link", "set", self.port, "up")


class Hosts(dict):
    made = 0

    def __init__(self, *names):
        super().__init__()
        if not Hosts.made:
            ip("link", "add", "br0", "type", "bridge")
            ip("link", "set", "br0", "up")
        Hosts.made += 1
        for number, name in enumerate(names, 1):
            self[name] = Host("%s-%d" % (name, Hosts.made), (Hosts.made - 1) * 16 + number)


# ---- caches ----


def rtrd(host, folder, *options, port=8282, name="rtrd"):
    """Ours: `--vrps FILE` and what else it takes."""
    process = host.start(folder, name, MANRS, "rtrd", "--listen", "%s:%d" % (host.address, port), *options)
    host.listens(port, 60)
    return process


def stayrtr(host, folder, path, port=8282):
    process = host.start(folder, "stayrtr", "stayrtr", "-bind", "%s:%d" % (host.address, port), "-cache", path, "-checktime=false",
                         "-refresh", "1", "-metrics.addr", "127.0.0.1:9847")
    host.listens(port)
    return process


# ---- the speaker ----


def write_routes(path, routes):
    """routes: (prefix, path, communities, otc), what is missing at the end is empty; in order."""
    with open(path, "w") as file:
        file.writelines("|".join(map(str, route)) + "\n" for route in routes)


class Speaker:
    """tests/lab/speaker.c on a host. What it says comes as events: `.wait("up")`."""

    def __init__(self, host, folder, to, asn, *options, name="speaker"):
        self.host, self.asn, self.heard_path = host, asn, os.path.join(folder, name + ".heard")
        words = host.command(os.path.join(BUILD, "tests", "lab", "speaker"), "--from", host.address, "--to", to, "--as", str(asn),
                             "--heard", self.heard_path, "--next-hop6", host.address6, *options)
        self.events, self.seen = queue.Queue(), []
        self.folder, self.name, self.files, self.place, self.held = folder, name, 0, 0, {}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        lab.running.append(self)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.events.put(line.rstrip("\n"))
        self.events.put("end")

    def tell(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")

    def wait(self, event, seconds=60):
        """The first event from now on that begins so; None if it does not come. Those before it are in .seen."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self.events.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                return None
            self.seen.append(line)
            if line.startswith(event):
                return line
            if line == "end":
                raise RuntimeError("the speaker ended: %s" % self.seen[-5:])

    def counts(self):
        self.tell("counts")
        return json.loads((self.wait("counts", 120) or "counts {}")[7:])

    def _file(self, routes):
        self.files += 1
        path = os.path.join(self.folder, "%s.%d.routes" % (self.name, self.files))
        write_routes(path, routes)
        return path

    def announce(self, routes):
        """Routes, or the path of a file of them."""
        self.tell("announce", routes if isinstance(routes, str) else self._file(routes))

    def withdraw(self, prefixes):
        self.tell("withdraw", self._file((prefix,) for prefix in prefixes))

    def hear(self):
        """The prefixes that it heard of since it was last asked, in order; .held follows: prefix -> (path, communities, otc)."""
        self.counts()  # written out
        with open(self.heard_path) as file:
            file.seek(self.place)
            text = file.read()
        text = text[: text.rfind("\n") + 1]  # more may be on its way
        self.place += len(text)
        told = []
        for line in text.splitlines():
            what, prefix, *rest = line.split("|")
            if what == "A":
                self.held[prefix] = tuple(rest)
            else:
                self.held.pop(prefix, None)
            told.append(prefix)
        return told

    def heard(self):
        self.hear()
        return dict(self.held)

    def communities(self):
        self.hear()
        return {prefix: route[1] for prefix, route in self.held.items()}

    def stop(self):
        if self in lab.running:
            lab.running.remove(self)
        try:
            self.tell("quit")
            self.process.wait(3)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


# ---- routers that speak BGP ----


class Neighbor:
    """address, AS, role of ours to it as RFC 9234 has it ("" for none), soft: its routes are kept as they came."""

    def __init__(self, host, asn, role="", soft=True, into="", more=()):
        self.host, self.asn, self.role, self.soft, self.into, self.more = host, asn, role, soft, into, tuple(more)


class Bgpd:
    """FRR's, alone. module: `rpki` or the path of another with its arguments, "" for none. MANRS_FRR_ROOT=DIR: that of another
    release, a tree as debootstrap makes one, which sees the scripts' folder (lab_case)."""

    ROOT = os.environ.get("MANRS_FRR_ROOT", "").rstrip("/")
    BGPD = ROOT + "/usr/lib/frr/bgpd"
    under = ()  # `env` and what else it is started by
    programs = (BGPD,)

    def __init__(self, host, folder, asn=65001, module="", name="frr"):
        self.host, self.asn, self.module = host, asn, module
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.conf, self.process, self.zebra = os.path.join(self.folder, "bgpd.conf"), None, None

    def configure(self, neighbors, before=(), after=(), within=()):
        """before: lines ahead of `router bgp`, within: inside, after: behind."""
        lines = ["hostname frr", "log file %s/bgpd.log" % self.folder, *before, "bgp route-map delay-timer 0", "router bgp %d" % self.asn,
                 " bgp router-id " + self.host.address, " no bgp ebgp-requires-policy", " no bgp default ipv4-unicast", " no bgp reject-as-sets",
                 " timers bgp 60 180", *within]
        for n in neighbors:
            a = n.host.address
            lines += [" neighbor %s remote-as %d" % (a, n.asn), " neighbor %s passive" % a, " neighbor %s disable-connected-check" % a,
                      " neighbor %s advertisement-interval 0" % a, " neighbor %s timers connect 1" % a, " no neighbor %s enforce-first-as" % a]
            lines += [" neighbor %s local-role %s" % (a, n.role)] if n.role else []
            lines += [" neighbor %s %s" % (a, more) for more in n.more]
        for family in ("ipv4", "ipv6"):
            lines.append(" address-family %s unicast" % family)
            for n in neighbors:
                a = n.host.address
                lines += ["  neighbor %s activate" % a, "  neighbor %s send-community all" % a, "  neighbor %s maximum-prefix 2000000" % a]
                lines += ["  neighbor %s send-community extended rpki" % a] if self.version() >= (10, 0) else []
                lines += ["  neighbor %s soft-reconfiguration inbound" % a] if n.soft else []
                lines += ["  neighbor %s route-map %s in" % (a, n.into)] if n.into else []
            lines.append(" exit-address-family")
        with open(self.conf, "w") as file:
            file.write("\n".join([*lines, "exit", *after]) + "\n")
        return self

    def start(self):
        module, place = self.module, self.module.split(":", 1)[0]
        if module.startswith("/"):  # where the other release's bgpd can see it
            module = os.path.join(self.folder, "module.so") + module[len(place) :]
            shutil.copy(place, os.path.join(self.folder, "module.so"))
        words = ["/usr/lib/frr/bgpd", "-S", *self.with_zebra(), "-P", "0", *self.listens_on(), "-f", self.conf, "-i",
                 os.path.join(self.folder, "pid"), "--vty_socket", self.folder]
        self.process = self.host.start(self.folder, "bgpd", *self.inside(), *self.under, *words, *(["-M", module] if module else []))
        self.host.listens(179, 30)
        self.vty = Vty(os.path.join(self.folder, "bgpd.vty"))
        bad = [line for line in self.log().splitlines() if "No such command" in line or "on config line" in line]
        if bad:
            raise RuntimeError("bgpd does not take %s: %s" % (self.conf, bad[:3]))
        return self

    def listens_on(self):
        return ["-l", self.host.address]

    @classmethod
    def inside(cls):
        return ["chroot", cls.ROOT] if cls.ROOT else []

    @classmethod
    def version(cls):
        """(8, 4)"""
        return tuple(map(int, re.search(r"version (\d+)\.(\d+)", lab.run(*cls.inside(), "/usr/lib/frr/bgpd", "-v")).groups()))

    def with_zebra(self):
        """Alone, if it can: 10 refuses sessions with IPv6 in them if no zebra tells it of an address. No route goes there."""
        if self.version() < (10, 0):
            return ["-Z"]
        socket_ = os.path.join(self.folder, "zserv.api")
        if not self.zebra:
            conf = os.path.join(self.folder, "zebra.conf")
            with open(conf, "w") as file:
                file.write("hostname zebra\n")
            os.chmod(self.folder, 0o777)  # it changes its user
            self.zebra = self.host.start(self.folder, "zebra", *self.inside(), "/usr/lib/frr/zebra", "-P", "0", "-f", conf, "-i",
                                         os.path.join(self.folder, "zebra.pid"), "--vty_socket", self.folder, "-z", socket_)
            if not lab.until(lambda: os.path.exists(socket_), 10, 0.02):
                raise RuntimeError("no zebra: " + self.zebra.said())
        return ["-n", "-z", socket_]

    def ask(self, *commands):
        return self.vty.ask(*commands)

    def json(self, command):
        return json.loads(self.ask(command) or "{}")

    def received(self, neighbor, family="ipv4"):
        """How many routes it has of a neighbour."""
        found = self.json("show bgp %s unicast summary json" % family)
        return found.get("peers", {}).get(neighbor.address, {}).get("pfxRcd", 0)

    def routes(self, family="ipv4"):
        """prefix -> its paths, as `show bgp ... json` has them."""
        return self.json("show bgp %s unicast json" % family).get("routes", {})

    def memory(self):
        """MiB that it has, and at most had."""
        with open("/proc/%d/status" % self.pid()) as file:
            found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+)", file.read()))
        return int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024

    def pid(self):
        return self.process.process.pid  # `ip netns exec` becomes it

    def alive(self):
        return self.process.process.poll() is None

    def log(self):
        path = os.path.join(self.folder, "bgpd.log")
        with open(path, errors="replace") as file:
            return file.read()

    def tasks(self):
        return "thread" if self.version() < (9, 0) else "event"

    def forget_tasks(self):
        self.ask("clear %s cpu" % self.tasks())

    def longest_tasks(self):
        """Task -> longest run in ms of CPU and of time, of `show thread cpu`."""
        found = {}
        for line in self.ask("show %s cpu" % self.tasks()).splitlines():
            row = re.match(r"\s*\d+\s+[\d.]+\s+\d+\s+\d+\s+(\d+)\s+\d+\s+(\d+)\s+.*?\s(\S+)\s*$", line)
            if row and row[3] != "TOTAL":
                found[row[3]] = (int(row[1]) / 1000, int(row[2]) / 1000)
        return found

    def stop(self):
        return self.process.stop(20)


class Vty:
    """A daemon's own terminal over its unix socket, as vtysh has it: a command ends with a zero byte, an answer with three and
    its result. vtysh itself knows no command of a module."""

    def __init__(self, path, seconds=10):
        end = time.monotonic() + seconds
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.socket.settimeout(120)
        self.ask("enable")

    def one(self, command):
        """The answer and its result, 0 for done."""
        self.socket.sendall(command.encode() + b"\0")
        found = bytearray()
        while len(found) < 4 or found[-4:-1] != b"\0\0\0":
            data = self.socket.recv(1 << 20)
            if not data:
                raise RuntimeError("the daemon has gone at: " + command)
            found += data
        return found[:-4].decode(errors="replace"), found[-1]

    def ask(self, *commands):
        """The last one's answer; a refused one raises."""
        for command in commands:
            answer, result = self.one(command)
            if result not in (0, 1):  # done, and a warning
                raise ValueError("%s: %s (%d)" % (command, answer.strip(), result))
        return answer

    def configure(self, *lines):
        try:
            return self.ask("configure terminal", *lines)
        finally:
            self.ask("end")
