# SPDX-License-Identifier: BSD-2-Clause
"""A program that mypy --strict must accept; what the last comments say must not hold."""

from typing import Dict, List, Optional, Tuple

import manrs


async def watch(router: manrs.Rtr) -> manrs.Db:
    async with router as rtr:
        async for change in rtr:
            kinds: List[str] = [what.kind for what in change.diff()]
            print(kinds, rtr.status[0].serial)
            async with rtr.edit(source=9) as edit:
                edit.add_vrps([("192.0.2.0/24", 24, 64496)])
        rtr.refresh(whole="x")  # type: ignore[arg-type]
    return rtr.db


def main() -> None:
    db: manrs.Db = manrs.Db.from_files()
    with db.edit(source=3) as edit:
        counts: manrs.Counts = edit.add_vrps([("192.0.2.0/24", 24, 64496)])
    state: manrs.State = edit.db.rov("192.0.2.0/24", 64496)
    states: List[manrs.State] = edit.db.rov_many(["192.0.2.0/24"], [64496])
    verdict: manrs.Verdict = db.check({"prefix": "192.0.2.0/24"}, "peer")
    verdicts: List[manrs.Verdict] = db.check([{"prefix": "192.0.2.0/24"}], manrs.Policy("peer", origins=[1]))
    why: Dict[str, str] = db.explain("x", "peer")
    one: Optional[str] = db.explain("x", "peer", "rov")
    trie: manrs.Trie[int] = manrs.Trie({"10.0.0.0/8": 1})
    found: Optional[Tuple[str, int]] = trie.match("10.0.0.1")
    print(counts.added, str(state), states, verdict.ok, verdicts, why, one, found, db.aspa([1, 2], role="peer") is manrs.AspaState.VALID)
    db.rov(5, "x")  # type: ignore[arg-type]
    trie["10.0.0.0/8"] = "x"  # type: ignore[assignment]


if __name__ == "__main__":
    main()
