# SPDX-License-Identifier: BSD-2-Clause
"""manrs.Rtr against a small cache in this file, that encodes by RFC 8210 section 5 and 8210bis section 5 and shares nothing
with the library. Time is pushed on by the test, never waited for; what is waited for is an event, with a generous end."""

import asyncio
import contextlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import unittest
import weakref
from unittest import mock

import manrs

END_S = 60
NOTIFY, SERIAL_QUERY, RESET_QUERY, RESPONSE, IPV4, IPV6, END, RESET, KEY, ERROR, ASPA = 0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
A = ("192.0.2.0/24", 24, 64496)
B = ("198.51.100.0/24", 25, 64497)
C = ("2001:db8::/32", 48, 64498)
D = ("203.0.113.0/24", 24, 64499)
ASPA_1 = (64496, (64500, 64501))
KEY_1 = (64496, b"\x11" * 20, b"\x30\x59" + b"\x22" * 60)


def head(version, kind, session, rest=b""):
    return struct.pack("!BBHI", version, kind, session, 8 + len(rest)) + rest


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def record(version, one, announce=1):
    """A VRP (prefix, maxlen, asn), an ASPA (customer, providers) or a router key (asn, ski, spki)."""
    if isinstance(one[0], str):
        address, length = one[0].split("/")
        rest = struct.pack("!BBBB", announce, int(length), one[1], 0) + packed(address) + struct.pack("!I", one[2])
        return head(version, IPV6 if ":" in address else IPV4, 0, rest)
    if len(one) == 2:
        providers = one[1] if announce else ()
        return head(version, ASPA, announce << 8, struct.pack("!%dI" % (1 + len(providers)), one[0], *providers))
    return head(version, KEY, announce << 8, one[1] + struct.pack("!I", one[0]) + one[2])


def end(version, session, serial):
    timers = struct.pack("!III", 3600, 600, 7200) if version else b""
    return head(version, END, session, struct.pack("!I", serial) + timers)


class Cache:
    """A cache of sets by serial. `answer(cache, query, version, session, serial)` in its place gives other bytes."""

    def __init__(self, records, version=2, session=7, answer=None, context=None):
        self.sets, self.version, self.session = {1: list(records)}, version, session
        self.answer, self.context = answer or Cache.right, context
        self.queries, self.errors, self.writers = [], [], []
        self.news = asyncio.Event()
        # A socket that does not listen keeps the port for a cache that is closed and opened again.
        self.bound = socket.socket()
        self.bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.bound.bind(("127.0.0.1", 0))
        self.port = self.bound.getsockname()[1]
        weakref.finalize(self, self.bound.close)

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, ssl=self.context)
        return self

    async def __aexit__(self, *exc):
        self.server.close()
        self.drop()

    def drop(self):
        for writer in self.writers:
            writer.transport.abort()
        self.writers = []

    @property
    def serial(self):
        return max(self.sets)

    def publish(self, records):
        self.sets[self.serial + 1] = list(records)
        for writer in self.writers:
            writer.write(head(self.version, NOTIFY, self.session, struct.pack("!I", self.serial)))

    def right(self, query, version, session, serial):
        if query == SERIAL_QUERY and session == self.session and serial in self.sets:
            before, after = self.sets[serial], self.sets[self.serial]
            body = [record(version, r) for r in after if r not in before]
            replaced = {r[0] for r in after if len(r) == 2}  # 8210bis 5.12: an ASPA replaces the customer's earlier one
            body += [record(version, r, 0) for r in before if r not in after and r[0] not in replaced]
        elif query == SERIAL_QUERY:
            return head(version, RESET, 0)
        else:
            body = [record(version, r) for r in self.sets[self.serial]]
        return head(version, RESPONSE, self.session) + b"".join(body) + end(version, self.session, self.serial)

    async def serve(self, reader, writer):
        self.writers.append(writer)
        with contextlib.suppress(OSError, EOFError):
            while True:
                version, kind, session, length = struct.unpack("!BBHI", await reader.readexactly(8))
                rest = await reader.readexactly(length - 8)
                if kind == ERROR:
                    n = struct.unpack("!I", rest[:4])[0]
                    self.errors.append((session, rest[4 : 4 + n]))
                else:
                    self.queries.append((version, kind))
                    serial = struct.unpack("!I", rest)[0] if rest else 0
                    writer.write(self.answer(self, kind, min(version, self.version), session, serial))
                self.news.set()
        writer.close()
        self.news.set()

    async def until(self, true):
        while not true():
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), END_S)


