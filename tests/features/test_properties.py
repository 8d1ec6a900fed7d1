"""What holds for every extractor: those without weights, and those whose weights are here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import LvbenchError, WeightsError
from lvbench.features.audio.stream import AudioExtractor
from lvbench.features.base import Extractor, Features
from lvbench.features.network import NetworkExtractor, Place
from lvbench.features.registry import EXTRACTORS, build
from lvbench.features.stream import FeatureStream
from lvbench.metrics.functional import _chunk
from lvbench.results.files import canonical_json
from lvbench.weights.locate import missing
from lvbench.world.clip import render_clip

FPS = 8.0
# On this many threads of torch no sum changes its order.
ONE_THREAD = 1


def _pictures_alone(name: str) -> bool:
    spec = build(name).spec
    return not isinstance(build(name), AudioExtractor) and not spec.products.reference


NAMES = [name for name in EXTRACTORS if _pictures_alone(name)]


@pytest.fixture(scope="module")
def clip() -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(2.0, FPS, 96, 64, 3)))


@pytest.fixture(scope="module", params=NAMES)
def extractor(request: pytest.FixtureRequest, assets: Path) -> Extractor | None:
    """Return an extractor that can run here, or None where its weights are published elsewhere.

    Pytest runs the tests of one extractor in a row, so that its weights are read once.
    """
    extractor = build(request.param)
    if isinstance(extractor, NetworkExtractor):
        import torch

        torch.set_num_threads(ONE_THREAD)
        absent = missing(extractor.weights, assets / "assets")
        if absent:
            assert {one.code for one in absent} == {"weights_missing"}
            with pytest.raises(WeightsError, match=r"weights pull|--weights"):
                extractor.attach(Place(assets / "assets"))
            return None
        extractor.attach(Place(assets / "assets"))
    return extractor


def _run(extractor: Extractor, clip: NDArray[np.uint8], chunk: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}

    def keep(_: str, features: Features) -> None:
        found.setdefault("t", []).append(features.t)
        for name, array in features.values.items():
            found.setdefault(name, []).append(array)

    stream = FeatureStream({"any": extractor}, FPS, keep)
    for start in range(0, len(clip), chunk):
        stream.push(_chunk(clip[start : start + chunk], start, FPS, extractor.spec.products))
    stream.finish()
    return found


@pytest.mark.parametrize("name", EXTRACTORS.names())
def test_its_spec_is_plain_and_says_what_it_is(name: str) -> None:
    extractor = build(name)
    canonical_json(extractor.spec.identity())
    assert extractor.spec.name == name
    assert extractor.spec.preprocessing
    assert type(extractor).__doc__
    if isinstance(extractor, NetworkExtractor):
        assert extractor.weights


@pytest.mark.assets
def test_the_decoders_chunks_move_no_bit(
    extractor: Extractor | None, clip: NDArray[np.uint8]
) -> None:
    if extractor is None:
        return
    once, pieces = _run(extractor, clip, len(clip)), _run(extractor, clip, 5)
    assert once.keys() == pieces.keys()
    for key, blocks in once.items():
        assert len(blocks) == len(pieces[key])
        for ours, theirs in zip(blocks, pieces[key], strict=True):
            assert np.array_equal(ours, theirs, equal_nan=True), key


@pytest.mark.assets
@pytest.mark.parametrize("kind", ["black", "noise", "thin"])
def test_hostile_frames_give_finite_arrays_or_an_error_of_ours(
    extractor: Extractor | None, kind: str
) -> None:
    if extractor is None:
        return
    noise = np.random.default_rng(0).integers(0, 256, (10, 48, 64, 3), np.uint8)
    frames = {"black": np.zeros_like(noise), "noise": noise, "thin": noise[:, :14]}[kind]
    before = frames.copy()
    try:
        found = _run(extractor, frames, 4)
    except LvbenchError:
        return
    assert np.array_equal(frames, before)
    # A number per frame may be declared as missing; it is for the metric to leave it out.
    if "NaN" in (type(extractor).__doc__ or ""):
        return
    for key, blocks in found.items():
        for block in blocks:
            if np.issubdtype(np.asarray(block).dtype, np.floating):
                assert np.isfinite(block).all(), key
