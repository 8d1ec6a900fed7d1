"""Random clips: of their level's words, the same for the same seed, and never shared."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from lvbench.errors import UsageError
from lvbench.world import draw
from lvbench.world.draw import TEST_SEEDS, TRAIN_SEEDS, draw_shots, train_seed
from lvbench.world.grammar import CAMERAS, HUES, LIGHTS, PATTERNS, SCENES, SHAPES, level, schedule

CLIPS = 300
FIRST = "scene=desert; cast=blue solid disc, red spotted ring; camera=return right; light=cycle"


def test_seeds_of_training_and_test_never_meet() -> None:
    assert TRAIN_SEEDS.stop == TEST_SEEDS.start == 2**31
    assert TEST_SEEDS.stop == 2**32
    last = 2**31 - 1
    assert [train_seed(0), train_seed(last)] == [0, last]
    assert [draw.test_seed(0), draw.test_seed(last)] == [2**31, 2**32 - 1]


@pytest.mark.parametrize("take", [draw.train_seed, draw.test_seed])
@pytest.mark.parametrize("number", [-1, 2**31])
def test_other_numbers_have_no_seed(take: object, number: int) -> None:
    assert callable(take)
    with pytest.raises(UsageError, match="give 0 to 2147483647"):
        take(number)


def test_a_seed_always_gives_the_same_clip() -> None:
    # Written down once: another machine or version of numpy must draw the same.
    assert draw_shots(3, 7, 30.0)[0].text == FIRST
    assert draw_shots(3, 7, 30.0) == draw_shots(3, 7, 30.0)
    drawn = {draw_shots(0, seed, 60.0) for seed in range(CLIPS)}
    assert len(drawn) > CLIPS * 0.9


@pytest.mark.parametrize("wanted", range(4))
def test_a_level_speaks_its_own_words_and_all_of_them(wanted: int) -> None:
    clips = [draw_shots(wanted, seed, 60.0) for seed in range(CLIPS)]
    assert max(map(level, clips)) == wanted
    shots = [shot for clip in clips for shot in clip]
    cast = [member for shot in shots for member in shot.cast]
    assert {shot.scene for shot in shots} == set(SCENES)
    assert {shot.camera for shot in shots} == (set(CAMERAS) if wanted else {"still"})
    assert {shot.light for shot in shots} == (set(LIGHTS) if wanted > 1 else {"noon"})
    assert {member.shape for member in cast} == set(SHAPES)
    assert {member.hue for member in cast} == set(HUES)
    assert {member.pattern for member in cast} == (set(PATTERNS) if wanted > 1 else {"solid"})
    assert {len(shot.cast) for shot in shots} == {1, 2, 3}
    for clip in clips:
        assert schedule([(shot.start, shot.text) for shot in clip]) == clip


@pytest.mark.parametrize("seconds", [16.0, 18.5, 60.0, 180.0])
def test_shots_last_8_to_20_seconds(seconds: float) -> None:
    for seed in range(CLIPS):
        starts = [shot.start for shot in draw_shots(3, seed, seconds)]
        lengths = [b - a for a, b in pairwise([*starts, seconds])]
        assert len(starts) > 1
        assert min(lengths) >= 8
        assert max(lengths) <= 20


def test_a_short_clip_has_no_cut() -> None:
    assert len(draw_shots(3, 0, 12.0)) == 1


def test_half_of_the_cuts_carry_members_over() -> None:
    cuts: Counter[str] = Counter()
    for seed in range(CLIPS):
        for before, after in pairwise(draw_shots(3, seed, 60.0)):
            carried = bool(set(before.cast) & set(after.cast))
            moved = before.scene != after.scene
            assert moved or not carried
            cuts["carried" if carried else "moved" if moved else "stayed"] += 1
            assert before.light == after.light
    share = {kind: count / cuts.total() for kind, count in cuts.items()}
    assert share["carried"] == pytest.approx(0.5, abs=0.05)
    assert share["stayed"] == pytest.approx(0.25, abs=0.05)


def test_there_are_four_levels() -> None:
    with pytest.raises(UsageError, match="level 4"):
        draw_shots(4, 0, 60.0)
