"""Frames of the world are nearer to their own prompt than to others', and name their scene."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.world_training.examine_identity import blurred
from benchmarks.world_training.samples import FPS, held_out_clip, held_out_moments
from lvbench.features import load
from lvbench.features.world.world_clip import WorldClip, read_scene
from lvbench.video.frames import Frames
from lvbench.world.grammar import LEVELS, parse

PROMPT = "scene=meadow; cast=red solid disc, blue solid square; camera=still; light=noon"


@pytest.fixture(scope="module")
def extractor() -> WorldClip:
    found = load("world_clip", rate=0)
    assert isinstance(found, WorldClip)
    return found


@pytest.mark.parametrize("level", range(LEVELS))
def test_scenes_of_held_out_clips_are_read(level: int) -> None:
    moments = held_out_moments(level, 12)
    assert np.mean(read_scene(moments.pictures) == moments.scene) > 0.95
    assert np.mean(read_scene(blurred(moments.pictures)) == moments.scene) > 0.9


def test_frames_are_nearest_to_their_own_prompt(extractor: WorldClip) -> None:
    worlds = [held_out_clip(0, number) for number in range(40)]
    pictures = np.concatenate([world.render(40, 41, 48, 48) for world in worlds])
    texts = [world.shots[0].text for world in worlds]
    extract = extractor.start(FPS, texts)
    found = [
        extract(Frames(np.arange(1.0), rgb=one[None]))["text_similarity"][0] for one in pictures
    ]
    similarity = np.stack(found)
    assert np.mean(similarity.argmax(axis=1) == np.arange(len(worlds))) > 0.8
    own, others = np.diag(similarity), similarity[~np.eye(len(worlds), dtype=bool)]
    assert np.median(own) > 0.85
    assert np.median(own) - np.median(others) > 0.4


def test_camera_light_and_the_order_of_the_cast_say_nothing(extractor: WorldClip) -> None:
    own = extractor.encode_text(parse(PROMPT))
    assert np.linalg.norm(own) == pytest.approx(1, abs=1e-5)
    other = PROMPT.replace("camera=still; light=noon", "camera=pan left; light=dusk")
    np.testing.assert_array_equal(extractor.encode_text(parse(other)), own)
    turned = PROMPT.replace(
        "red solid disc, blue solid square", "blue solid square, red solid disc"
    )
    np.testing.assert_allclose(extractor.encode_text(parse(turned)), own, atol=1e-6)


def test_other_prompts_give_no_similarity(extractor: WorldClip) -> None:
    frames = Frames(np.arange(1.0), rgb=np.zeros((1, 48, 48, 3), np.uint8))
    assert "text_similarity" not in extractor.start(FPS, [PROMPT, "a boat"])(frames).values
    assert "text_similarity" not in extractor.start(FPS)(frames).values
    assert extractor.start(FPS, [PROMPT])(frames)["text_similarity"].shape == (1, 1)
