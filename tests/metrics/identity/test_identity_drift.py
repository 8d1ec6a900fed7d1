"""Who stays is told from who changes, who leaves and who is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.metrics import identity_drift
from lvbench.metrics.base import VideoContext
from lvbench.metrics.identity.identity_drift import IdentityDrift
from lvbench.metrics.registry import build
from lvbench.results.schema import ItemScore
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from tests.metrics.identity.faces_script import PLACES, Seen, alike, features, person, scored

LEFT, MIDDLE, RIGHT = PLACES
HERO: Seen = (person(0), LEFT)
OTHER: Seen = (person(1), LEFT)


def kinds(score: ItemScore) -> list[tuple[str, float]]:
    return [(event.kind, event.start) for event in score.events]


def test_who_stays_does_not_drift() -> None:
    score = scored([[HERO]] * 40)
    assert score.value == pytest.approx(0.0)
    assert score.components["presence"] == 1.0
    assert score.components["visible"] == pytest.approx(1.0)
    assert score.components["half_life_censored"] == 1.0
    assert "half_life" not in score.components
    assert not score.events


def test_who_slowly_becomes_another_drifts_by_what_is_lost_and_stays_present() -> None:
    cosines = np.concatenate([np.ones(4), np.linspace(1.0, 0.2, 96)])
    score = scored([[(alike(0, cosine), LEFT)] for cosine in cosines])
    np.testing.assert_allclose(score.series["identity"].y, cosines, atol=1e-6)
    assert score.value == pytest.approx(0.8, abs=0.02)
    assert score.components["presence"] == 1.0
    assert not score.events
    below = np.flatnonzero(cosines < (1 + 0.04) / 2)[0]
    assert score.components["half_life"] == below / 2 + 0.25


@pytest.mark.parametrize("place", [LEFT, RIGHT])
def test_a_swap_is_found_where_it_happens_in_place_or_across_a_cut(
    place: tuple[float, float, float, float],
) -> None:
    score = scored([[HERO]] * 21 + [[(person(1), place)]] * 19)
    assert kinds(score) == [("swap", 10.5)]
    assert score.components["swaps"] == 1
    assert score.components["presence"] == pytest.approx(21 / 40)
    assert score.value == pytest.approx(1.0 - 0.04)
    assert score.components["half_life"] == pytest.approx(10.75)


def test_who_leaves_and_returns_is_lost_and_reappears() -> None:
    score = scored([[HERO]] * 10 + [[]] * 10 + [[HERO]] * 20)
    assert kinds(score) == [("loss", 5.0), ("reappearance", 10.0)]
    assert score.events[0].end == 10.0
    assert score.events[1].details["absent"] == pytest.approx(5.5)
    assert score.value == pytest.approx(1.0 - 0.04)  # A loss in the middle counts.
    assert score.components["end_level"] == pytest.approx(0.0)
    assert score.components["mean"] == pytest.approx((30 + 10 * 0.04) / 40)


def test_a_missing_detection_is_no_absence() -> None:
    score = scored([[HERO]] * 10 + [[]] + [[HERO]] * 19)
    assert not score.events
    assert min(score.series["identity"].y) == pytest.approx(1.0)
    assert score.components["presence"] == pytest.approx(29 / 30)


@pytest.mark.parametrize("rate", [0.25, 1.0, 24.0])
def test_it_works_at_any_sampling_rate(rate: float) -> None:
    frames = [[HERO]] * 100 + [[]] + [[HERO]] * 19 + [[OTHER]] * 120
    score = scored(frames, rate=rate)
    assert kinds(score) == [("swap", 120 / rate)]
    assert score.value == pytest.approx(1.0 - 0.04)


def test_who_vanishes_never_scores_better_than_who_stays_however_changed() -> None:
    """LoCoT2V-Bench gives a character who is seen once the best score."""
    vanished = scored([[HERO]] * 20 + [[]] * 20)
    replaced = scored([[HERO]] * 20 + [[OTHER]] * 20)
    changed = scored([[HERO]] * 20 + [[(alike(0, 0.2), LEFT)]] * 20)
    assert vanished.value == pytest.approx(replaced.value)
    assert changed.value is not None
    assert vanished.value is not None
    assert changed.value < vanished.value
    assert changed.components["mean"] > vanished.components["mean"]
    early, late = scored([[HERO]] * 5 + [[]] * 35), scored([[HERO]] * 30 + [[]] * 10)
    assert early.components["mean"] < late.components["mean"]
    assert early.components["half_life"] < late.components["half_life"]


def test_who_is_seen_once_is_no_anchor() -> None:
    score = scored([[HERO]] + [[]] * 39)
    assert (score.status, score.code) == ("not_applicable", "no_face")
    assert score.detail is not None
    assert "1 of 40" in score.detail


def test_of_two_people_one_may_leave() -> None:
    both = [(person(0), LEFT), (person(1), RIGHT)]
    score = scored([both] * 20 + [[both[1]]] * 20)
    assert score.components["people"] == 2
    assert kinds(score) == [("loss", 10.0)]
    assert score.value == pytest.approx((1.0 - 0.04) / 2)
    assert score.components["presence"] == pytest.approx(0.75)


def test_people_who_change_places_are_still_themselves() -> None:
    one, two = person(0), person(1)
    before, after = [(one, LEFT), (two, RIGHT)], [(two, LEFT), (one, RIGHT)]
    score = scored([before] * 20 + [after] * 20)
    assert not score.events
    assert score.value == pytest.approx(0.0)


def test_who_was_there_already_takes_nobodys_place() -> None:
    """The hero leaves seconds after somebody joined: a loss, no swap."""
    joined = [HERO, (person(1), RIGHT)]
    score = scored([[HERO]] * 10 + [joined] * 10 + [[joined[1]]] * 20)
    assert kinds(score) == [("loss", 10.0)]


def test_a_stranger_for_a_moment_is_no_swap() -> None:
    score = scored([[HERO]] * 20 + [[OTHER]] + [[]] * 19)
    assert kinds(score) == [("loss", 10.0)]


def test_small_faces_in_the_background_are_no_anchors() -> None:
    extra: Seen = (person(2), (0.9, 0.2, 0.95, 0.3))
    score = scored([[HERO, extra]] * 10 + [[HERO]] * 30)
    assert score.components["people"] == 1
    assert score.value == pytest.approx(0.0)


def test_the_bank_begins_with_the_first_face_and_begins_anew_after_a_false_one() -> None:
    late = scored([[]] * 10 + [[HERO]] * 30)
    assert late.series["identity"].t[0] == pytest.approx(5.25)
    assert late.components["presence"] == 1.0
    false = scored([[(person(5), RIGHT)], *[[]] * 9, *[[HERO]] * 30])
    assert false.series["identity"].t[0] == pytest.approx(5.25)
    assert scored([[]] * 30 + [[HERO]] * 8).code == "too_short"


def test_noise_alone_is_no_drift() -> None:
    """A frame of the bank is compared with the others of the bank, never with itself."""
    rng = np.random.default_rng(3)
    values = []
    for _ in range(40):
        noise = rng.standard_normal((40, 64)) / 8
        score = scored([[(person(0) + n, LEFT)] for n in noise])
        values.append(score.components["end_level"])
    spread = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * spread


def test_a_change_that_the_prompts_order_is_no_drift() -> None:
    frames = [[HERO]] * 20 + [[OTHER]] * 20
    assert scored(frames, persist={"light"}).code == "ordered_change"
    assert scored(frames, persist={"identity"}).status == "ok"


def test_nobody_and_nothing_have_their_codes() -> None:
    assert scored([[]] * 40).code == "no_face"
    assert scored([[]] * 5).code == "too_short"
    assert scored([[HERO]] * 5).code == "too_short"
    assert scored([]).code == "too_short"


def test_a_tracked_subject_is_measured_like_a_face() -> None:
    scale: dict[str, Any] = {"extractor": "subject", "same": 0.7, "baseline": 0.3}
    score = scored([[HERO]] * 20 + [[OTHER]] * 20, **scale)
    assert kinds(score) == [("swap", 10.0)]
    assert score.value == pytest.approx(1.0 - 0.3)
    assert scored([[]] * 40, **scale).code == "no_subject"


def test_what_is_kept_of_a_crowd_does_not_grow() -> None:
    metric = IdentityDrift()
    state = metric.new_state(VideoContext())
    rng = np.random.default_rng(0)
    for i in range(400):
        strangers: list[Seen] = [(f / np.linalg.norm(f), MIDDLE) for f in rng.normal(size=(1, 64))]
        passing = strangers if i % 3 else []
        metric.update(state, {"mobilefacenet": features([[HERO, *passing]], i / 2)})
        assert len(state._others) <= 8
        assert not state._filling or i < 5
    assert len(state.anchors) == 1


def test_the_meaning_of_a_cosine_must_be_known() -> None:
    with pytest.raises(ConfigError, match="dinov2"):
        build("identity_drift", {"extractor": "dinov2"})
    with pytest.raises(ConfigError, match="baseline < same"):
        build("identity_drift", {"same": 0.3, "baseline": 0.4})
    other = build("identity_drift", {"extractor": "dinov2", "same": 0.7, "baseline": 0.2})
    assert other.key == "identity_drift@dinov2"
    assert build("identity_drift", {"extractor": "sface"}).parameters()["same"] == 0.363


class Couple(NamedTuple):
    people: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    fps: float


@pytest.fixture(scope="module")
def couple(videos: Path) -> Couple:
    """Return the man and the woman of a real clip, 5 s each."""
    with open_video(videos / "ltx2_with_audio.mp4", Products(rgb=True)) as reader:
        fps = reader.info.fps
        frames = np.concatenate([chunk.rgb for chunk in reader if chunk.rgb is not None])
    assert fps is not None
    return Couple((frames[:, :, :416], frames[:, :, 416:]), fps)


@pytest.mark.assets
@pytest.mark.parametrize("seconds", [3.0, 4.2])
@pytest.mark.parametrize("order", [0, 1])
def test_a_person_replaced_by_another_is_found_within_a_segment(
    couple: Couple,
    assets: Path,
    order: int,
    seconds: float,
) -> None:
    fps = couple.fps
    first, second = couple.people[order], couple.people[1 - order]
    cut = round(seconds * fps)
    video = np.concatenate([first[:cut], second])
    score = identity_drift(video, fps, weights=assets / "assets")
    assert [event.kind for event in score.events] == ["swap"]
    assert abs(score.events[0].start - cut / fps) <= 0.5
    assert score.components["onset"] == pytest.approx(cut / fps, abs=0.5)
    assert score.value is not None
    assert score.value > 0.5


@pytest.mark.assets
@pytest.mark.parametrize("who", [0, 1])
def test_the_same_person_from_another_moment_is_no_swap(
    couple: Couple, assets: Path, who: int
) -> None:
    clip = couple.people[who]
    half = len(clip) // 2
    video = np.concatenate([clip[:half], clip[::-1], clip[half:]])
    score = identity_drift(video, couple.fps, weights=assets / "assets")
    assert not score.events
    assert score.components["presence"] == 1.0
    assert score.components["half_life_censored"] == 1.0
    assert score.value is not None
    # A turn of the head moves the similarity by up to 0.3, a swap by 0.68.
    assert abs(score.value) < 0.68 / 2
    assert abs(score.components["end_level"]) < 0.2


@pytest.mark.assets
def test_who_comes_back_after_another_reappears(couple: Couple, assets: Path) -> None:
    (man, woman), fps = couple
    third = round(3 * fps)
    video = np.concatenate([woman[:third], man[:third], woman[third - 12 :]])
    score = identity_drift(video, fps, weights=assets / "assets")
    assert [(e.kind, e.start) for e in score.events] == [("swap", 3.0), ("reappearance", 6.0)]
