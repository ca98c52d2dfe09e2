"""Two hubs and a checkpoint as they run: processes, servers, databases of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from fanal.station.sharing.region import region, until


@pytest.mark.slow
def test_a_report_reaches_a_neighbours_checkpoint_and_a_killed_node_loses_nothing(tmp_path: Path) -> None:
    with region(tmp_path / "places", lambda words: None, ("HTI", "JAM", "HTI.malpasse")) as places:
        jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
        jam.do("list_many", count=5, state="JAM", first=1)
        for node in (jam, hti, post):
            assert node.node is not None
            node.node.kill()  # at whatever instant
            node.node.wait()
            node.start_node()
        jam.do("list_many", count=5, state="JAM", first=6)
        until("the reports", 120, lambda: post.do("count", owner="JAM")["listed"] == 10)
        assert post.do("count", owner="JAM") == {"held": 10, "listed": 10, "twice": 0}
        assert hti.do("ask", partner="JAM", state="JAM", number="Z0000003") == {"result": "hit"}
        for place in places.values():
            assert place.do("verify")["problems"] == []
