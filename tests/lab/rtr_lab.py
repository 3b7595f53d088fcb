# SPDX-License-Identifier: BSD-2-Clause
"""What the RTR tests with real daemons share: a network of their own, taps between cache and routers, the daemons.

    cache (127.0.0.1) <--- Tap: counts PDUs, cuts connections <--- FRR, BIRD, OpenBGPD, GoBGP, rtrclient, rpki-rov

All of it in a network and a mount namespace that only this process and its children have: nothing has to be cleaned up
but processes, and no port or path of the machine is used.
"""

import collections
import ctypes
import functools
import glob
import ipaddress
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
QUERY = {1: "serial", 2: "reset"}
ANSWER = {3: "response", 8: "cache reset", 10: "error"}


def own_namespaces():
    """Network and mounts of our own, /run empty. What is in the way, or ""."""
    if os.geteuid():
        return "not root"
    if not shutil.which("ip"):
        return "no ip"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET | CLONE_NEWNS):
        return "no namespaces: " + os.strerror(ctypes.get_errno())
    os.makedirs("/var/tmp/frr", exist_ok=True)  # where FRR's daemons keep a folder each, named after their pid
    for command in ("mount --make-rprivate /", "mount -t tmpfs tmpfs /run", "mount -t tmpfs tmpfs /var/tmp/frr", "ip link set lo up"):
        done = subprocess.run(command.split(), capture_output=True, text=True)
        if done.returncode:
            return "%s: %s" % (command, done.stderr.strip())
    os.mkdir("/run/openbgpd")
    return ""


def share(root, folder):
    """Our folder, /proc and an empty /run in the tree of another release; gone with our mounts."""
    os.makedirs(root + folder, exist_ok=True)
    for words in (["--bind", folder, root + folder], ["-t", "proc", "proc", root + "/proc"], ["-t", "tmpfs", "tmpfs", root + "/run"]):
        subprocess.run(["mount", *words], check=True)
    os.mkdir(root + "/run/openbgpd")


def until(what, seconds, every=0.1):
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while True:
        if what():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(every)


def run(*command, text=None, seconds=20):
    try:
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds).stdout
    except subprocess.TimeoutExpired:
        return ""


# ---- VRPs, and what RFC 6811 section 2 says with them ----


def vrp(prefix, maxlen, asn):
    return str(ipaddress.ip_network(prefix)), int(maxlen), int(asn)


def some_vrps(seed, n):
    """n of them, in one another, of both families, some AS0."""
    rng, found = random.Random(seed), set()
    while len(found) < n:
        bits, base = rng.choice([(32, 10 << 24), (32, 172 << 24 | 16 << 16), (128, 0x20010DB8 << 96)])
        length = rng.choice([12, 16, 16, 20, 22, 24, 24] if bits == 32 else [32, 40, 44, 48, 48, 56])
        low = rng.getrandbits(3) << (bits - length) | rng.getrandbits(3) << (bits - length + 4)
        net = ipaddress.ip_network(((base | low) >> (bits - length) << (bits - length), length))
        found.add((str(net), min(bits, length + rng.choice([0, 0, 0, 2, 8])), rng.choice([0] + [64496 + rng.randrange(9)] * 9)))
    return found


network = functools.lru_cache(maxsize=None)(ipaddress.ip_network)


def state(vrps, prefix, asn):
    net, covered = network(prefix), False
    for text, maxlen, origin in vrps:
        by = network(text)
        if by.version == net.version and by.prefixlen <= net.prefixlen and net.subnet_of(by):
            covered = True
            if origin == asn and asn and net.prefixlen <= maxlen:
                return "valid"
    return "invalid" if covered else "not-found"


