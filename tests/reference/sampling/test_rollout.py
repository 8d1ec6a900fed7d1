"""Frames depend on their key alone: not on the batch, the chunk, or how often one asked."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import SAMPLING, Sampler, Switches
from lvbench.world.condition import conditions

EVERY = [
    *SAMPLING.values(),
    Switches(sampler="frame", steps=3),
    Switches(sampler="chunk", chunk=3, overlap=2, steps=2),
    Switches(solver="heun", steps=3),
    Switches(solver="renoise", steps=3),
    Switches(cfg=2.0, history_guidance=0.5),
    Switches(sink=2, recache=3),
    Switches(memory=2, steps=3),
    Switches(history_noise=0.1, correct="colour"),
    Switches(dtype="int8"),
    Switches(prune=0.5),
]


def clips(
    network: LoopNet, requests: list[SampleRequest], switches: Switches, seconds: float = 2.5
) -> NDArray[np.uint8]:
    return np.concatenate(list(generate(network, requests, seconds, switches)), 1)


@pytest.mark.parametrize("switches", EVERY, ids=lambda s: s.text() or "default")
def test_every_switch_makes_the_frames_that_were_asked_for(
    network: LoopNet, requests: list[SampleRequest], switches: Switches
) -> None:
    made = clips(network, requests, switches)
    assert made.shape == (2, 20, 16, 16, 3)
    assert made.dtype == np.uint8
    assert np.array_equal(made, clips(network, requests, switches))


@pytest.mark.parametrize("switches", EVERY[:9], ids=lambda s: s.text() or "default")
def test_a_clip_is_the_same_alone_and_beside_another(
    network: LoopNet, requests: list[SampleRequest], switches: Switches
) -> None:
    requests = [*requests, *(replace(request, seed=request.seed + 1) for request in requests)]
    together = clips(network, requests, switches)
    for place, request in enumerate(requests):
        alone = clips(network, [request], switches)[0]
        # Sums in another order: a level of 255, here and there.
        assert np.abs(alone.astype(int) - together[place]).max() <= 1


@pytest.mark.parametrize("switches", EVERY[:9], ids=lambda s: s.text() or "default")
def test_threads_move_no_bit_and_are_as_before(
    network: LoopNet, requests: list[SampleRequest], switches: Switches
) -> None:
    requests = [*requests, replace(requests[0], id="third")]
    before = torch.get_num_threads()
    made = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        made.append(clips(network, requests, switches))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert np.array_equal(*made)


def test_another_seed_or_name_is_another_clip(
    network: LoopNet, requests: list[SampleRequest]
) -> None:
    first = requests[0]
    others = [SampleRequest(first.shots, 77, first.id), SampleRequest(first.shots, first.seed, "x")]
    made = [clips(network, [one], Switches(steps=2)) for one in (first, *others)]
    for a, b in itertools.combinations(made, 2):
        assert not np.array_equal(a, b)


def test_chunks_come_as_they_are_made(network: LoopNet, requests: list[SampleRequest]) -> None:
    # A clip of three days: it can only be a stream.
    stream = generate(network, requests, 260_000.0, Switches(steps=1), chunk=4)
    assert [next(stream).shape[1] for _ in range(3)] == [4, 4, 4]


def test_shorter_clips_are_the_beginnings_of_longer_ones(
    network: LoopNet, requests: list[SampleRequest]
) -> None:
    long, short = (clips(network, requests, Switches(steps=2), s) for s in (3.0, 1.5))
    assert np.array_equal(long[:, :12], short)


@pytest.mark.parametrize(
    "switches", [Switches(steps=1, sampler="frame"), Switches(steps=2, memory=2)]
)
def test_memory_does_not_grow_with_length(
    network: LoopNet, requests: list[SampleRequest], switches: Switches
) -> None:
    """What is alive after sixteen seconds is no more than after eight."""
    alive = []
    tracemalloc.start()
    for number, _ in enumerate(generate(network, requests, 16.0, switches, chunk=8)):
        if number in (7, 15):
            gc.collect()
            tensors = {t.data_ptr(): t.nbytes for t in gc.get_objects() if type(t) is torch.Tensor}
            alive.append(tracemalloc.get_traced_memory()[0] + sum(tensors.values()))
    tracemalloc.stop()
    assert alive[1] < alive[0] + 5e4, alive


def test_the_prompt_is_heard(network: LoopNet, requests: list[SampleRequest]) -> None:
    first, second = requests
    other = SampleRequest(second.shots, first.seed, first.id)
    made = [clips(network, [one], Switches(steps=2)) for one in (first, other)]
    assert not np.array_equal(*made)


@torch.inference_mode()
def test_without_sight_of_the_past_each_chunk_stands_alone(
    network: LoopNet, requests: list[SampleRequest]
) -> None:
    loose = Switches(sampler="chunk", chunk=4, overlap=0, steps=2)
    bound = Switches(sampler="chunk", chunk=4, overlap=2, steps=2)
    first, second = (clips(network, requests, s) for s in (loose, bound))
    assert np.array_equal(first[:, :4], second[:, :4])
    assert not np.array_equal(first[:, 4:8], second[:, 4:8])


@torch.inference_mode()
def test_a_clip_goes_on_from_frames_that_are_given(
    network: LoopNet, requests: list[SampleRequest]
) -> None:
    whole = torch.stack(list(rollout(network, requests).frames(6)), 1)
    again = rollout(network, requests)
    again.begin(whole[:, :3])
    rest = torch.stack(list(again.frames(3)), 1)
    # Its cache holds the same frames, but computed in one pass.
    torch.testing.assert_close(rest, whole[:, 3:], atol=1e-3, rtol=1e-3)


def rollout(network: LoopNet, requests: list[SampleRequest]) -> Rollout:
    shots = [request.shots for request in requests]

    def prompts_at(start: int, stop: int) -> Prompts:
        return prompts_of([conditions((one, 8.0), start, stop) for one in shots])

    # Frame by frame: rolling, those after a given one have no noisy ones beside them yet.
    return Rollout(network, Switches(sampler="frame", steps=2), prompts_at, ["a", "b"])


@pytest.mark.parametrize(("sampler", "opened", "plain"), [("frame", 11, 6), ("rolling", 10, 4)])
def test_the_first_frame_has_steps_of_its_own(
    network: LoopNet, requests: list[SampleRequest], sampler: Sampler, opened: int, plain: int
) -> None:
    passes: list[int] = []
    network.register_forward_hook(lambda *_: passes.append(1))
    for opening, expected in ((7, opened), (0, plain)):
        switches = Switches(sampler=sampler, steps=2, opening=opening)
        clips(network, requests[:1], switches, 3 / 8)
        assert len(passes) == expected
        passes.clear()
