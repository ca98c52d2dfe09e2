"""How fast notices, questions and a register after an outage travel between places, each with processes of its own.

`python -m bench.exchange` runs Jamaica's hub, Haiti's hub and Haiti's checkpoint Malpasse on this machine:

1. *online*: `--rate` notices a second for `--seconds`, each an entry of a list that somebody approves in Kingston;
   the time from that moment until Malpasse's register holds it.
2. *questions*: Haiti asks Jamaica about a document, with envelopes, lists and records on both sides.
3. *cut off*: Malpasse's node is stopped until Haiti holds `--notices` more; the time from its start until its register
   holds them all. They are written into Haiti's register as Jamaica's notices would be, without the way there.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from fanal.station.sharing.region import region, until


def words(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    median, late = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {median * 1000:.0f} ms, p99 {late * 1000:.0f} ms"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--notices", type=int, default=100_000)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fanal-bench-") as folder,
        region(Path(folder) / "places", lambda words: None, ("HTI", "JAM", "HTI.malpasse")) as places,
    ):
        jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
        if args.seconds:
            jam.do("list_many", count=5, state="JAM", first=9_000_000)  # warm
            until("warm", 60, lambda: post.do("count", owner="JAM")["held"] == 5)
            times = jam.do("list_paced", rate=args.rate, seconds=args.seconds, state="JAM", first=1)["at"]
            until("all", 120, lambda: post.do("count", owner="JAM")["held"] == len(times) + 5)
            held = post.do("held_at", owner="JAM")["at"]
            late = [held[datum] - at for datum, at in times.items()]
            wrote = max(times.values()) - min(times.values())
            print(f"online: {len(times)} notices in {wrote:.1f} s ({len(times) / wrote:.0f} a second): {words(late)}")
        if args.questions:
            jam.do("list_many", count=1, state="JAM", first=8_888_888)
            asked = hti.do("ask_many", partner="JAM", state="JAM", number="Z8888888", count=args.questions)
            print(f"questions: {args.questions}, {asked['hits']} hits: {words(asked['took'])}")
        if args.notices:
            before = post.do("count", owner="JAM")["held"]
            post.stop_node()
            hti.do("hold_many", owner="JAM", count=args.notices)
            began = time.monotonic()
            post.start_node()
            until("the register", 600, lambda: post.do("count", owner="JAM")["held"] == before + args.notices)
            took = time.monotonic() - began
            until("the index", 600, lambda: post.do("count", owner="JAM")["listed"] == before + args.notices)
            found, counted = time.monotonic() - began, post.do("count", owner="JAM")
            print(
                f"cut off: {args.notices} notices in the register {took:.1f} s after its return, at the desk after"
                f" {found:.1f} s; {counted['held'] - before} held, {counted['twice']} applied twice"
            )
        for place in places.values():
            problems = place.do("verify")["problems"]
            print(f"record of {place.id}: {problems or 'whole'}")
    return 0


if __name__ == "__main__":
    main()