class Rtr(manrs.Rtr):
    """With a clock that the test moves."""

    ahead = 0

    def _publish(self, db, use, news=True):
        super()._publish(db, use, news)
        self.published = getattr(self, "published", []) + [vrps(db)]

    def _now_ms(self):
        return super()._now_ms() + self.ahead

    def later(self, seconds):
        self.ahead += 1000 * seconds
        for cache in self._caches:
            cache.poke()


def vrps(db):
    return sorted(db.vrps())


async def until(true):
    end = asyncio.get_running_loop().time() + END_S
    while not true():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.001)


async def change(rtr):
    return await asyncio.wait_for(rtr.__anext__(), END_S)


class Feeding(unittest.IsolatedAsyncioTestCase):
    async def test_whole_set_of_each_version(self):
        for version in (0, 1, 2):
            async with Cache([A, B, C, ASPA_1, KEY_1][: 3 if version == 0 else 5]) as cache:
                if version == 1:
                    cache.sets[1].remove(ASPA_1)
                async with Rtr("127.0.0.1", cache.port, max_version=version) as rtr:
                    db = (await change(rtr)).db
                    self.assertEqual(vrps(db), sorted([A, B, C]))
                    self.assertEqual(db.aspas(), {64496: [64500, 64501]} if version == 2 else {})
                    self.assertEqual(list(db.keys()), [KEY_1] if version else [])
                    self.assertIs(rtr.db, db)
                    status = rtr.status[0]
                    self.assertEqual((status.version, status.session, status.serial), (version, 7, 1))
                    self.assertTrue(status.connected and status.usable and status.used and not status.held)
                    self.assertEqual(status.records, len(cache.sets[1]))
                self.assertEqual(cache.queries, [(version, RESET_QUERY)])

    async def test_delta_after_notify(self):
        async with Cache([A, B, ASPA_1]) as cache, Rtr("127.0.0.1", cache.port) as rtr:
            first = await change(rtr)
            cache.publish([B, C, (64496, (64502,)), KEY_1])
            second = await change(rtr)
            self.assertIs(second.before, first.db)
            self.assertEqual(vrps(second.db), sorted([B, C]))
            self.assertEqual(second.db.aspas(), {64496: [64502]})
            found = {(c.kind, c.prefix or c.asn) for c in second.diff()}
            self.assertEqual(found, {("vrp4", A[0]), ("vrp6", C[0]), ("aspa", 64496), ("key", 64496)})
            self.assertEqual(vrps(first.db), sorted([A, B]))
            self.assertEqual(cache.queries, [(2, RESET_QUERY), (2, SERIAL_QUERY)])

    async def test_a_slow_reader_finds_one_change(self):
        async with Cache([A]) as cache, Rtr("127.0.0.1", cache.port) as rtr:
            first = await change(rtr)
            for serial, records in ((2, [A, B]), (3, [B]), (4, [B, D])):
                cache.publish(records)
                await until(lambda: rtr.status[0].serial == serial)
            second = await change(rtr)
            self.assertIs(second.before, first.db)
            self.assertEqual(vrps(second.db), sorted([B, D]))
            waiting = asyncio.ensure_future(rtr.__anext__())
            for _ in range(20):
                await asyncio.sleep(0)
            self.assertFalse(waiting.done())
            waiting.cancel()

    async def test_a_lost_connection_goes_on_with_a_delta(self):
        async with Cache([A, B]) as cache, Rtr("127.0.0.1", cache.port) as rtr:
            await change(rtr)
            cache.drop()
            cache.sets[2] = [A, D]
            await until(lambda: not rtr.status[0].connected)
            self.assertEqual(vrps(rtr.db), sorted([A, B]))
            rtr.later(600)
            self.assertEqual(vrps((await change(rtr)).db), sorted([A, D]))
            self.assertEqual(cache.queries, [(2, RESET_QUERY), (2, SERIAL_QUERY)])

    async def test_a_cache_that_comes_late(self):
        async with Cache([A]) as cache:
            pass
        async with Rtr("127.0.0.1", cache.port) as rtr:
            await until(lambda: rtr.status[0].error)
            self.assertEqual(vrps(rtr.db), [])
            async with cache:
                rtr.later(600)
                self.assertEqual(vrps((await change(rtr)).db), [A])

    async def test_a_lost_cache_expires(self):
        async with Cache([A]) as cache:
            rtr = await Rtr("127.0.0.1", cache.port).__aenter__()
            await change(rtr)
        rtr.later(7201)  # its Expire interval
        self.assertEqual(vrps((await change(rtr)).db), [])
        self.assertFalse(rtr.status[0].usable)
        await rtr.aclose()

    async def test_refresh_and_whole(self):
        async with Cache([A]) as cache, Rtr("127.0.0.1", cache.port) as rtr:
            await change(rtr)
            rtr.later(3600)
            await cache.until(lambda: len(cache.queries) == 2)
            await until(lambda: rtr.status[0].responses >= 2)
            rtr.refresh(whole=True)
            await change(rtr)
            self.assertEqual(cache.queries, [(2, RESET_QUERY), (2, SERIAL_QUERY), (2, RESET_QUERY)])

    async def test_guard(self):
        many = [("10.%d.0.0/16" % i, 16, 64496) for i in range(20)]
        async with Cache(many) as cache, Rtr("127.0.0.1", cache.port, guard_percent=50, guard_floor=10) as rtr:
            await change(rtr)
            cache.publish(many[:5])
            await until(lambda: rtr.status[0].held)
            self.assertEqual((rtr.status[0].held_removed, len(vrps(rtr.db))), (15, 20))
            rtr.release(True)
            self.assertEqual(vrps((await change(rtr)).db), sorted(many[:5]))
            self.assertRaises(manrs.Error, rtr.release, True)

    async def test_beside_other_sources(self):
        with manrs.Db().edit(source=5) as edit:
            edit.add_vrps([D])
        async with Cache([A]) as cache, Rtr("127.0.0.1", cache.port, db=edit.db, source=3) as rtr:
            self.assertEqual(vrps((await change(rtr)).db), sorted([A, D]))
            async with rtr.edit(source=6) as mine:
                mine.add_vrps([C])
            self.assertEqual(vrps((await change(rtr)).db), sorted([A, C, D]))
            cache.publish([B])
            self.assertEqual(vrps((await change(rtr)).db), sorted([B, C, D]))


