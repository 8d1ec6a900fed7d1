from __future__ import annotations

import pytest

from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.ordered_cuts import ordered

PROMPTS = ((0.0, "one"), (4.0, "two"), (8.0, "two"))


@pytest.mark.parametrize(
    ("persist", "expected"),
    [
        (None, [True, False, True, False, False]),
        (frozenset({"identity"}), [True, False, True, False, False]),
        (frozenset({"scene"}), [True, False, False, False, False]),
    ],
)
def test_declared_cuts_and_new_prompts_order_a_break(
    persist: frozenset[str] | None, expected: list[bool]
) -> None:
    video = VideoContext(cuts=(1.0,), prompts=PROMPTS, persist=persist)
    assert ordered(video, [1.4, 3.0, 4.9, 5.2, 8.1]).tolist() == expected


def test_without_breaks_nothing_is_ordered() -> None:
    assert ordered(VideoContext(cuts=(1.0,)), []).tolist() == []
