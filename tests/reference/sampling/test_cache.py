"""What is remembered never grows, and anchors stand right before the window."""

from __future__ import annotations

import torch

from lvbench.reference.network.attention import rotate, rotations
from lvbench.reference.network.loop_net import Past
from lvbench.reference.sampling.cache import Cache

TOKENS = 2


def kept(frames: int, value: float = 0.0) -> list[Past]:
    keys = value + torch.arange(frames * TOKENS).float()[None, None, :, None].expand(1, 1, -1, 8)
    return [(keys.clone(), keys.clone() + 0.5)]


def test_it_keeps_the_last_frames_only() -> None:
    cache = Cache(TOKENS)
    for number in range(5):
        cache.append(kept(1, 10.0 * number), 1, most=3)
    assert cache.recent == 3
    past = cache.past(5)
    assert past is not None
    assert past[0][0][0, 0, :, 0].tolist() == [20, 21, 30, 31, 40, 41]


def test_of_a_pass_only_the_finished_frames_are_kept() -> None:
    cache = Cache(TOKENS)
    cache.append(kept(4), 1, most=3)
    assert cache.recent == 1


def test_forgetting_leaves_nothing_or_the_last() -> None:
    cache = Cache(TOKENS)
    cache.append(kept(3), 3, most=3)
    cache.forget(keep=1)
    assert cache.recent == 1
    cache.forget()
    assert cache.past(3) is None


def test_anchors_are_turned_to_the_time_before_the_window() -> None:
    cache = Cache(TOKENS)
    plain = torch.randn(1, 1, 2 * TOKENS, 8)
    at = rotations(torch.arange(2).repeat_interleave(TOKENS), 8)
    cache.anchor([(rotate(plain, at), plain)], 2)
    cache.append(kept(3), 3, most=3)
    past = cache.past(40)
    assert past is not None
    # Three frames of the window stand at 37 to 39, so the two anchors stand at 35 and 36.
    wanted = rotate(plain, rotations(torch.tensor([35, 36]).repeat_interleave(TOKENS), 8))
    torch.testing.assert_close(past[0][0][:, :, : 2 * TOKENS], wanted, atol=1e-5, rtol=1e-5)
    assert cache.frames == 5
