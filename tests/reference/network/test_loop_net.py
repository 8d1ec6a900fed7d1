"""The network sees what it should, whether a window is computed at once or frame by frame."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lvbench.reference.network.embedding import Prompts
from lvbench.reference.network.loop_net import LoopNet, Past, advected, patchify, places, unpatchify
from lvbench.reference.network.previous import shifted
from lvbench.reference.network.view import sampling_view, training_view

FRAMES = 6


def prompts(batch: int, frames: int = FRAMES) -> Prompts:
    dice = torch.Generator().manual_seed(1)
    scene = torch.randint(0, 6, (batch, frames), generator=dice)
    cast = torch.randint(-1, 3, (batch, frames, 3, 3), generator=dice)
    return Prompts(scene, cast, torch.randn(batch, frames, 7, generator=dice))


@pytest.fixture
def clip() -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(2)
    return torch.randn(1, FRAMES, 3, 16, 16, generator=dice), torch.rand(1, FRAMES, generator=dice)


def moved(before: Tensor, after: Tensor) -> list[bool]:
    """Return which frames of a clip differ."""
    return [not torch.equal(before[:, i], after[:, i]) for i in range(before.shape[1])]


def test_a_frame_sees_itself_and_the_past_only(
    network: LoopNet, clip: tuple[Tensor, Tensor]
) -> None:
    frames, levels = clip
    changed = frames.clone()
    changed[:, 3] += 1
    before, after = (network(f, levels, prompts(1))[0] for f in (frames, changed))
    assert moved(before, after) == [False, False, False, True, True, True]


@torch.inference_mode()
def test_under_a_teacher_a_noisy_frame_never_sees_its_own_clean_picture(
    network: LoopNet, clip: tuple[Tensor, Tensor]
) -> None:
    frames, levels = clip
    view = training_view(FRAMES, network.tokens, teacher=True)

    def noisy_half(clean: Tensor, noisy: Tensor) -> Tensor:
        both = torch.cat([clean, noisy])
        joined = Prompts.joined([prompts(1), prompts(1)], 0)
        before = shifted(clean, levels).doubled()
        made: Tensor = network(both, levels.repeat(2, 1), joined, previous=before, view=view)[0]
        return made

    changed = frames.clone()
    changed[:, 3] += 1
    noisy = frames.flip(1)
    before = noisy_half(frames, noisy)
    assert moved(before, noisy_half(changed, noisy)) == [False] * 4 + [True] * 2
    other = noisy.clone()
    other[:, 3] += 1
    assert moved(before, noisy_half(frames, other)) == [i == 3 for i in range(FRAMES)]


@torch.inference_mode()
@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_frame_by_frame_with_a_cache_equals_the_whole_window(
    network: LoopNet, clip: tuple[Tensor, Tensor], at_once: int
) -> None:
    frames, levels = clip
    given = prompts(1)
    whole = network(frames, levels, given)[0]
    past: list[Past] | None = None
    for first in range(0, FRAMES, at_once):
        part = slice(first, first + at_once)
        made, kept = network(
            frames[:, part],
            levels[:, part],
            given[:, part],
            previous=shifted(
                frames[:, part], levels[:, part], *_frame_before(frames, levels, first)
            ),
            view=sampling_view(first, at_once, first, network.tokens),
            past=past,
        )
        torch.testing.assert_close(made, whole[:, part], atol=2e-5, rtol=1e-4)
        past = kept if past is None else [_behind(*both) for both in zip(past, kept, strict=True)]


def _frame_before(frames: Tensor, levels: Tensor, first: int) -> tuple[Tensor | None, float]:
    return (frames[:, first - 1], float(levels[0, first - 1])) if first else (None, 0.0)


def _behind(past: Past, kept: Past) -> Past:
    return torch.cat([past[0], kept[0]], 2), torch.cat([past[1], kept[1]], 2)


@torch.inference_mode()
def test_only_the_distance_in_time_counts(network: LoopNet, clip: tuple[Tensor, Tensor]) -> None:
    frames, levels = clip
    view = training_view(FRAMES, network.tokens, teacher=False)
    later = type(view)(view.times + 100, view.groups)
    first, second = (network(frames, levels, prompts(1), view=v)[0] for v in (view, later))
    torch.testing.assert_close(first, second, atol=1e-4, rtol=1e-3)


def test_a_withheld_prompt_says_nothing(network: LoopNet, clip: tuple[Tensor, Tensor]) -> None:
    frames, levels = clip
    silent = torch.ones(1, dtype=torch.bool)
    first = prompts(1)
    other = Prompts((first.scene + 1) % 6, first.cast.flip(2), first.numbers + 1)
    made = [network(frames, levels, p.withheld(silent))[0] for p in (first, other)]
    assert torch.equal(*made)
    assert not torch.equal(network(frames, levels, first)[0], made[0])


def test_patches_come_back_as_frames() -> None:
    frames = torch.randn(2, 3, 3, 16, 16)
    assert torch.equal(unpatchify(patchify(frames, 8), 8, 16), frames)


REACH = 2
SURE = 40.0


def one_place(row: int, column: int, size: int = 8) -> torch.Tensor:
    """Return logits that are sure of one place, `row` and `column` from a pixel's own."""
    logits = torch.full((1, 1, places(REACH), size, size), -SURE)
    logits[:, :, (row + REACH) * (2 * REACH + 1) + column + REACH] = SURE
    return logits


@pytest.mark.parametrize(("row", "column"), [(0, 0), (-2, 1), (2, -2), (1, 0)])
def test_a_sure_place_is_a_shift(row: int, column: int) -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    found = advected(frame, one_place(row, column), REACH)
    shifted = torch.roll(frame, (-row, -column), (-2, -1))
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(found[inside], shifted[inside])


def test_what_lies_beyond_the_edge_is_the_edge() -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    found = advected(frame, one_place(-1, 0), REACH)
    torch.testing.assert_close(found[..., 0, :], frame[..., 0, :])


def test_no_place_takes_nothing_and_even_places_take_the_mean() -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    nothing = torch.full((1, 1, places(REACH), 8, 8), -SURE)
    assert advected(frame, nothing, REACH).abs().max() < 1e-12
    even = advected(frame, torch.full_like(nothing, SURE), REACH)
    mean = torch.nn.functional.avg_pool2d(frame[0], 5, 1)
    torch.testing.assert_close(even[0, ..., 2:-2, 2:-2], mean)
