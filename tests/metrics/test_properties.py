"""What holds for every metric of the registry, those of plugins included."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.audio.stream import AudioStream
from lvbench.features.base import Features
from lvbench.features.stream import FeatureStream
from lvbench.metrics.base import AnyMetric, Metric, VideoContext, raised_score
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.metrics.functional import Inputs, _chunk, _context, score_array
from lvbench.metrics.registry import METRICS, _targets, build
from lvbench.metrics.set_metric import SetMetric
from lvbench.results.files import canonical_json
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord
from lvbench.video.frames import Products
from lvbench.world.clip import render_clip
from tests.metrics.sounds import CLICKS, clicks, pieces
from tests.metrics.stand_ins import tool

FPS = 8.0
NAMES = METRICS.names()


@pytest.fixture(scope="module")
def clip() -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(6.0, FPS, 96, 64, 3)))


@pytest.fixture(scope="module")
def scores(clip: NDArray[np.uint8]) -> dict[str, ItemScore]:
    return scored(clip)


class Reader:
    """What a metric reads of one clip, and its score or what it raised."""

    def __init__(self, metric: AnyMetric, context: VideoContext) -> None:
        self.metric, self.error, self.windows = metric, cast("Exception | None", None), 0
        self.state = metric.new_state(context) if isinstance(metric, Metric) else None

    def take(self, need: str, found: Features) -> None:
        if need not in self.metric.needs or self.error is not None:
            return
        self.windows += len(found.t)
        if isinstance(self.metric, Metric):
            try:
                self.metric.update(self.state, {need: found})
            except Exception as error:
                self.error = error

    def score(self) -> ItemScore:
        if self.error is not None:
            return raised_score(self.error)
        if isinstance(self.metric, SetMetric):
            return self.metric.item(self.windows)
        assert isinstance(self.metric, Metric)
        return self.metric.item(self.state)


def scored(clip: NDArray[np.uint8], chunk: int = 16) -> dict[str, ItemScore]:
    """Return the score of a clip by every metric, which arrives in chunks of a given size.

    Extractors are shared, as a run shares them; a derived metric gets the scores of its sources.
    """
    context = _context(clip, FPS, Inputs(sounds=CLICKS))
    metrics = {name: build(name) for name in NAMES}
    read = {k: Reader(m, context) for k, m in metrics.items() if not isinstance(m, DerivedMetric)}
    tools = {need: tool(need) for one in read.values() for need in one.metric.needs}
    products = Products()
    for extractor in tools.values():
        products |= extractor.spec.products

    def consume(need: str, found: Features) -> None:
        for one in read.values():
            one.take(need, found)

    def failed(need: str, error: Exception) -> None:
        for one in read.values():
            if need in one.metric.needs:
                one.error = error

    stream = FeatureStream(tools, FPS, consume, failed, (), context.presentation)
    for start in range(0, len(clip), chunk):
        part = clip[start : start + chunk]
        real = _chunk(_real(part), start, FPS, products)
        stream.push(replace(_chunk(part, start, FPS, products), reference=real))
    stream.finish()
    listeners = AudioStream(tools, consume, failed)
    for piece in pieces(clicks(len(clip) / FPS), 997 * chunk):
        listeners.push(piece)
    listeners.finish()
    found = {name: one.score() for name, one in read.items()}
    for name, metric in metrics.items():
        if isinstance(metric, DerivedMetric):
            found[name] = metric.derive({k: found[k] for k in metric.sources if k in found})
    return found


def _real(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what a clip is compared with: the same at half the contrast."""
    return frames // 2 + 32


@pytest.fixture(scope="module")
def in_other_chunks(clip: NDArray[np.uint8]) -> list[dict[str, ItemScore]]:
    return [scored(clip, 1), scored(clip, 7)]


@pytest.mark.parametrize("name", NAMES)
def test_the_decoders_chunks_move_no_bit(
    name: str, scores: dict[str, ItemScore], in_other_chunks: list[dict[str, ItemScore]]
) -> None:
    assert scores[name].status != "failed", scores[name].detail
    assert all(other[name] == scores[name] for other in in_other_chunks)


