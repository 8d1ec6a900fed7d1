"""Sound of the world: where bounces are, of the pitch of who bounced, without seams."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lvbench.errors import UsageError
from lvbench.world import audio
from lvbench.world.audio import RATE, SECONDS
from lvbench.world.grammar import IDENTITIES, Character
from tests.world.worlds import drawn, staged


def test_ranges_meet_without_a_seam() -> None:
    world = drawn(3, 3)
    whole = audio.render(world, 0, 60)
    assert whole.shape == (960_000,)
    assert whole.dtype == np.float32
    edges = [0, 0.7, 1.30001, 7.1, 7.1, 20.0, 43.21, 60.0]
    parts = [audio.render(world, a, b) for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(np.concatenate(list(audio.chunks(world, 60.0))), whole)


def test_each_bounce_is_heard_and_nothing_else() -> None:
    world = drawn(3, 5)
    heard = audio.render(world, 0, 60)
    times = np.arange(len(heard)) / RATE
    ringing = np.zeros(len(heard), np.bool_)
    for onset in world.onsets(0, 60):
        note = (times >= onset.time) & (times < onset.time + SECONDS)
        ringing |= note
        assert np.abs(heard[note][: RATE // 50]).max(initial=0) > 0.05
    assert np.all(heard[~ringing] == 0)
    assert 0.05 < ringing.mean() < 0.9


def test_a_note_begins_with_its_bounce() -> None:
    world = staged("red solid disc")
    heard = audio.render(world, 0, 60)
    last = -1.0
    for onset in world.onsets(0, 60):
        if onset.time - last > SECONDS:
            first = int(np.ceil(onset.time * RATE))
            assert np.all(heard[first - 20 : first] == 0)
            assert np.abs(heard[first : first + RATE // 100]).max() > 0.1
        last = onset.time


@pytest.mark.parametrize("identity", range(0, IDENTITIES, 7))
def test_who_bounced_is_heard_by_the_pitch(identity: int) -> None:
    world = staged(Character.of(identity).text)
    onset = next(o for o in world.onsets(1, 60))
    note = audio.render(world, onset.time, onset.time + SECONDS)
    spectrum = np.abs(np.fft.rfft(note, 8 * RATE))
    # A lowest note of few periods peaks a little above its pitch; the next tone is 9 % higher.
    assert spectrum.argmax() / 8 == pytest.approx(audio.pitch(identity), rel=0.03)
    assert onset.identity == identity


def test_pitches_lie_apart() -> None:
    pitches = sorted({audio.pitch(identity) for identity in range(IDENTITIES)})
    assert len(pitches) == 40  # hue and shape are heard, the pattern is not
    assert min(b / a for a, b in pairwise(pitches)) > 1.08
    assert pitches[-1] < RATE / 2


def test_it_never_exceeds_full_scale() -> None:
    peaks = [np.abs(audio.render(drawn(3, seed), 0, 60)).max() for seed in range(12)]
    assert 0.1 < max(peaks) < 1


def test_onsets_of_a_range_are_those_of_the_whole_within_it() -> None:
    world = drawn(3, 9)
    whole = world.onsets(0, 60)
    assert [onset.time for onset in whole] == sorted(onset.time for onset in whole)
    assert world.onsets(0, 13.3) + world.onsets(13.3, 60) == whole
    for onset in whole:
        shot = world.timeline.shot_at(int(onset.time * world.fps))
        cast = {member.number for member in world.shots[shot].cast}
        assert onset.identity in cast or onset.time > world.shots[shot + 1].start


def test_sound_far_away_is_as_near() -> None:
    world = drawn(2, 0)
    assert len(audio.render(world, 10_800, 10_801)) == RATE
    assert world.onsets(10_800, 10_810)


def test_a_rate_too_low_for_the_notes_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 14080"):
        audio.render(drawn(0, 0), 0, 1, rate=8000)
