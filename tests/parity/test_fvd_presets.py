from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.parity import cases_fvd_presets
from tests.parity.case import Case

pytestmark = pytest.mark.assets


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def check(cases: list[Case]) -> None:
    assert [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds] == []


@pytest.mark.parametrize("preset", ["original", "videogpt", "cdfvd"])
def test_presets_give_the_publishers_number(assets: Path, preset: str) -> None:
    """StyleGAN-V's pixels are those of cdfvd and its network that of the original.

    Both, and the kernel distance, are compared alone; `make parity` has the whole of it.
    """
    cases = cases_fvd_presets.preset_cases(assets, [preset])
    check(cases)
    assert len(cases) == 1
