"""The oracle shows the world that the prompts order, and sounds like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import ConfigError, GeneratorError, UsageError
from lvbench.generators.baselines.oracle import Oracle, world_of
from lvbench.generators.registry import build
from lvbench.video.audio.decode import AudioReader
from lvbench.video.manifest.entry import Prompt
from lvbench.world import audio

REQUEST = replace(Oracle().example(), seconds=3.5)


def test_frames_are_the_worlds() -> None:
    found = np.concatenate(list(Oracle().frames(REQUEST)))
    np.testing.assert_array_equal(found, world_of(REQUEST).render(0, 28, 64, 48))
    assert not np.array_equal(found[7], found[8])


def test_the_level_may_be_raised_by_hand() -> None:
    levels = [np.concatenate(list(build(f"oracle:level={n}").frames(REQUEST))) for n in (0, 2)]
    assert not np.array_equal(*levels)


@pytest.mark.parametrize("argument", ["level=9", "level=x", "lewel=1"])
def test_a_level_that_is_none_is_refused(argument: str) -> None:
    with pytest.raises(UsageError):
        build(f"oracle:{argument}").plan(REQUEST)


def test_other_text_gets_the_grammar(tmp_path: Path) -> None:
    other = replace(REQUEST, prompts=(Prompt(text="A fox trots along a path."),))
    with pytest.raises(ConfigError) as planned:
        Oracle().plan(other)
    with pytest.raises(GeneratorError) as made:
        Oracle().make(other, tmp_path / "a.mp4")
    for caught in (planned, made):
        assert caught.value.code == "not_world_text"
        assert "scene=meadow; cast=" in caught.value.fix
    assert not list(tmp_path.iterdir())


def test_the_file_sounds_like_the_world(tmp_path: Path) -> None:
    asked = replace(REQUEST, seconds=8.0)
    clip = Oracle().make(asked, tmp_path / "a.mp4")
    assert clip.seams == ()
    with AudioReader(clip.path) as reader:
        heard = np.concatenate([s.samples[:, 0] for s in reader])
    wanted = audio.render(world_of(asked), 0, 8.0)
    assert np.abs(wanted).max() > 0.05
    np.testing.assert_allclose(heard, wanted, atol=1 / 32768)