def some_routes(vrps, seed, n):
    """Routes with and without a VRP, each prefix once."""
    rng, found = random.Random(seed), {}
    for text, maxlen, origin in rng.sample(sorted(vrps), n):
        net = ipaddress.ip_network(text)
        length = min(net.max_prefixlen, net.prefixlen + rng.choice([0, 0, 1, 3]))
        route = next(net.subnets(new_prefix=length))
        found[str(route)] = rng.choice([origin or 64500, 64496 + rng.randrange(9)])
    found["192.0.2.0/24"], found["2001:db9::/32"] = 64496, 64497
    return found


def write_json(path, vrps, aspas=(), more='"bgpsec_keys":[]'):
    """As rpki-client and Routinator write it, through a rename, as they do: which takes the place of a device as well."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise RuntimeError(path + " is no file")
    rows = ['{"asn":"AS%d","prefix":"%s","maxLength":%d,"ta":"lab","expires":4102444800}' % (a, p, m) for p, m, a in sorted(vrps)]
    lists = ['{"customer_asid":%d,"expires":4102444800,"providers":[%s]}' % (c, ",".join(map(str, sorted(p)))) for c, p in sorted(aspas)]
    with open(path + ".new", "w") as file:
        file.write('{"metadata":{},"roas":[%s],"aspas":[%s],%s}\n' % (",\n".join(rows), ",\n".join(lists), more))
    os.rename(path + ".new", path)


# ---- processes ----


running = []


def stop_all():
    for process in list(running):
        process.stop()


class Process:
    """Its output goes to a file; it is ended by its pid."""

    def __init__(self, folder, name, *command, **environment):
        self.log = os.path.join(folder, name + ".log")
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(os.environ, **environment),
                start_new_session=True,
            )
        running.append(self)

    def said(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def stop(self, seconds=5):
        """Whether SIGTERM was enough."""
        if self in running:
            running.remove(self)
        self.process.terminate()
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False


class Tap:
    """A port of its own for one router: passes PDUs on, counts queries and answers, and cuts when told."""

    def __init__(self, port):
        self.to, self.seen, self.answers, self.versions = port, collections.Counter(), collections.Counter(), set()
        self.spoken = set()  # the versions of answers
        self.pairs, self.open = [], True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            router = self.listener.accept()[0]
            try:
                if not self.open:
                    raise OSError
                cache = socket.create_connection(("127.0.0.1", self.to), 5)
                cache.settimeout(None)
            except OSError:
                router.close()
                continue
            self.pairs.append((router, cache))
            for one, other, note in ((router, cache, self._query), (cache, router, self._answer)):
                threading.Thread(target=self._pass, args=(one, other, note), daemon=True).start()

    def _pass(self, one, other, note):
        kept = bytearray()
        try:
            while True:
                data = one.recv(1 << 16)
                if not data:
                    break
                kept += data
                at = 0
                while len(kept) - at >= 8:
                    length = struct.unpack_from("!I", kept, at + 4)[0]
                    if length < 8 or len(kept) - at < length:
                        break
                    note(kept, at, length)
                    at += length
                other.sendall(kept[:at])
                del kept[:at]
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _query(self, pdus, at, length):
        version, kind = pdus[at], pdus[at + 1]
        self.versions.add(version)
        self.seen[QUERY.get(kind, "error" if kind == 10 else kind)] += 1
        if kind == 10:
            self.seen[pdus[at : at + length].hex()] += 1

    def _answer(self, pdus, at, length):
        kind = pdus[at + 1]
        self.spoken.add(pdus[at])
        if kind in ANSWER and not (kind == 10 and pdus[at + 3] == 12):  # 12: the cache says that it goes
            self.answers[ANSWER[kind]] += 1

    def cut(self):
        """Every connection ends with a reset, as one that a box on the way has forgotten."""
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for end in pair:
                try:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()


# ---- routers: start on a cache's port, say what they have ----


class Router:
    """root: a folder with another release in it, for chroot, "" for this machine."""

    name, programs = "", ()
    keeps_its_session = True  # over a lost connection
    keeps_withdrawn = ()  # what may stay of that which went while the connection was lost
    aspas = None

    def __init__(self, folder, root=""):
        self.root, self.folder = root, os.path.join(folder, self.name)
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)

    @classmethod
    def missing(cls, root=""):
        """The program that is not there, if any."""
        for program in cls.programs:
            places = ("/usr/sbin/", "/usr/bin/", "/usr/lib/frr/modules/", "/usr/lib/*/frr/modules/") if "/" not in program else ("",)
            if not any(glob.glob(root + place + program) for place in places):
                return program
        return ""

    def command(self, *words):
        return (["chroot", self.root] if self.root else []) + list(words)

    def file(self, name, text="", mode=0o644):
        path = os.path.join(self.folder, name)
        if text:
            with open(path, "w") as file:
                file.write(text)
            os.chmod(path, mode)
        return path

    def ask(self, *words, **more):
        return run(*self.command(*words), **more)

    def start(self, port):
        raise NotImplementedError

    def stop(self):
        self.process.stop()


class Frr(Router):
    name, programs = "frr", ("/usr/lib/frr/bgpd", "vtysh", "bgpd_rpki.so")
    cache = "rpki cache"

    def start(self, port):
        conf = self.file(
            "bgpd.conf",
            "hostname frr\nrpki\n rpki polling_period 60\n rpki retry_interval 1\n %s 127.0.0.1 %d preference 1\nexit\nrouter bgp 65001\n" % (self.cache, port),
        )
        words = ("/usr/lib/frr/bgpd", "-S", "-Z", "-P", "0", "-p", "0", "-f", conf, "-i", self.file("pid"), "--vty_socket", self.folder, "-M", "rpki")
        self.process = Process(self.folder, "bgpd", *self.command(*words))

    def vrps(self):
        out = self.ask("vtysh", "--vty_socket", self.folder, "-d", "bgpd", "-c", "show rpki prefix-table")
        return {vrp("%s/%s" % r[:2], *r[2:]) for r in re.findall(r"^([0-9a-f.:]+) +(\d+) +- +(\d+) +(\d+)$", out, re.M)}


class Frr10(Frr):
    cache = "rpki cache tcp"


class Bird(Router):
    name, programs = "bird", ("bird", "birdc")
    more = ""

    def start(self, port):
        conf = self.file(
            "bird.conf",
            "router id 10.0.0.2;\nroa4 table r4;\nroa6 table r6;\n%s\nprotocol device {}\nprotocol rpki cache1 { roa4 { table r4; }; roa6 { table r6; };"
            "%s remote 127.0.0.1 port %d; retry keep 1; refresh keep 60; expire keep 600; }\n" % (self.more and "aspa table a1;", self.more, port),
        )
        self.control = self.file("ctl")
        self.process = Process(self.folder, "out", *self.command("bird", "-f", "-c", conf, "-s", self.control))

    def vrps(self):
        out = "".join(self.ask("birdc", "-r", "-s", self.control, "show route table " + table) for table in ("r4", "r6"))
        return {vrp(*r) for r in re.findall(r"^([0-9a-f.:]+/\d+)-(\d+) AS(\d+)", out, re.M)}


class Bird2(Bird):
    """From 2.16 on, 3 too: ASPAs over version 2. After a lost connection it asks for everything, and keeps beside it an ASPA
    that the answer no longer has: 2.20."""

    name, more = "bird", " aspa { table a1; }; max version 2;"
    keeps_its_session, keeps_withdrawn = False, ("ASPAs",)  # Error 12, of a cache that is restarted, is fatal to 2.20

    def aspas(self):
        out = self.ask("birdc", "-r", "-s", self.control, "show route table a1 all")
        found = re.findall(r"^(\d+) +\[.*\n(?:.*\n)*?\s+aspa_providers: ([\d ]*)$", out, re.M)
        return {(int(customer), tuple(sorted(map(int, providers.split())))) for customer, providers in found}


class GoBgp(Router):
    # After a lost connection it asks for everything, and keeps beside it what it had: 3.10 and 4.8, with StayRTR as well.
    name, programs = "gobgp", ("gobgpd", "gobgp")
    keeps_its_session, keeps_withdrawn = False, ("VRPs",)

    def start(self, port):
        conf = self.file(
            "gobgpd.toml",
            '[global.config]\n  as = 65005\n  router-id = "10.0.0.5"\n  port = -1\n[[rpki-servers]]\n  [rpki-servers.config]\n'
            '    address = "127.0.0.1"\n    port = %d\n' % port,
        )
        self.process = Process(self.folder, "out", *self.command("gobgpd", "-f", conf, "--api-hosts", "127.0.0.1:50051", "--log-plain", "--pprof-disable"))

    def vrps(self):
        out = "".join(self.ask("gobgp", "rpki", "table", "-a", family) for family in ("ipv4", "ipv6"))
        return {vrp(*r) for r in re.findall(r"^([0-9a-f.:]+/\d+) +(\d+) +(\d+) ", out, re.M)}


class RtrClient(Router):
    """rtrlib's, left running: each update is a line."""

    name, programs = "rtrclient", ("rtrclient",)

    def start(self, port):
        self.process = Process(self.folder, "out", *self.command("stdbuf", "-oL", "rtrclient", "-p", "tcp", "127.0.0.1", str(port)))

    def vrps(self):
        found = set()
        for sign, *row in re.findall(r"^([+-]) +(\S+) +(\d+) +- +(\d+) +(\d+)$", self.process.said(), re.M):
            (found.add if sign == "+" else found.discard)(vrp("%s/%s" % tuple(row[:2]), *row[2:]))
        return found


