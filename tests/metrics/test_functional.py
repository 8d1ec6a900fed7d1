"""A metric used alone on frames in memory sees what it would see in a pass over a file."""

from __future__ import annotations

import doctest
import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import lvbench
from lvbench.errors import InputError, RegistryError
from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features
from lvbench.metrics import functional
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.functional import Inputs, score_array
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames, Products


class Shapes(Extractor):
    """Remember the pictures that it was given."""

    def __init__(self) -> None:
        self.spec = ExtractorSpec("shapes", 1, Products(luma=True, small=40, rgb=True), "none")
        self.seen: list[Frames] = []

    def __call__(self, frames: Frames) -> Arrays:
        self.seen.append(frames)
        return {"n": np.ones(len(frames))}


class Count(Metric[list[object]]):
    """Count frames; keep what the video's context said."""

    info = MetricInfo(
        name="count",
        version=1,
        headline=ScoreInfo("Frames", "", None),
        needs=("shapes",),
        range=(0.0, None),
        group="motion",
    )

    def new_state(self, video: VideoContext) -> list[object]:
        self.video = video
        return []

    def update(self, state: list[object], features: Mapping[str, Features]) -> None:
        state += features["shapes"].t.tolist()

    def item(self, state: list[object]) -> ItemScore:
        return ItemScore(value=float(len(state)))


def clip(frames: int = 37) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (frames, 60, 80, 3), dtype=np.uint8)


def test_every_frame_reaches_the_metric_with_its_pictures_and_time() -> None:
    shapes, metric = Shapes(), Count()
    found = score_array(
        metric,
        clip(),
        fps=25,
        segment_seconds=0.25,
        seams=[1.0],
        cuts=[0.5],
        extractors={"shapes": shapes},
    )
    assert found.value == 37
    assert replace(metric.video, presentation=None) == VideoContext(0.25, 25, (1.0,), (0.5,))
    assert metric.video.presentation is not None
    assert metric.video.presentation.pts == pytest.approx(np.arange(37) / 25)
    rgb = np.concatenate([f.rgb for f in shapes.seen if f.rgb is not None])
    assert np.array_equal(rgb, clip())
    assert {f.small.shape[1:] for f in shapes.seen if f.small is not None} == {(30, 40, 3)}
    pts = np.concatenate([f.pts for f in shapes.seen])
    assert pts == pytest.approx(np.arange(37) / 25)


def test_luma_is_the_weighted_sum_of_the_channels() -> None:
    shapes = Shapes()
    score_array(Count(), clip(4), fps=25, extractors={"shapes": shapes})
    luma = shapes.seen[0].luma
    assert luma is not None
    expected = clip(4) @ np.array([0.299, 0.587, 0.114])
    assert np.abs(luma - expected).max() <= 1


def test_seams_that_are_not_declared_are_none() -> None:
    metric = Count()
    score_array(metric, clip(2), fps=25, extractors={"shapes": Shapes()})
    assert metric.video.seams is None


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 8, 8), np.uint8),
        np.zeros((4, 8, 8, 4), np.uint8),
        np.full((4, 8, 8, 3), 2, np.float32),
    ],
)
def test_a_form_that_is_not_taken_is_refused(bad: NDArray[np.uint8]) -> None:
    with pytest.raises(InputError, match="take frames"):
        score_array(Count(), bad, fps=25, extractors={"shapes": Shapes()})


def test_the_documented_example_of_score_runs() -> None:
    runner = doctest.DocTestRunner()
    for example in doctest.DocTestFinder().find(functional.score, "score"):
        runner.run(example)
    assert (runner.failures, runner.tries > 0) == (0, True)


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_has_a_function_that_says_what_it_takes(name: str) -> None:
    function, kind = functional.metric_function(name), METRICS.get(name)
    assert getattr(lvbench.metrics, name) is function
    assert function.__name__ == name
    assert function.__doc__
    if vars(sys.modules[kind.__module__]).get(name) is None:
        parameters = inspect.signature(kind).parameters.keys()
        assert parameters <= inspect.signature(function).parameters.keys()
        assert all(f"{parameter}: " in function.__doc__ for parameter in parameters)
        if issubclass(kind, Metric):
            assert not parameters & inspect.signature(Inputs).parameters.keys()


def test_score_is_the_function_of_the_metric() -> None:
    still = np.zeros((24, 32, 32, 3), np.uint8)
    assert lvbench.score("freeze", still, fps=24) == lvbench.metrics.freeze(still, 24)
    looped = np.concatenate([np.random.default_rng(0).integers(0, 256, still.shape, np.uint8)] * 3)
    assert lvbench.score("loop", looped, fps=24).value > 0.5
    assert lvbench.score("loop", looped, fps=24, minimum_period=2.5).value == 0.0
    assert lvbench.score("vde", [0, 1, 2], [1, 1, 1], chunks=3).value == 0.0
    with pytest.raises(RegistryError, match="freeze"):
        lvbench.score("freze", still, fps=24)
    with pytest.raises(TypeError, match="unheard"):
        lvbench.score("freeze", still, fps=24, unheard=1)


def test_a_missing_input_is_named() -> None:
    with pytest.raises(InputError, match="take frames"):
        lvbench.score("freeze")
    with pytest.raises(InputError, match="take frames"):
        lvbench.score("freeze", audio=np.zeros(800), rate=8000)
    with pytest.raises(InputError, match="take fps"):
        lvbench.score("freeze", clip(2))
    with pytest.raises(InputError, match="take rate"):
        lvbench.score("audio_quality", audio=np.zeros(800))
    with pytest.raises(InputError, match="2 prompts and 1 views"):
        score_array(
            Count(),
            clip(2),
            fps=25,
            extractors={"shapes": Shapes()},
            prompts=[(0.0, "a"), (1.0, "b")],
            views=["home"],
        )


def test_parameters_of_an_extractor_are_given_by_its_name() -> None:
    frames = np.full((8, 32, 32, 3), 100, np.uint8)
    original = np.full((8, 32, 32, 3), 104, np.uint8)
    one = lvbench.metrics.psnr(frames, 8, original=original, picture="planes")
    other = score_array(
        METRICS.get("psnr")(),
        frames,
        8,
        original=original,
        extractors={"paired_psnr": {"picture": "planes"}},
    )
    assert one == other
