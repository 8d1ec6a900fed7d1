"""Clips made in step: batches are fixed, an interrupted one is made anew, costs are shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import GeneratorError
from lvbench.generators.production.produce import produce
from lvbench.generators.reference import ReferenceModel
from lvbench.protocol.schema import Protocol
from lvbench.reference.checkpoint import save_weights
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products, concatenate
from lvbench.video.manifest.manifest import read_manifest
from lvbench.world.grammar import SCENES
from tests.reference.conftest import small_network

TEXT = "scene={}; cast=red solid disc; camera=still; light=noon"
TEXTS = [TEXT.format(scene) for scene in SCENES]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> str:
    network = small_network()
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_weights(path, network, network.state_dict(), 0)
    return f"{path},steps=1"


def shown(path: Path) -> np.ndarray:
    with open_video(path, Products(rgb=True)) as reader:
        frames = concatenate(list(reader)).rgb
    assert frames is not None
    return frames


def test_batches_are_of_one_length_and_depend_on_the_requests_alone(reference: str) -> None:
    generator = ReferenceModel(reference)
    one = generator.example()
    asked = [replace(one, id=str(n), seconds=1.0 + (n > 4)) for n in range(7)]
    found = [[request.id for request in batch] for batch in generator.batches(asked)]
    assert found == [["0", "1", "2", "3"], ["4"], ["5", "6"]]


def test_a_batch_is_what_its_clips_are_alone(reference: str, tmp_path: Path) -> None:
    generator = ReferenceModel(reference)
    one = generator.example()
    asked = [replace(one, id=name, seed=seed) for seed, name in enumerate("abc")]
    clips = generator.make_batch(asked, {name: tmp_path / f"{name}.mp4" for name in "ac"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "c.mp4"]
    alone = np.concatenate(list(generator.frames(asked[2])))
    assert np.abs(alone.astype(int) - shown(clips["c"].path)).max() <= 1
    assert clips["a"].cost["generated_seconds"] == one.seconds
    assert clips["a"].cost["clips_at_once"] == 3


def test_an_interrupted_batch_is_made_anew_and_gives_the_same_files(
    reference: str, tmp_path: Path, protocol: Callable[..., Protocol]
) -> None:
    asked, out = protocol(*TEXTS), tmp_path / "out"
    entries = read_manifest(produce(f"reference:{reference}", asked, out))
    assert len(entries) == len(TEXTS)
    assert all(entry.path.exists() and entry.cost and entry.seams == () for entry in entries)
    before = {entry.id: shown(entry.path) for entry in entries}
    kept = {entry.id: entry.path.stat().st_mtime_ns for entry in entries}
    entries[1].path.unlink()
    after = read_manifest(produce(f"reference:{reference}", asked, out))
    for entry in after:
        assert np.array_equal(shown(entry.path), before[entry.id])
    again = {entry.id: entry.path.stat().st_mtime_ns for entry in after}
    assert [name for name in kept if kept[name] != again[name]] == [entries[1].id]


def test_what_is_refused_fails_alone(
    reference: str, tmp_path: Path, protocol: Callable[..., Protocol]
) -> None:
    texts = [*TEXTS[:2], "a fox trots along a path", *TEXTS[2:]]
    entries = read_manifest(produce(f"reference:{reference}", protocol(*texts), tmp_path / "out"))
    assert [entry.path.exists() for entry in entries] == [True, True, False, *[True] * 4]
    failure = entries[2].failure
    assert failure is not None
    assert failure.code == "not_world_text"


def test_too_few_frames_are_told(reference: str, tmp_path: Path) -> None:
    class Short(ReferenceModel):
        def batch_frames(self, requests):  # type: ignore[no-untyped-def]
            for chunk in super().batch_frames(requests):
                yield chunk[:, :-1]

    generator = Short(reference)
    one = generator.example()
    with pytest.raises(GeneratorError) as caught:
        generator.make_batch([one], {one.id: tmp_path / "a.mp4"})
    assert caught.value.code == "clip_truncated"