@pytest.mark.parametrize("name", NAMES)
def test_alone_it_scores_as_among_others(
    name: str, clip: NDArray[np.uint8], scores: dict[str, ItemScore]
) -> None:
    metric = build(name)
    if isinstance(metric, Metric):
        tools = {need: tool(need) for need in metric.needs}
        more = {"sounds": CLICKS, "original": _real(clip), "audio": clicks(len(clip) / FPS)}
        assert score_array(metric, clip, fps=FPS, extractors=tools, **more) == scores[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_it_emits_is_what_it_describes(name: str, scores: dict[str, ItemScore]) -> None:
    metric, score = build(name), scores[name]
    info = metric.info
    assert info.name == name
    assert score.components.keys() <= info.components.keys()
    assert score.series.keys() <= info.series.keys()
    assert set(info.gates) <= set(NAMES)
    assert all(np.diff(series.t).min(initial=1.0) > 0 for series in score.series.values())
    # A set metric's item counts the windows; its range is that of the distance.
    if score.value is not None and not isinstance(metric, SetMetric):
        low, high = info.range
        assert low is None or score.value >= low
        assert high is None or score.value <= high


@pytest.mark.parametrize("name", NAMES)
def test_its_item_becomes_scores_whatever_its_status(
    name: str, scores: dict[str, ItemScore]
) -> None:
    metric, good = build(name), scores[name]
    others = [
        ItemScore(status="failed", code="planted", detail="planted"),
        ItemScore(status="not_applicable", code="too_short", detail="planted"),
    ]
    records = [
        ItemRecord(
            identity="x",
            video=VideoRecord(id=str(i), path=str(i), cluster=str(i)),
            metrics={name: score},
        )
        for i, score in enumerate([good, good, *others])
    ]
    summary = metric.aggregate(records, resamples=100, seed=0)
    assert summary.keys() == {name, *(f"{name}.{part}" for part in metric.info.components)}
    assert all(s.n_expected == s.n_scored + s.n_failed for s in summary.values())
    assert summary[name].n_failed == 1
    backwards = metric.aggregate(records[::-1], resamples=100, seed=0)
    for key, score in summary.items():
        assert canonical_json(score.model_dump()) == canonical_json(backwards[key].model_dump())


def _hostile() -> dict[str, NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    return {
        "one frame": rng.integers(0, 256, (1, 48, 64, 3), np.uint8),
        "two frames": rng.integers(0, 256, (2, 48, 64, 3), np.uint8),
        "black": np.zeros((48, 48, 64, 3), np.uint8),
        "white": np.full((48, 48, 64, 3), 255, np.uint8),
        "noise": rng.integers(0, 256, (48, 48, 64, 3), np.uint8),
        "odd and tiny": rng.integers(0, 256, (48, 17, 23, 3), np.uint8),
        "long and thin": rng.integers(0, 256, (48, 16, 400, 3), np.uint8),
    }


@cache
def _of_hostile(kind: str) -> dict[str, ItemScore]:
    frames = _hostile()[kind]
    before = frames.copy()
    found = scored(frames)
    assert np.array_equal(frames, before)
    return found


@pytest.mark.parametrize("kind", list(_hostile()))
@pytest.mark.parametrize("name", NAMES)
def test_hostile_clips_get_a_value_or_a_reason(name: str, kind: str) -> None:
    """Pydantic refuses NaN, infinity, a value without `ok` and `ok` without a value."""
    score = _of_hostile(kind)[name]
    assert score.status in ("ok", "not_applicable"), score.detail
    if kind == "one frame":
        assert score.status == "not_applicable"
        assert score.code in ("too_short", "too_small", "no_cost")


@pytest.fixture(scope="module")
def of_a_still(clip: NDArray[np.uint8]) -> dict[str, ItemScore]:
    return scored(np.repeat(clip[:1], len(clip), axis=0))


@pytest.mark.parametrize("name", NAMES)
def test_a_still_image_wins_nothing_without_its_gate(
    name: str, of_a_still: dict[str, ItemScore]
) -> None:
    """Stillness says 100 %; what rewards it carries a gate against it or has no value."""
    metric, score = build(name), of_a_still[name]
    if name in ("freeze", "stillness"):
        assert score.value == 1.0
    rewarded = metric.info.headline.higher_is_better is not None
    punished = ("freeze", "loop", "stillness", "dynamics")
    if metric.info.group == "motion" and rewarded and name not in punished:
        assert score.value is None or "stillness" in metric.info.gates


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_card(name: str) -> None:
    import inspect

    kind = METRICS.get(name)
    card = Path(inspect.getfile(kind)).with_suffix(".md").read_text("utf-8")
    for word in ("Definition", "Range", "ignore", "Failure modes"):
        assert word.lower() in card.lower(), f"the card of {name} says nothing of '{word}'"
    assert kind.info.cites


# What a metric extends is imported with it.
EXTENDS = {
    "vmaf_neg": "vmaf",
    "world_clip_consistency": "clip_consistency",
    "world_clip_text": "clip_text",
    "world_fvd": "fvd",
}
ISOLATION = f"""
import importlib, sys
import lvbench.metrics.registry as registry
names = {{target.split(":")[0]: name for name, target in registry._targets().items()}}
for module, name in names.items():
    for loaded in [m for m in sys.modules if m.rpartition(".")[0] == module.rpartition(".")[0]]:
        del sys.modules[loaded]
    for loaded in [m for m in sys.modules if m in names]:
        del sys.modules[loaded]
    function = getattr(importlib.import_module("lvbench.metrics"), name)
    assert callable(function), name
    found = {{names[m] for m in sys.modules if m in names}}
    assert found <= {{name, {EXTENDS!r}.get(name)}}, (name, found)
    own = vars(importlib.import_module(module)).get(name)
    assert function is own or (own is None and function.__name__ == name), name
heavy = {{"torch", "cv2", "scipy"}} & set(sys.modules)
assert not heavy, heavy
"""


def test_importing_one_metric_imports_one_and_nothing_heavy() -> None:
    subprocess.run([sys.executable, "-c", ISOLATION], check=True)


def test_the_registry_imports_no_metric() -> None:
    program = "import sys, lvbench.metrics.registry as r; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    families = {target.split(":")[0] for target in _targets().values()}
    assert not families & set(done.stdout.split())


def test_the_clip_may_be_any_array_of_the_right_kind_only(clip: NDArray[np.uint8]) -> None:
    wrong: list[Any] = [clip.astype(np.float32), clip[..., :1], clip[0]]
    for frames in wrong:
        with pytest.raises(ValueError, match="take frames"):
            score_array(build("freeze"), frames, fps=FPS)
