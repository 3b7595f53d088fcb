# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of FRR run against: its own rpki module, and ours where it is built (`make frr`, or MANRS_FRR_MODULE=/abs.so),
in the words of configuration that each has."""

import functools
import glob
import os
import time

import lab_hosts as hosts
from lab_case import BUILD

# A route map in the words of both modules, that lets all in with a community for its state.
TAGS = {"valid": "65535:40001", "invalid": "65535:40002", "not-found": "65535:40003"}
TAG = ["route-map TAG permit 1", " match rpki valid", " set community %s additive" % TAGS["valid"], "exit",
       "route-map TAG permit 2", " match rpki invalid", " set community %s additive" % TAGS["invalid"], "exit",
       "route-map TAG permit 3", " match rpki notfound", " set community %s additive" % TAGS["not-found"], "exit",
       "route-map TAG permit 4", "exit"]

OURS = os.path.abspath(os.environ.get("MANRS_FRR_MODULE") or os.path.join(BUILD, "frr", "bgpd_manrs.so"))


def stock_is_here():
    places = (hosts.Bgpd.ROOT + place + "/frr/modules/bgpd_rpki.so" for place in ("/usr/lib/*", "/usr/lib"))
    return os.path.exists(hosts.Bgpd.BGPD) and any(glob.glob(place) for place in places)


def ours_is_here():
    return os.path.exists(hosts.Bgpd.BGPD) and os.path.exists(OURS)


def missing():
    return "" if stock_is_here() else "no FRR with bgpd_rpki.so"


@functools.lru_cache(maxsize=None)
def version():
    return hosts.Bgpd.version()


class Stock:
    name, module = "bgpd_rpki", "rpki"

    @staticmethod
    def cache(cache, number):
        return "rpki cache %s%s %d preference %d" % ("tcp " if version() >= (10, 0) else "", *cache, number)

    @staticmethod
    def lines(caches, *more):
        """caches: (address, port), the first preferred."""
        found = ["rpki", " rpki polling_period 60", " rpki retry_interval 1", " rpki expire_interval 600"]
        found += [" " + Stock.cache(cache, number) for number, cache in enumerate(caches, 1)]
        return [*found, "exit"]

    @staticmethod
    def add(cache, number=1):
        """The lines of configuration that bring a cache, and those that take it away."""
        return ["rpki", Stock.cache(cache, number), "exit", "rpki", "rpki reset"]

    @staticmethod
    def remove(cache, number=1):
        return ["rpki", "no " + Stock.cache(cache, number), "exit"]

    @staticmethod
    def ready(bgpd, vrps):
        """It has as many VRPs."""
        text = bgpd.ask("show rpki prefix-table")
        count = sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("Number of IPv"))
        return count >= vrps

    @staticmethod
    def by_itself():
        return version() < (10, 0)

    @staticmethod
    def judge_again(bgpd):
        """8.4.4 looks up the routes under each VRP that came or went. 10.7.1 means to, and finds few of them: its
        bgp_table_subtree_lookup() goes down the table by bgp_dest_from_rnode(), which is NULL for a node that no route was ever
        at, and takes that for the end. Who runs it has to clear softly, and so do the tests, twice a second at most. It then tells
        its neighbours of every route again."""
        if not Stock.by_itself() and time.monotonic() - getattr(bgpd, "judged", 0) > 0.5:
            bgpd.judged = time.monotonic()
            bgpd.ask("clear bgp * soft in")


class Ours:
    name, module = "bgpd_manrs", OURS

    @staticmethod
    def lines(caches, *more):
        found = ["manrs"] + [" cache %s %d preference %d" % (*cache, number) for number, cache in enumerate(caches, 1)]
        return [*found, *(" " + line for line in more), "exit"]

    @staticmethod
    def add(cache, number=1):
        return ["manrs", "cache %s %d preference %d" % (*cache, number), "exit"]

    @staticmethod
    def remove(cache, number=1):
        return ["manrs", "no cache %s %d" % cache, "exit"]

    @staticmethod
    def counts(bgpd):
        """Whether it is at work, the routes processed again, the refreshes asked for, the serial of its first cache."""
        found = bgpd.json("show manrs json")
        names = (("busy", "working"), ("reprocessed", "routesAgain"), ("refreshes", "routeRefreshes"))
        return [next(found[name] for name in pair if name in found) for pair in names] + [found["caches"][0]["serial"]]

    @staticmethod
    def by_itself():
        return True

    @staticmethod
    def judge_again(bgpd):
        pass

    @staticmethod
    def ready(bgpd, vrps):
        found = bgpd.json("show manrs json")
        return found.get("vrps", 0) >= vrps


def kinds():
    """Those that are here, stock first; in another release's tree ours alone, if it is built: what stock does is Debian 12's."""
    if hosts.Bgpd.ROOT and ours_is_here():
        return [Ours]
    return [kind for kind, here in ((Stock, stock_is_here()), (Ours, ours_is_here())) if here]


def tagging(name, *tests):
    """A route map of ours that lets all in with a community a finding: its lines, and (test, answer) of each community."""
    lines, words = [], {}
    for number, (test, answer) in enumerate(tests, 1):
        words["65535:%d" % (40000 + number)] = (test, answer)
        lines += ["route-map %s permit %d" % (name, number), " match manrs %s%s" % (test, answer and " " + answer),
                  " set community 65535:%d additive" % (40000 + number), " on-match next", "exit"]
    return [*lines, "route-map %s permit 1000" % name, "exit"], words


def tagged(communities, words):
    return {words[word] for word in communities.split() if word in words}
