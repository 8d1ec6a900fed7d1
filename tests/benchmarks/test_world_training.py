"""The world's encoders can be trained again: deterministic, resumed bit for bit, and they learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.world_training.clip import ClipLesson
from benchmarks.world_training.faults import PLANTED, finished, plant
from benchmarks.world_training.identity import IdentityLesson, Targets
from benchmarks.world_training.loop import Lesson, export, pace, train
from benchmarks.world_training.samples import (
    generator,
    held_out_clip,
    held_out_moments,
    training_clip,
    training_moments,
)
from benchmarks.world_training.spoil import spoiled
from benchmarks.world_training.video import VideoLesson
from lvbench.features.world.networks import FAULTS, standardised
from lvbench.weights.checkpoint import read_tensors
from lvbench.weights.store import shipped_folder
from lvbench.world.draw import TEST_SEEDS, TRAIN_SEEDS

STEPS = 4
SHIPPED = shipped_folder()


class Cut(IdentityLesson):
    """A lesson that is interrupted before its fourth batch."""

    def loss(self, network: Any, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        self.seen = getattr(self, "seen", 0) + 1
        if self.seen > STEPS - 1:
            raise KeyboardInterrupt
        return super().loss(network, rng)


def lessons(folder: Path) -> dict[str, Lesson]:
    return {
        "identity": IdentityLesson(folder, count=24, batch=8),
        "clip": ClipLesson(folder, count=24, batch=8),
        "video": VideoLesson(folder, batch=2),
    }


def state(network: torch.nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("name", ["identity", "clip", "video"])
def test_a_run_is_the_same_each_time_and_its_weights_fit_the_shipped_ones(
    name: str, tmp_path: Path
) -> None:
    networks = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        lesson = lessons(folder)[name]
        networks.append(train(lesson, folder, steps=2))
    one, two = (state(network) for network in networks)
    for key, array in one.items():
        np.testing.assert_array_equal(array, two[key])
    export(networks[0], tmp_path / "weights.safetensors")
    found = read_tensors(tmp_path / "weights.safetensors")
    shipped = read_tensors(SHIPPED / f"world_{name}.safetensors")
    assert {k: (v.shape, v.dtype) for k, v in found.items()} == {
        k: (v.shape, v.dtype) for k, v in shipped.items()
    }


def test_an_interrupted_run_ends_where_a_straight_one_does(tmp_path: Path) -> None:
    straight = train(IdentityLesson(tmp_path, 24, 8), tmp_path / "a", steps=STEPS, every=2)
    with pytest.raises(KeyboardInterrupt):
        train(Cut(tmp_path, 24, 8), tmp_path / "b", steps=STEPS, every=2)
    resumed = train(IdentityLesson(tmp_path, 24, 8), tmp_path / "b", steps=STEPS, every=2)
    one, two = state(straight), state(resumed)
    for key, array in one.items():
        np.testing.assert_array_equal(array, two[key])
    assert len((tmp_path / "b" / "world_identity.log.jsonl").read_text().splitlines()) == 2


def test_it_learns(tmp_path: Path) -> None:
    lesson = IdentityLesson(tmp_path, 64, 16)
    torch.manual_seed(0)
    network: Any = lesson.network()
    before = np.mean([float(lesson.loss(network, generator(9, i))[0]) for i in range(2)])
    trained = train(lesson, tmp_path, steps=40)
    after = np.mean([float(lesson.loss(trained, generator(9, i))[0]) for i in range(2)])
    assert after < 0.7 * before


def test_no_clip_of_training_examines() -> None:
    rng = generator(0, 0)
    assert all(training_clip(rng).seed in TRAIN_SEEDS for _ in range(20))
    assert all(held_out_clip(level, 3).seed in TEST_SEEDS for level in range(4))


def test_moments_are_drawn_once_and_kept_while_the_world_is_the_same(tmp_path: Path) -> None:
    lesson = IdentityLesson(tmp_path, 20, 4)
    path = tmp_path / "moments-20.npz"
    changed = path.stat().st_mtime_ns
    IdentityLesson(tmp_path, 20, 4)
    assert path.stat().st_mtime_ns == changed
    with np.load(path) as held:
        arrays = dict(held)
    np.savez(path, **arrays | {"pictures": arrays["pictures"] + 1})
    again = IdentityLesson(tmp_path, 20, 4)
    np.testing.assert_array_equal(again._bank.pictures, lesson._bank.pictures)
    np.testing.assert_array_equal(training_moments(1, 8).pictures, lesson._bank.pictures[:8])


def test_the_grid_asks_for_those_who_are_seen() -> None:
    moments = held_out_moments(2, 20)
    wanted = Targets(moments)
    there = ((moments.members >= 0) & (moments.visible >= 0.2)).sum(axis=1)
    peaks = (wanted.heat == 1).sum(axis=(1, 2))
    # Two who share a cell are one.
    assert (peaks <= there).all()
    assert (peaks == there).mean() > 0.9
    row, line, column = np.argwhere(wanted.heat == 1)[0]
    assert wanted.who[row, line, column] in moments.members[row]
    assert np.abs(wanted.offset[row, :, line, column]).max() < 1


def test_faults_are_planted_and_named() -> None:
    window = held_out_clip(1, 0).render(100, 116, 48, 48)
    assert set(PLANTED) == set(FAULTS)
    for name in FAULTS:
        spoilt = finished(PLANTED[name](window.astype(np.float32), generator(0, 1), 0.7))
        assert spoilt.shape == window.shape
        assert not np.array_equal(spoilt, window), name
    counts = [plant(window, generator(1, i)) for i in range(40)]
    clean = [has.sum() == 0 for _, has in counts]
    assert 0.1 < np.mean(clean) < 0.6
    assert all(np.array_equal(w, window) for (w, has) in counts if has.sum() == 0)
    assert spoiled(window[0], generator(0, 2)).dtype == np.uint8


def test_the_rate_rises_and_falls() -> None:
    rates = [pace(share) for share in np.linspace(0, 1, 101)]
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[0] < 0.2
    assert rates[-1] < 0.01


def test_pictures_are_standardised_alike_everywhere() -> None:
    pictures = torch.tensor([[[[0, 128, 255]]]], dtype=torch.uint8)
    assert standardised(pictures).flatten().tolist() == [-2.0, 0.0, 255 / 64 - 2]