class RpkiRov(Router):
    """rtrlib's, started for each round of questions, as it ends with its connection."""

    name, programs = "rpki-rov", ("rpki-rov",)
    keeps_its_session = False
    STATES = {"0": "valid", "1": "not-found", "2": "invalid"}

    def start(self, port):
        self.port = port

    def states(self, routes):
        asked = "".join("%s %s %d\n" % (*prefix.split("/"), asn) for prefix, asn in routes.items())
        out = self.ask("rpki-rov", "127.0.0.1", str(self.port), text=asked)
        lines = [line.rsplit("|", 1)[-1].strip() for line in out.splitlines() if "|" in line]
        return {prefix: self.STATES.get(answer, answer) for prefix, answer in zip(routes, lines)}

    def stop(self):
        pass


class OpenBgpd(Router):
    """Judges routes that a speaker in this file announces; it lists sets by their numbers alone."""

    name, programs = "openbgpd", ("/usr/sbin/bgpd", "bgpctl")
    more = ""

    def start(self, port):
        conf = self.file(
            "bgpd.conf",
            "AS 65003\nrouter-id 10.0.0.3\nlisten on 127.0.0.3\nfib-update no\nsocket \"%s\"\nrtr 127.0.0.1 {\n port %d\n%s}\n"
            "neighbor 127.0.0.4 {\n remote-as 65004\n local-address 127.0.0.3\n announce IPv4 unicast\n announce IPv6 unicast\n enforce neighbor-as no\n}\nallow from any\n"
            % (self.file("sock"), port, self.more),
            0o600,
        )
        self.process = Process(self.folder, "out", *self.command("/usr/sbin/bgpd", "-d", "-v", "-f", conf))

    def announce(self, routes):
        self.speaker = Speaker("127.0.0.4", "127.0.0.3", 65004, routes)

    def states(self, routes):
        out = self.ask("bgpctl", "-s", self.file("sock"), "show", "rib")
        words = {"V": "valid", "N": "not-found", "!": "invalid"}
        found = re.findall(r"^[ *>IASFmiE]*? *([VN!])-?\S* +([0-9a-f.:]+/\d+) ", out, re.M)
        return {str(ipaddress.ip_network(prefix)): words[letter] for letter, prefix in found}