class Several(unittest.IsolatedAsyncioTestCase):
    async def test_union(self):
        async with Cache([A, B]) as one, Cache([B, C], session=8) as two:
            rtr = Rtr("127.0.0.1", one.port)
            rtr.add("127.0.0.1", two.port)
            async with rtr:
                while vrps(rtr.db) != sorted([A, B, C]):
                    await change(rtr)
                two.publish([C])
                two.publish([D])
                while vrps(rtr.db) != sorted([A, B, D]):
                    await change(rtr)
                self.assertEqual([s.used for s in rtr.status], [True, True])

    async def test_preference_hands_over_without_a_gap(self):
        async with Cache([A, B]) as best, Cache([A, C], session=8) as reserve:
            rtr = Rtr("127.0.0.1", best.port, mode="preference")
            rtr.add("127.0.0.1", reserve.port, preference=1)
            async with rtr:
                self.assertEqual(vrps((await change(rtr)).db), sorted([A, B]))
                self.assertEqual(reserve.queries, [])
                best.server.close()
                best.drop()
                await until(lambda: not rtr.status[0].connected)
                rtr.later(600)  # it is not reached, so the reserve is made ready
                await until(lambda: rtr.status[1].usable)
                self.assertEqual([s.used for s in rtr.status], [True, False])
                rtr.later(6700)  # and what it gave expires
                while vrps(rtr.db) != sorted([A, C]):
                    await change(rtr)
                self.assertEqual([s.used for s in rtr.status], [False, True])
                await until(lambda: rtr.status[1].responses >= 2)  # it was to be refreshed too, and is good for as long again
                async with best:
                    rtr.later(1000)
                    while vrps(rtr.db) != sorted([A, B]):
                        await change(rtr)
                self.assertTrue(all(A in rows for rows in rtr.published), rtr.published)


