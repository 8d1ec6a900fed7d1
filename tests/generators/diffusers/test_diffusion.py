"""Pipelines of real classes make the very frames that they make when called by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lvbench.errors import (
    ConfigError,
    GeneratorError,
    LvbenchError,
    MissingDependencyError,
    WeightsError,
)
from lvbench.generators.contract.base import Request
from lvbench.generators.contract.pixels import slices
from lvbench.generators.contract.plan import Limits
from lvbench.generators.diffusers.diffusion import Diffusion, raised, windows
from lvbench.generators.registry import build
from lvbench.video.manifest.entry import Prompt
from tests.generators.diffusers.tiny_pipelines import save

TWO = (Prompt(text="a red boat"), Prompt(start=1.0, text="a storm"))
REQUEST = Request("boat", TWO, 33 / 16, 16.0, 48, 32, 3)
CALL = {"num_inference_steps": 2, "max_sequence_length": 16}

Folder = Callable[[str], Path]
Made = Callable[..., Diffusion]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return a maker of saved pipelines; each is made once."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = save(name, tmp_path_factory.mktemp(name))
        return made[name]

    return make


@pytest.fixture
def made(pipeline: Folder, tmp_path: Path) -> Made:
    """Return a maker of generators of a class, with settings."""

    def make(name: str, **settings: Any) -> Diffusion:
        content = {"class": name, "model": str(pipeline(name)), "call": CALL, **settings}
        path = tmp_path / f"{name}.yaml"
        path.write_text(json.dumps(content))
        return Diffusion(str(path))

    return make


def frames(generator: Diffusion, request: Request = REQUEST) -> NDArray[np.uint8]:
    return np.concatenate(list(generator.frames(request)))


def by_hand(name: str, folder: Path, seed: int = 3, **arguments: Any) -> NDArray[np.uint8]:
    import diffusers
    import torch

    pipe = getattr(diffusers, name).from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    generator = torch.Generator("cpu").manual_seed(seed)
    usual = {"prompt": "a red boat", "height": 32, "width": 48, "output_type": "np"}
    result = pipe(**{**usual, **CALL, **arguments}, generator=generator)
    return np.concatenate(list(slices(result.frames)))


def refused(generator: Diffusion, request: Request = REQUEST) -> LvbenchError:
    with pytest.raises(LvbenchError) as caught:
        generator.plan(request)
    return caught.value


def test_a_whole_clip_is_that_of_the_pipeline(made: Made, pipeline: Folder) -> None:
    generator = made("WanPipeline")
    wanted = by_hand("WanPipeline", pipeline("WanPipeline"), num_frames=33)
    assert wanted.shape == (33, 32, 48, 3)
    np.testing.assert_array_equal(frames(generator), wanted)
    assert generator.plan(REQUEST).notes == ("only the first prompt is read; 1 later ignored",)


def test_lengths_and_sizes_are_rounded_before_the_pipeline_does(made: Made) -> None:
    asked = replace(REQUEST, seconds=2.0, width=50, height=40, fps=24.0)
    plan = made("WanPipeline").plan(asked)
    assert (plan.frames, plan.fps, plan.width, plan.height) == (33, 16, 48, 48)
    assert frames(made("WanPipeline"), asked).shape == (33, 48, 48, 3)


def test_a_clip_beyond_the_window_is_refused(made: Made) -> None:
    assert refused(made("WanPipeline"), replace(REQUEST, seconds=60)).code == "clip_too_long"


@pytest.mark.parametrize("kind", ["np", "pt", "pil"])
def test_every_kind_of_output_gives_the_same_frames(made: Made, kind: str) -> None:
    generator = made("WanPipeline", call={**CALL, "output_type": kind})
    np.testing.assert_array_equal(frames(generator), frames(made("WanPipeline")))


@pytest.mark.parametrize("dtype", ["bfloat16", {"default": "bfloat16", "vae": "float32"}])
def test_it_runs_in_other_types_and_in_tiles(made: Made, dtype: object) -> None:
    found = frames(made("WanPipeline", dtype=dtype, tiling=True))
    assert found.shape == (33, 32, 48, 3)
    assert not np.array_equal(found, frames(made("WanPipeline")))


def test_a_seed_and_a_prompt_count(made: Made) -> None:
    generator = made("WanPipeline")
    clip = frames(generator)
    assert not np.array_equal(clip, frames(generator, replace(REQUEST, seed=4)))
    assert not np.array_equal(clip, frames(generator, replace(REQUEST, prompts=TWO[1:])))


def test_a_pipeline_from_pictures_goes_on_from_the_last(made: Made, pipeline: Folder) -> None:
    """Frames 0-8 by one pipeline, then 8 at a time by another, with the prompt that then holds."""
    from PIL import Image

    text, pictured = "WanPipeline", "WanImageToVideoPipeline"
    first = {"class": text, "model": str(pipeline(text)), "call": CALL}
    generator = made(pictured, first=first, limits={"most_frames": 9})
    asked = replace(REQUEST, seconds=20 / 16)
    plan = generator.plan(asked)
    assert (plan.frames, plan.seams) == (20, (9 / 16, 17 / 16))
    assert (
        "generated in 3 windows of up to 9 frames, each starting from the last picture"
        in plan.notes[-1]
    )
    parts = list(generator.frames(asked))
    assert [len(part) for part in parts] == [9, 8, 3]
    np.testing.assert_array_equal(parts[0], by_hand(text, pipeline(text), num_frames=9))
    before = {"image": Image.fromarray(parts[1][-1]), "num_frames": 5, "prompt": "a storm"}
    seed = int(np.random.SeedSequence([3, 2]).generate_state(1)[0])
    again = by_hand(pictured, pipeline(pictured), seed, **before)
    np.testing.assert_array_equal(parts[2], again[1:4])


def test_a_first_picture_may_be_given(made: Made, pipeline: Folder, tmp_path: Path) -> None:
    from PIL import Image

    name = "WanImageToVideoPipeline"
    error = refused(made(name))
    assert (error.code, "'first'" in error.fix) == ("image_missing", True)
    picture = Image.effect_noise((48, 32), 60).convert("RGB")
    picture.save(tmp_path / "first.png")
    given = replace(REQUEST, image=tmp_path / "first.png", seconds=9 / 16)
    wanted = by_hand(name, pipeline(name), image=picture, num_frames=9)
    np.testing.assert_array_equal(frames(made(name), given), wanted)
    assert "the image input is ignored" in made("WanPipeline").plan(given).notes


def test_a_pipeline_from_frames_goes_on_from_the_last_ones(made: Made, pipeline: Folder) -> None:
    from PIL import Image

    name = "LTXConditionPipeline"
    generator = made(name, limits={"most_frames": 17}, overlap=9)
    asked = replace(REQUEST, width=64, seconds=25 / 16)
    parts = list(generator.frames(asked))
    assert [len(part) for part in parts] == [17, 8]
    assert generator.plan(asked).seams == (17 / 16,)
    tail = [Image.fromarray(frame) for frame in parts[0][-9:]]
    seed = int(np.random.SeedSequence([3, 1]).generate_state(1)[0])
    more = {"video": tail, "num_frames": 17, "width": 64, "frame_rate": 16, "prompt": "a storm"}
    again = by_hand(name, pipeline(name), seed, **more)
    np.testing.assert_array_equal(parts[1], again[9:])


def test_a_rate_that_is_an_argument_is_passed(made: Made, pipeline: Folder) -> None:
    wanted = by_hand("LTXPipeline", pipeline("LTXPipeline"), num_frames=33, width=64, frame_rate=16)
    found = frames(made("LTXPipeline"), replace(REQUEST, width=64))
    np.testing.assert_array_equal(found, wanted)


def test_diffusion_forcing_goes_on_by_itself(made: Made, pipeline: Folder) -> None:
    name = "SkyReelsV2DiffusionForcingPipeline"
    own = {"base_num_frames": 17, "overlap_history": 5}
    generator = made(name, call={**CALL, **own})
    asked = replace(REQUEST, fps=24.0, seconds=33 / 24)
    plan = generator.plan(asked)
    assert plan.seams == (17 / 24, 29 / 24)
    assert plan.frames == 33
    assert "in one call, with an overlap of 5 frames" in plan.notes[-1]
    wanted = by_hand(name, pipeline(name), num_frames=33, fps=24, **own)
    np.testing.assert_array_equal(frames(generator, asked), wanted)


@pytest.mark.parametrize(("count", "sections"), [(37, 1), (38, 2), (73, 2)])
def test_framepack_makes_no_more_sections_than_are_kept(
    made: Made, pipeline: Folder, tmp_path: Path, count: int, sections: int
) -> None:
    from PIL import Image

    name = "HunyuanVideoFramepackPipeline"
    template = {"prompt_template": {"template": "{}", "crop_start": 0}}
    picture = Image.effect_noise((32, 32), 60).convert("RGB")
    picture.save(tmp_path / "first.png")
    generator = made(name, call={**CALL, **template})
    asked = replace(REQUEST, width=32, fps=30.0, seconds=count / 30, image=tmp_path / "first.png")
    plan = generator.plan(asked)
    assert plan.frames == count
    assert len(plan.seams or ()) == sections - 1
    wanted = by_hand(
        name, pipeline(name), image=picture, width=32, num_frames=33 * sections, **template
    )
    assert len(wanted) == 36 * sections + 1
    np.testing.assert_array_equal(frames(generator, asked), wanted[:count])


def test_arguments_may_be_mapped_by_hand(made: Made, pipeline: Folder) -> None:
    generator = made("WanPipeline", map={"negative_prompt": "prompt"})
    wanted = by_hand(
        "WanPipeline", pipeline("WanPipeline"), num_frames=33, negative_prompt="a red boat"
    )
    np.testing.assert_array_equal(frames(generator), wanted)


@pytest.mark.parametrize(
    ("name", "settings", "found"),
    [
        (
            "WanPipeline",
            {"call": {"guidance": 3}},
            "no argument 'guidance'; nearest: guidance_scale",
        ),
        ("WanPipeline", {"map": {"num_frame": "frames"}}, "nearest: num_frames"),
        ("WanPipelin", {}, "nearest: WanPipeline"),
        ("WanAnimatePipeline", {"fps": 16}, "missing required arguments: pose_video, face_video"),
        ("MochiPipeline", {}, "its frame rate is unknown"),
    ],
)
def test_what_the_class_does_not_know_is_named(
    made: Made, pipeline: Folder, name: str, settings: dict[str, Any], found: str
) -> None:
    generator = made("WanPipeline", **{"class": name, **settings})
    error = refused(generator)
    assert isinstance(error, ConfigError)
    assert error.code == "generator_config_invalid"
    assert found in error.found


def test_a_pipeline_of_given_videos_is_refused(made: Made) -> None:
    name = "SkyReelsV2DiffusionForcingVideoToVideoPipeline"
    assert refused(made("WanPipeline", **{"class": name, "fps": 24})).code == "video_missing"


def test_weights_that_are_not_there_stop_all(made: Made, tmp_path: Path) -> None:
    generator = made("WanPipeline", model=str(tmp_path / "none"))
    with pytest.raises(WeightsError) as caught:
        generator.make(REQUEST, tmp_path / "a.mp4")
    assert caught.value.where == str(tmp_path / "none")


def test_without_diffusers_the_command_that_installs_it_is_told(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = made("WanPipeline")
    monkeypatch.setitem(sys.modules, "diffusers", None)
    error = refused(generator)
    assert isinstance(error, MissingDependencyError)
    assert ".[diffusers]" in error.fix


def test_what_returns_no_frames_is_told(made: Made) -> None:
    generator = made("WanPipeline", call={**CALL, "return_dict": False})
    with pytest.raises(GeneratorError, match="without frames"):
        frames(generator)


def test_the_name_in_the_registry(made: Made, tmp_path: Path) -> None:
    made("WanPipeline")
    name = build(f"diffusers:{tmp_path / 'WanPipeline.yaml'}").info.name
    assert name == "diffusers:WanPipeline"


@given(
    frames=st.integers(1, 400),
    steps=st.integers(1, 12),
    multiple=st.integers(1, 8),
    overlap=st.integers(1, 8),
)
def test_every_frame_is_made_once(frames: int, steps: int, multiple: int, overlap: int) -> None:
    limits = Limits(multiple, 1, most_frames=multiple * (steps + 8) + 1)
    done = 0
    for window in windows(frames, limits, overlap):
        assert window.first == done
        assert window.shared == (overlap if done else 0)
        assert window.made % multiple == 1 % multiple
        assert window.shared + window.count <= window.made <= (limits.most_frames or 0)
        done += window.count
    assert done == frames


def test_the_last_window_is_as_short_as_it_can_be() -> None:
    found = [(w.first, w.count, w.made) for w in windows(20, Limits(4, 1, 9), 1)]
    assert found == [(0, 9, 9), (9, 8, 9), (17, 3, 5)]


def test_without_a_window_there_is_one() -> None:
    assert [w.made for w in windows(30, Limits(4, 1), 1)] == [33]


def test_windows_that_are_all_shared_are_refused() -> None:
    with pytest.raises(ValueError, match="windows of 9 frames that share 9"):
        list(windows(20, Limits(4, 1, 9), 9))
    assert len(list(windows(9, Limits(4, 1, 9), 9))) == 1


def test_the_next_number_that_fits() -> None:
    limits = Limits(4, 1)
    assert [raised(value, limits) for value in (1, 2, 5, 6, 80, 81)] == [1, 5, 5, 9, 81, 81]
