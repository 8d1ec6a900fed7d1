"""The reference model as a generator: its switches, its seams, its refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import ConfigError, LvbenchError, UsageError, WeightsError
from lvbench.generators.reference import ReferenceModel
from lvbench.reference.checkpoint import save_weights
from lvbench.video.manifest.entry import Prompt
from tests.reference.conftest import small_network


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = small_network()
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_weights(path, network, network.state_dict(), 7)
    return path


def test_what_can_move_a_pixel_is_in_the_revision(weights: Path) -> None:
    plain, changed = ReferenceModel(str(weights)), ReferenceModel(f"{weights},steps=2,cfg=1.25")
    assert plain.info.revision.startswith("weights ")
    assert changed.info.revision == f"{plain.info.revision}, steps=2,cfg=1.25"
    assert plain.info.size == (16, 16)
    assert plain.info.fps == 8.0


@pytest.mark.parametrize(
    ("switches", "seams"),
    [("steps=1", ()), ("steps=1,sampler=rolling", ()), ("steps=1,sampler=chunk,chunk=5", (5, 10))],
)
def test_chunks_have_seams_and_streams_have_none(
    weights: Path, tmp_path: Path, switches: str, seams: tuple[int, ...]
) -> None:
    generator = ReferenceModel(f"{weights},{switches}")
    request = replace(generator.example(), seconds=1.5)
    clip = generator.make(request, tmp_path / "clip.mp4")
    assert clip.seams == tuple(frame / 8 for frame in seams)


def test_another_size_or_rate_is_said_before_it_is_made(weights: Path) -> None:
    generator = ReferenceModel(str(weights))
    plan = generator.plan(replace(generator.example(), width=64, height=48, fps=24.0))
    assert (plan.width, plan.height, plan.fps, plan.frames) == (16, 16, 8.0, 16)
    assert plan.notes


def test_the_same_request_gives_the_same_frames(weights: Path) -> None:
    generator = ReferenceModel(f"{weights},steps=2")
    first, again = (np.concatenate(list(generator.frames(generator.example()))) for _ in range(2))
    assert np.array_equal(first, again)
    other = replace(generator.example(), seed=9)
    assert not np.array_equal(first, np.concatenate(list(generator.frames(other))))


def test_other_text_gets_the_grammar(weights: Path) -> None:
    generator = ReferenceModel(str(weights))
    other = replace(generator.example(), prompts=(Prompt(text="A fox trots along a path."),))
    with pytest.raises(ConfigError) as caught:
        generator.plan(other)
    assert caught.value.code == "not_world_text"


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        ("no-such-preset", UsageError),
        ("default,stepps=2", UsageError),
        ("/nowhere/weights.safetensors", WeightsError),
    ],
)
def test_what_is_no_model_is_refused(argument: str, error: type[LvbenchError]) -> None:
    with pytest.raises(error):
        ReferenceModel(argument)
