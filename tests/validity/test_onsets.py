"""Distance of an onset, or of an event, from the planted start."""

from __future__ import annotations

from lvbench.results.schema import Event, ItemScore
from lvbench.validity.onsets import Onset, median_error, onset_error, within


def test_the_component_comes_before_the_events() -> None:
    event = Event(kind="freeze", start=3.0, end=4.0)
    assert onset_error(ItemScore(value=1.0, components={"onset": 5.5}, events=[event]), 5.0) == 0.5
    assert onset_error(ItemScore(value=1.0, events=[event]), 4.25) == 0.25
    assert onset_error(ItemScore(value=1.0), 4.25) is None
    two = {"hue_onset": 1.0, "chroma_onset": 5.0, "hue_steady": 0.0}
    assert onset_error(ItemScore(value=1.0, components=two), 5.25) == 0.25


def test_an_onset_that_is_not_found_is_not_near() -> None:
    onsets = [Onset("blur", "a", 0.2), Onset("blur", "b", None), Onset("blur", "c", 3.0)]
    assert str(within(onsets, 0.5)) == "1 of 3"
    assert median_error(onsets) == 1.6
    assert median_error(onsets[1:2]) is None