class Wrong(unittest.IsolatedAsyncioTestCase):
    """Each is fatal: the Error Report with that PDU, and nothing of the response is seen (RFC 8210 section 12)."""

    async def refused(self, code, quoted, body, version=2, session=7, **options):
        def answer(cache, query, version, *more):
            return head(version, RESPONSE, 7) + body + end(version, session, 1)

        async with Cache([], answer=answer) as cache:
            async with Rtr("127.0.0.1", cache.port, max_version=version, **options) as rtr:
                await cache.until(lambda: cache.errors)
                self.assertEqual(cache.errors[0], (code, quoted))
                self.assertEqual(vrps(rtr.db), [])
                self.assertFalse(rtr.status[0].usable)
                self.assertTrue(rtr.status[0].error)
                self.assertEqual(rtr.status[0].code, code)

    async def test_announced_twice(self):
        for version in (1, 2):
            for one in (A, C, KEY_1) + ((ASPA_1,) if version == 2 else ()):
                pdu = record(version, one)
                await self.refused(7, pdu, record(version, B) + pdu + record(version, D) + pdu, version)

    async def test_withdrawn_and_not_there(self):
        def answer(cache, query, version, session, serial):
            if query == RESET_QUERY:
                return Cache.right(cache, query, version, session, serial)
            return head(version, RESPONSE, 7) + record(version, B) + record(version, D, 0) + end(version, 7, 2)

        async with Cache([A], answer=answer) as cache, Rtr("127.0.0.1", cache.port, max_version=1) as rtr:
            await change(rtr)
            rtr.refresh()
            await cache.until(lambda: cache.errors)
            self.assertEqual(cache.errors, [(6, record(1, D, 0))])
            self.assertEqual(vrps(rtr.db), [A])  # version 1 keeps what it has

    async def test_maxlen_and_host_bits(self):
        pdu = record(2, ("192.0.2.0/24", 33, 64496))
        await self.refused(0, pdu, record(2, B) + pdu)
        pdu = record(2, ("192.0.2.1/24", 24, 64496))
        await self.refused(0, pdu, record(2, B) + pdu)

    async def test_end_of_data_of_another_session(self):
        await self.refused(0, end(2, 9, 1), record(2, A), session=9)

    async def test_more_than_the_limit(self):
        body = [record(2, ("10.0.%d.0/24" % i, 24, 64496)) for i in range(12)]

        def answer(cache, query, version, *more):
            return head(version, RESPONSE, 7) + b"".join(body) + end(version, 7, 1)

        async with Cache([], answer=answer) as cache, Rtr("127.0.0.1", cache.port, max_vrps=10) as rtr:
            await cache.until(lambda: cache.errors)
            self.assertEqual(vrps(rtr.db), [])

    async def test_half_a_response(self):
        def answer(cache, query, version, *more):
            asyncio.get_running_loop().call_soon(cache.drop)
            return head(version, RESPONSE, 7) + record(version, A) + record(version, B)[:9]

        async with Cache([], answer=answer) as cache, Rtr("127.0.0.1", cache.port) as rtr:
            for queries in (1, 2, 3):
                rtr.later(600)
                await cache.until(lambda: len(cache.queries) >= queries)
            self.assertEqual(vrps(rtr.db), [])

    async def test_noise(self):
        async with Cache([], answer=lambda *more: b"HTTP/1.1 400 Bad Request\r\n\r\n") as cache:
            async with Rtr("127.0.0.1", cache.port) as rtr:
                await until(lambda: rtr.status[0].errors)
                self.assertEqual(vrps(rtr.db), [])


