from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.audio_faults import Hops, clipping, discontinuities, gaps, silences


def hops(n: int = 100, **changes: dict[int, float]) -> Hops:
    """Return two seconds of loud sound with nothing wrong, but for the changes by hop."""
    columns = {name: np.zeros(n) for name in ("jump", "jump_t", "clipped", "missing")}
    t = (np.arange(n) + 0.5) * 0.02
    columns |= {"t": t, "jump_t": t.copy(), "before": np.full(n, 0.2), "after": np.full(n, 0.2)}
    level = np.full((n, 4), 0.3)
    for name, at in changes.items():
        for index, value in at.items():
            (level if name == "level" else columns[name])[index] = value
    return Hops(level=level, **columns)


def test_sound_without_faults() -> None:
    whole = hops()
    assert not clipping(whole)
    assert not silences(whole)
    assert not gaps(whole)
    assert not discontinuities(whole, (), 2.5, 1.5, [])


def test_clipping_nearby_is_one_event() -> None:
    found = clipping(hops(clipped={10: 0.5, 20: 0.1, 80: 0.2}))
    assert [(e.start, e.end) for e in found] == [
        (pytest.approx(0.2), pytest.approx(0.42)),
        (pytest.approx(1.6), pytest.approx(1.62)),
    ]


def test_silence_begins_at_a_third_of_a_second() -> None:
    assert not silences(hops(level=dict.fromkeys(range(20, 34), 5e-4)))
    (found,) = silences(hops(level=dict.fromkeys(range(20, 35), 5e-4)))
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(0.7))


def test_dead_silence_amid_sound_is_a_dropout_to_the_quarter_of_a_hop() -> None:
    audio = hops(level=dict.fromkeys((20, 21), 0.0))
    audio.level[22, :2] = 0.0
    (found,) = gaps(audio)
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(0.45))
    assert found.details["source"] == "dropout"


@pytest.mark.parametrize(
    "level",
    [
        dict.fromkeys(range(20, 50), 0.0),  # a pause
        dict.fromkeys((20, 21), 2e-4),  # a soft place
        {19: 1e-3, 20: 0.0, 21: 0.0},  # a sound that died away
        dict.fromkeys(range(5), 0.0),  # before the first sound
    ],
)
def test_other_silence_is_no_dropout(level: dict[int, float]) -> None:
    assert not gaps(hops(level=level))


def test_a_hole_is_one_gap_whatever_its_length() -> None:
    where = range(20, 80)
    (found,) = gaps(hops(missing=dict.fromkeys(where, 1.0), level=dict.fromkeys(where, 0.0)))
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(1.6))
    assert found.details["source"] == "time stamps"


def test_a_jump_counts_with_sound_on_both_sides_and_sooner_at_a_seam() -> None:
    audio = hops(jump={10: 3.0, 20: 3.0, 30: 2.0, 40: 2.0}, after={20: 0.001})
    found = discontinuities(audio, (0.8,), 2.5, 1.5, [])
    assert [(round(e.start, 3), e.details["source"]) for e in found] == [
        (0.21, "found"),
        (0.81, "seam"),
    ]


def test_an_attack_is_no_jump_and_a_sudden_end_is_one() -> None:
    audio = hops(jump={10: 3.0, 30: 3.0, 40: 3.0}, after={10: 0.9, 30: 0.05, 40: 0.9})
    found = discontinuities(audio, (0.81,), 2.5, 1.5, [])
    assert [round(event.start, 2) for event in found] == [0.61, 0.81]


def test_the_edges_of_a_gap_are_no_further_fault() -> None:
    audio = hops(jump={19: 5.0, 22: 5.0}, level=dict.fromkeys((20, 21), 0.0))
    assert not discontinuities(audio, (), 2.5, 1.5, gaps(audio))