class OpenBgpd9(OpenBgpd):
    """From 8.4 on: ASPAs over version 2; listed by their number alone."""

    name, more = "openbgpd", " min-version 2\n"

    def count(self):
        out = self.ask("bgpctl", "-s", self.file("sock"), "show", "sets")
        return sum(map(int, re.findall(r"^ASPA +RPKI ASPA +- +- +(\d+)", out, re.M)))


class Speaker:
    """BGP enough to announce routes with an origin each, and to stay (RFC 4271, 4760, 6793)."""

    NEXT_HOP_6 = "2001:db8:ffff::4"

    def __init__(self, source, target, asn, routes):
        self.socket, self.source, self.asn = None, source, asn
        for _ in range(100):
            try:
                self.socket = socket.create_connection((target, 179), 5, (source, 0))
                break
            except OSError:
                time.sleep(0.1)
        if self.socket is None:
            raise RuntimeError("no BGP speaker at " + target)
        self.socket.settimeout(None)
        capabilities = b"".join(struct.pack("!BB", code, len(value)) + value for code, value in (
            (1, struct.pack("!HBB", 1, 0, 1)), (1, struct.pack("!HBB", 2, 0, 1)), (65, struct.pack("!I", asn))))
        identifier = b"\x0a\0\0" + socket.inet_aton(source)[3:]
        self._send(1, struct.pack("!BHH4sBBBB", 4, asn, 240, identifier, len(capabilities) + 2, 2, len(capabilities), 0)[:-1] + capabilities)
        self._read()
        self._send(4, b"")
        self.announce(routes)
        threading.Thread(target=self._stay, daemon=True).start()

    def announce(self, routes):
        for prefix, origin in routes.items():
            self._send(2, self._update(ipaddress.ip_network(prefix), origin))

    def withdraw(self, prefixes):
        for net in map(ipaddress.ip_network, prefixes):
            gone = self._nlri(net)
            if net.version == 4:
                self._send(2, struct.pack("!H", len(gone)) + gone + b"\0\0")
            else:
                unreach = b"\x80\x0f" + bytes([3 + len(gone)]) + struct.pack("!HB", 2, 1) + gone
                self._send(2, struct.pack("!HH", 0, len(unreach)) + unreach)

    def _send(self, kind, body):
        self.socket.sendall(b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body)

    def _read(self):
        head = self.socket.recv(19, socket.MSG_WAITALL)
        return self.socket.recv(struct.unpack_from("!H", head, 16)[0] - 19, socket.MSG_WAITALL) if len(head) == 19 else None

    @staticmethod
    def _nlri(net):
        return bytes([net.prefixlen]) + net.network_address.packed[: (net.prefixlen + 7) // 8]

    def _update(self, net, origin):
        path = struct.pack("!BBII", 2, 2, self.asn, origin)
        attributes = b"\x40\x01\x01\x00" + b"\x40\x02" + bytes([len(path)]) + path
        if net.version == 4:
            attributes += b"\x40\x03\x04" + socket.inet_aton(self.source)
            return struct.pack("!HH", 0, len(attributes)) + attributes + self._nlri(net)
        reach = struct.pack("!HBB", 2, 1, 16) + socket.inet_pton(socket.AF_INET6, self.NEXT_HOP_6) + b"\0" + self._nlri(net)
        attributes += b"\x80\x0e" + bytes([len(reach)]) + reach
        return struct.pack("!HH", 0, len(attributes)) + attributes

    def _stay(self):
        try:
            while self._read() is not None:
                self._send(4, b"")
        except OSError:
            pass

    def close(self):
        self.socket.close()


def scratch():
    """A folder for daemons that change their user."""
    folder = tempfile.mkdtemp(prefix="rtr-lab-")
    os.chmod(folder, 0o755)
    return folder
