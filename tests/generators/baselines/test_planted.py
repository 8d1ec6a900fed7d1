"""Doses behind a generator's name: what they mean is shown on the oracle, in its own test."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.errors import UsageError
from lvbench.generators.baselines.planted import Dose, PlantedFaults, read_doses
from lvbench.generators.contract.types import ClipPlan

PLAN = ClipPlan(80, 8.0, 64, 48)


def read(**options: str) -> dict[str, Dose]:
    return read_doses("degraded", options)


def test_sizes_and_times() -> None:
    assert read(exposure="-0.3", swap="1@5.5") == {"exposure": Dose(-0.3), "swap": Dose(1, 5.5)}
    assert read(blur="0", audio="-0") == {}


@pytest.mark.parametrize(
    "options",
    [
        {"exposur": "1"},
        {"blur": "-1"},
        {"freeze": "-2@3"},
        {"exposure": "dark"},
        {"exposure": "1@-1"},
        {"seam": "5@0"},
        {"seam": "5@"},
    ],
)
def test_what_is_no_dose_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        read(**options)


def source_frames(**options: str) -> list[int]:
    return PlantedFaults(read(**options), PLAN, 0).source_frames(np.arange(80)).tolist()


def test_a_frozen_picture_stands_for_its_time() -> None:
    assert source_frames(freeze="2@3") == [*range(25), *[24] * 16, *range(41, 80)]
    assert source_frames(freeze="100") == [*range(41), *[40] * 39]


def test_a_loop_repeats_its_period_to_the_end() -> None:
    found = source_frames(loop="1@5")
    assert found[:48] == list(range(48))
    assert found[48:] == [*range(40, 48)] * 4


def test_a_loop_of_a_frozen_clip_repeats_what_was_shown() -> None:
    assert source_frames(freeze="1@2", loop="2@1")[24:40] == [*range(8, 17), *[16] * 7]


@pytest.mark.parametrize(("at", "first"), [("", 0), ("@5", 40)])
def test_ramps_grow_to_the_last_frame(at: str, first: int) -> None:
    share = PlantedFaults(read(exposure=f"0.4{at}"), PLAN, 0).share("exposure", np.arange(80))
    assert not share[: first + 1].any()
    assert np.all(np.diff(share[first:]) > 0)
    assert share[-1] == 1
