"""The world's characters are found, named and placed, in clips that no training clip was like."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.world_training.examine_identity import PLAIN, blurred
from benchmarks.world_training.samples import held_out_moments
from lvbench.features import load
from lvbench.features.world.world_identity import (
    MOST,
    SAME,
    detect,
    nearest,
    present,
    signature,
    similarity,
)
from lvbench.video.frames import Frames
from lvbench.world.grammar import IDENTITIES, LEVELS, Character


def test_a_signature_is_nearest_to_its_own_character() -> None:
    everyone = [Character.of(number) for number in range(IDENTITIES)]
    signatures = np.stack([signature(one) for one in everyone])
    np.testing.assert_array_equal(nearest(signatures), np.arange(IDENTITIES))
    cosines = similarity(signatures, everyone)
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-6)
    # Whoever differs in one part only is told apart.
    assert np.sort(cosines, axis=1)[:, -2].max() == pytest.approx(2 / 3)
    assert SAME > 2 / 3


@pytest.mark.parametrize("level", range(LEVELS))
@pytest.mark.parametrize("spoilt", [False, True])
def test_the_cast_of_held_out_clips_is_recognised(level: int, spoilt: bool) -> None:
    moments = held_out_moments(level, 12)
    pictures = blurred(moments.pictures) if spoilt else moments.pictures
    here, gone = [], []
    for picture, members, visible in zip(pictures, moments.members, moments.visible, strict=True):
        cast = [Character.of(int(number)) for number in members if number >= 0]
        told = present(picture[None], cast)[0]
        here += told[visible[: len(cast)] >= PLAIN].tolist()
        gone += told[visible[: len(cast)] == 0].tolist()
    assert np.mean(here) > 0.9
    assert np.mean([0, *gone]) < 0.05


def test_places_are_told_as_fractions_whatever_the_size() -> None:
    moments = held_out_moments(0, 6, 2)
    seen = detect(moments.pictures)
    for row, (centres, visible) in enumerate(zip(moments.centres, moments.visible, strict=True)):
        count = seen["count"][row]
        places = seen["place"][row, :count]
        for centre in centres[visible == 1]:
            assert np.abs(places - (centre + 0.5) / 48).max(axis=1).min() < 0.03
    large = np.repeat(np.repeat(moments.pictures, 4, axis=1), 4, axis=2)
    again = detect(large)
    for name, array in seen.items():
        np.testing.assert_array_equal(array, again[name])


def test_a_frame_is_read_alike_alone_and_among_others() -> None:
    extractor = load("world_identity")
    pictures = held_out_moments(2, 5).pictures
    whole = extractor(Frames(np.arange(16.0), rgb=pictures[:16]))
    for i in (0, 7, 15):
        alone = extractor(Frames(np.arange(1.0), rgb=pictures[i : i + 1]))
        for name, array in alone.items():
            np.testing.assert_array_equal(array[0], whole[name][i])


def test_what_holds_nobody_says_so() -> None:
    found = detect(np.full((3, 48, 48, 3), 128, np.uint8))
    assert found["count"].tolist() == [0, 0, 0]
    assert found["embedding"].shape == (3, MOST, 16)
    assert not present(np.zeros((2, 48, 48, 3), np.uint8), [Character.of(0)]).any()