class Life(unittest.IsolatedAsyncioTestCase):
    async def test_cancelled(self):
        async with Cache([A]) as cache:
            got = asyncio.Event()

            async def use():
                async with Rtr("127.0.0.1", cache.port) as rtr:
                    async for _ in rtr:
                        got.set()

            task = asyncio.ensure_future(use())
            await asyncio.wait_for(got.wait(), END_S)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0)
            left = {t.get_coro().__qualname__ for t in asyncio.all_tasks()}
            self.assertEqual(left & {"_Cache.run", "StreamReader.read", "open_connection"}, set())

    async def test_closing_ends_the_iteration(self):
        async with Cache([A]) as cache:
            rtr = Rtr("127.0.0.1", cache.port)
            with self.assertRaises(manrs.Error):
                await rtr.__anext__()
            async with rtr:
                seen = []

                async def read():
                    async for one in rtr:
                        seen.append(vrps(one.db))

                reader = asyncio.ensure_future(read())
                await until(lambda: seen)
            await asyncio.wait_for(reader, END_S)
            self.assertEqual(seen, [[A]])
            self.assertEqual(vrps(rtr.db), [A])
            with self.assertRaises(manrs.Error):
                await rtr.__aenter__()
            rtr.refresh()

    async def test_closed_while_it_connects(self):
        async with Rtr("127.0.0.1", 9):
            pass
        rtr = await Rtr("127.0.0.1", 9).__aenter__()
        await asyncio.sleep(0)
        await rtr.aclose()
        await rtr.aclose()

    async def test_what_is_refused(self):
        for options, kind in (
            ({"guard_percent": 101}, manrs.Error),
            ({"guard_percent": 300}, manrs.Error),
            ({"max_vrps": -1}, manrs.Error),
            ({"min_version": 2, "max_version": 1}, manrs.Error),
            ({"mode": "any"}, manrs.Error),
            ({"source": 64}, manrs.Error),
            ({"seeds": 1}, TypeError),
            ({"source_": 1}, TypeError),
            ({"max_vrps": "many"}, TypeError),
        ):
            with self.subTest(options), self.assertRaises(kind):
                manrs.Rtr("127.0.0.1", 9, **options)
        rtr = manrs.Rtr("127.0.0.1", source=63)
        self.assertEqual(rtr.status[0].port, 323)
        self.assertEqual(manrs.Rtr("127.0.0.1", ssl=True).status[0].port, 324)
        with self.assertRaises(manrs.Error):
            rtr.add("127.0.0.1")


@unittest.skipUnless(shutil.which("openssl"), "no openssl to make certificates")
class Tls(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for name in ("one", "other"):
            command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=cache -addext".split()
            files = [os.path.join(cls.folder.name, name + end) for end in (".key", ".pem")]
            subprocess.run(command + ["subjectAltName=DNS:cache.example", "-keyout", files[0], "-out", files[1]], check=True, stderr=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def file(self, name):
        return os.path.join(self.folder.name, name)

    def server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file("one.pem"), self.file("one.key"))
        return context

    async def test_over_tls(self):
        trusted = ssl.create_default_context(cafile=self.file("one.pem"))
        async with Cache([A], context=self.server()) as cache:
            async with Rtr("127.0.0.1", cache.port, ssl=trusted, server_hostname="cache.example") as rtr:
                self.assertEqual(vrps((await change(rtr)).db), [A])
                cache.publish([B])
                self.assertEqual(vrps((await change(rtr)).db), [B])

    async def test_the_common_name_is_no_name_of_the_host(self):
        """RFC 8210 section 9.2. A certificate without a subjectAltName, whose common name is the host's."""
        key, crt = self.file("cn.key"), self.file("cn.pem")
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout".split()
        subprocess.run(command + [key, "-out", crt], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with Cache([A], context=context) as cache:
            with mock.patch.dict(os.environ, {"SSL_CERT_FILE": crt}):
                rtr = Rtr("127.0.0.1", cache.port, ssl=True, server_hostname="localhost")
            async with rtr:
                await until(lambda: rtr.status[0].error)
                self.assertIn("certificate verify failed", rtr.status[0].error)
                self.assertEqual((cache.queries, vrps(rtr.db)), ([], []))

    async def test_another_authority_or_name(self):
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's side says much of it
        for authority, name in (("other.pem", "cache.example"), ("one.pem", "other.example")):
            trusted = ssl.create_default_context(cafile=self.file(authority))
            async with Cache([A], context=self.server()) as cache:
                async with Rtr("127.0.0.1", cache.port, ssl=trusted, server_hostname=name) as rtr:
                    await until(lambda: rtr.status[0].error)
                    self.assertIn("certificate verify failed", rtr.status[0].error)
                    self.assertEqual((cache.queries, vrps(rtr.db)), ([], []))


if __name__ == "__main__":
    unittest.main()
