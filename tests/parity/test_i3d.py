from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.parity import cases_i3d
from tests.parity.case import Case

pytestmark = pytest.mark.assets


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def check(cases: list[Case], number: int) -> None:
    assert [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds] == []
    assert len(cases) == number


def test_the_weights_are_those_of_the_goldens(assets: Path) -> None:
    assert cases_i3d.seeded_weights_are_the_goldens(assets)


def test_the_network_equals_the_original_graph_and_its_ports(assets: Path) -> None:
    check(cases_i3d.network_cases(assets), 32)


def test_resizes_and_pixels_equal_the_publishers(assets: Path) -> None:
    check(cases_i3d.pixel_cases(assets), 7)


def test_clips_of_both_videos_give_each_pipelines_logits(assets: Path) -> None:
    check(cases_i3d.clip_cases(assets), 10)


def test_a_wrong_epsilon_would_be_seen(assets: Path) -> None:
    right = cases_i3d.network_cases(assets)[0]
    logits, _ = cases_i3d._encoded(assets, "9", 1e-5)
    expected = cases_i3d._goldens(assets)["i3d_same_input"]["by_length"]["9"]["original_tf_graph"]
    wrong = cases_i3d._row("", logits[0, :8], expected["first8"], "")
    assert right.holds
    assert wrong.ours > 5e-3
