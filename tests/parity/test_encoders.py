"""Encoders and VBench's scores equal their publishers'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.parity import cases_encoders
from tests.parity.case import Case


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def all_hold(cases: list[Case]) -> None:
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong


@pytest.mark.assets
def test_light_encoders_and_tokens(assets: Path) -> None:
    cases = cases_encoders.light_cases(assets)
    all_hold(cases)
    assert len(cases) == 10


def test_transformers_and_vbench_on_seeded_weights() -> None:
    cases = cases_encoders.transformer_cases()
    all_hold(cases)
    assert len(cases) == 28
