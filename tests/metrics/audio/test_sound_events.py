from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics import sound_events
from lvbench.metrics.audio.sound_events import match, pick_onsets
from tests.metrics.sounds import CLICKS, clicking, shifted

RATE = 16000


def test_all_that_was_ordered_is_heard() -> None:
    score = sound_events(audio=clicking(6.0, CLICKS, RATE), rate=RATE, sounds=CLICKS)
    assert score.value == 1.0
    assert score.components["offset"] == pytest.approx(0.0, abs=0.01)
    assert not score.events


@pytest.mark.parametrize("offset", [-0.06, 0.07])
def test_late_sounds_are_matched_with_their_offset(offset: float) -> None:
    late = shifted(clicking(6.0, CLICKS, RATE), RATE, offset)
    score = sound_events(audio=late, rate=RATE, sounds=CLICKS)
    assert score.components["recall"] == 1.0
    assert score.components["offset"] == pytest.approx(offset, abs=0.01)


def test_missing_and_surplus_sounds_are_told_apart() -> None:
    score = sound_events(audio=clicking(6.0, [0.5, 1.25, 2.3, 5.5], RATE), rate=RATE, sounds=CLICKS)
    assert score.components["recall"] == pytest.approx(2 / 6)
    assert score.components["precision"] == pytest.approx(2 / 4)
    assert score.value == pytest.approx(2 * 2 / 10)
    kinds = [event.kind for event in score.events]
    assert kinds.count("sound_missing") == 4
    assert kinds.count("sound_not_ordered") == 2


def test_a_silent_track_misses_everything() -> None:
    score = sound_events(audio=np.zeros(6 * RATE), rate=RATE, sounds=CLICKS)
    assert (score.value, score.components) == (0.0, {"recall": 0.0})


def test_without_an_order_there_is_nothing_to_match() -> None:
    score = sound_events(audio=clicking(6.0, CLICKS, RATE), rate=RATE, sounds=None)
    assert (score.status, score.code) == ("not_applicable", "no_sounds")
    assert sound_events(audio=np.zeros(100), rate=RATE, sounds=CLICKS).code == "too_short"


def test_as_many_matches_as_possible_the_nearest_and_each_once() -> None:
    ordered, heard = np.array([1.0, 1.08]), np.array([0.95, 1.05, 1.5])
    assert match(ordered, heard, 0.1) == [(0, 0), (1, 1)]
    assert match(ordered, np.array([1.01]), 0.1) == [(0, 0)]
    assert match(ordered, np.array([]), 0.1) == []


def test_an_onset_is_a_peak_once() -> None:
    t = np.arange(200) / 100
    strength = np.full(200, 0.2)
    strength[50:53] = 9.0
    strength[120] = 2.0
    assert pick_onsets(t, strength, 3.0, 3.0).tolist() == [0.5]
