"""Gates count scored videos that break them and failed videos separately."""

from __future__ import annotations

import pytest

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.report.tables.describe import gate_in_words
from lvbench.results.schema import ItemRecord, ItemScore, Score, VideoRecord
from tests.leaderboard import synthetic

FAILED = ItemScore(status="failed", code="file_unreadable", detail="no picture")
OUTSIDE = ItemScore(status="not_applicable", code="too_short", detail="one frame")


def _score(values: list[float | ItemScore]) -> Score:
    """Return flow smoothness of videos of which so much is frozen, or that failed."""
    tools = synthetic.tools_for("lvb-smoke")
    items = []
    for number, value in enumerate(values):
        name = f"v{number:02d}"
        fate = value if isinstance(value, ItemScore) else ItemScore(value=0.5)
        metrics = dict.fromkeys(tools.metrics, fate)
        if not isinstance(value, ItemScore):
            metrics |= {"stillness": ItemScore(value=value), "loop": ItemScore(value=0.0),
                        "incoherence": ItemScore(value=0.0)}  # fmt: skip
        video = VideoRecord(id=name, path=name, cluster=name)
        items.append(ItemRecord(identity="0", video=video, metrics=metrics))
    found: Score = aggregate(tools, items)["flow_smoothness"]
    return found


@pytest.mark.parametrize(
    ("values", "share", "counts", "why"),
    [
        ([0.0] * 20, 0.0, (20, 0), ""),
        ([0.9] * 2 + [0.0] * 18, 0.1, (20, 0), ""),
        ([0.9] * 3 + [0.0] * 17, 0.15, (20, 0),
         "not ranked: still fraction over the limit in 3 of 20 scored videos, 10 % allowed"),
        ([FAILED] * 2 + [0.0] * 18, 0.0, (18, 2), ""),
        # Nothing is frozen: what failed is said to have failed, once for all three gates.
        ([FAILED] * 3 + [0.0] * 17, 0.0, (17, 3),
         "not ranked: 3 of 20 videos failed, 10 % allowed"),
        ([FAILED] * 20, 0.0, (0, 20), "not ranked: 20 of 20 videos failed, 10 % allowed"),
        # A model cannot get past a gate by failing on what it freezes.
        ([FAILED] * 2 + [0.9] + [0.0] * 17, 1 / 18, (18, 2),
         "not ranked: still fraction over the limit in 1 of 18 scored videos and 2 of 20 videos "
         "failed, 10 % allowed in total"),
        ([OUTSIDE] * 5 + [0.9] + [0.0] * 9, 0.1, (10, 0), ""),
        ([OUTSIDE] * 5, 0.0, (0, 0), ""),
    ],
)  # fmt: skip
def test_a_gate_counts_scored_and_failed_videos(
    values: list[float | ItemScore], share: float, counts: tuple[int, int], why: str
) -> None:
    score = _score(values)
    still = next(gate for gate in score.gates if gate.metric == "stillness")
    assert still.share == pytest.approx(share)
    assert (still.n, still.n_failed) == counts
    assert gate_in_words(score) == why
    assert any(gate.failed for gate in score.gates) == bool(why)
