"""Autoregressive sampling of unlimited length in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from lvbench.reference.keyed import normal
from lvbench.reference.network.embedding import Prompts
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.network.previous import Previous, shifted
from lvbench.reference.network.view import sampling_view, training_view
from lvbench.reference.sampling.cache import Cache
from lvbench.reference.sampling.correct import ColourCorrection, shot_begins
from lvbench.reference.sampling.recall import Recall
from lvbench.reference.sampling.schedule import NetworkPass, in_flight, levels, ticks
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.objective import mix

PromptSource = Callable[[int, int], Prompts]
_SHIFT = 3.0  # warp towards noise for a clip's first frame, which determines the layout


class Rollout:
    """Sample the frames of several clips as one batch.

    Noise is keyed by (key of the clip, frame, step): a clip does not depend on how or when its
    frames are requested.

    Args:
        network: A network in evaluation mode.
        switches: Sampling switches.
        prompts_at: Returns the prompts of the frames [start, stop) of all clips.
        keys: Noise key of each clip.
    """

    def __init__(
        self, network: LoopNet, switches: Switches, prompts_at: PromptSource, keys: Sequence[str]
    ) -> None:
        self._network, self._switches = network, switches
        self._prompts_at, self._keys = prompts_at, keys
        self._device = network.place.device
        self._levels = torch.tensor(levels(switches), device=self._device)
        self._window = switches.window or network.config.window
        self._cache = Cache(network.tokens)
        self._recall = Recall(switches)
        self._anchored: tuple[int, ...] = ()
        self._match = ColourCorrection(network.config.fps) if switches.correct == "colour" else None
        self._finished: list[tuple[int, Tensor]] = []  # the last window of clean frames
        self._uncommitted = 0  # how many of them are not in the cache yet
        self._flying: dict[int, Tensor] = {}
        self._given = 0
        self._seen_from = 0  # the first frame visible to the next one
        self._period = round(switches.reset * network.config.fps)

    def begin(self, frames: Tensor) -> None:
        """Set given first frames of the clips, `(batch, T, 3, size, size)` in [-1, 1]."""
        for number, frame in enumerate(frames.to(self._device).unbind(1)):
            self._take(number, frame)
        self._given = frames.shape[1]

    def frames(self, count: int) -> Iterator[Tensor]:
        """Yield `count` frames one by one, float32 `(batch, 3, size, size)` in [-1, 1]."""
        if self._opens and count:
            yield self._opening()
            count -= 1
        for tick in ticks(self._switches, self._given + count, self._given):
            self._prepare(tick)
            self._advance(tick)
            for number in sorted(self._flying):
                if number >= tick.first + len(tick.steps):
                    break
                if tick.steps[number - tick.first] + 1 < self._switches.steps:
                    break
                yield self._finish(number, tick)

    @property
    def _opens(self) -> bool:
        chosen = self._switches
        return bool(chosen.opening) and chosen.sampler != "chunk" and not self._given

    def _opening(self) -> Tensor:
        """Sample the first frame alone, with its own number of steps."""
        alone = replace(
            self._switches, sampler="frame", steps=self._switches.opening, shift=_SHIFT, opening=0
        )
        first = next(Rollout(self._network, alone, self._prompts_at, self._keys).frames(1))
        self.begin(first[:, None])
        return first

    def _prepare(self, tick: NetworkPass) -> None:
        """Update the past for a new frame: reset, recall or recompute it."""
        chunked = self._switches.sampler == "chunk"
        if 0 not in tick.steps:
            return
        if self._period and tick.first % self._period == 0:
            self._recompute(tick.first, 0)
        elif chunked and (tick.first - self._given) % self._switches.chunk == 0:
            self._recompute(tick.first, self._switches.overlap)
        elif self._switches.recache and tick.first % self._switches.recache == 0:
            self._recompute(tick.first, self._window)
        self._recall_for(tick.first)

    def _recompute(self, first: int, keep: int) -> None:
        """Clear the cache; the `keep` frames before `first` will be committed again."""
        self._cache.forget()
        most = self._window - in_flight(self._switches)
        self._uncommitted = min(len(self._finished), keep, max(1, most) if keep else 0)
        self._seen_from = first - self._uncommitted

    def _recall_for(self, number: int) -> None:
        oldest = number - self._cache.recent - self._uncommitted
        found = self._recall.anchors(oldest, self._prompts(number, number + 1))
        if found is None or found.key == self._anchored:
            return
        frames = torch.cat([found.frames] * self._streams)
        prompts = self._streamed(found.prompts, number)
        still = torch.zeros(frames.shape[:2], device=self._device)
        view = training_view(frames.shape[1], self._network.tokens, teacher=False)
        recalled = torch.ones_like(still, dtype=torch.bool)
        _, kept = self._network(
            frames, still, prompts, previous=Previous.none(frames), recalled=recalled, view=view
        )
        self._cache.anchor(kept, frames.shape[1])
        self._anchored = found.key

    def _advance(self, tick: NetworkPass) -> None:
        """Denoise the frames in flight by one step, and commit frames finished before."""
        numbers = range(tick.first, tick.first + len(tick.steps))
        for number, step in zip(numbers, tick.steps, strict=True):
            if step == 0:
                self._flying[number] = self._noise(number, 0)
        noisy = torch.stack([self._flying[number] for number in numbers], 1)
        steps = torch.tensor(tick.steps, device=self._device)
        now = self._levels[steps].expand(len(noisy), -1)
        then = self._levels[steps + 1].expand(len(noisy), -1)
        clean = self._predicted(noisy, now, tick.first, commit=True)
        if self._switches.solver == "renoise":
            fresh = [self._noise(n, s + 1) for n, s in zip(numbers, tick.steps, strict=True)]
            moved = renoise(clean, torch.stack(fresh, 1), then)
        else:
            moved = euler(noisy, clean, now, then)
            if self._switches.solver == "heun":
                second = self._predicted(moved, then, tick.first, commit=False)
                moved = heun(clean, second, noisy, now, then)
        for place, number in enumerate(numbers):
            self._flying[number] = moved[:, place]

    def _predicted(self, noisy: Tensor, now: Tensor, first: int, *, commit: bool) -> Tensor:
        """Return the predicted clean frames, guided by prompt and past."""
        pending = self._finished[len(self._finished) - self._uncommitted :] if commit else []
        old = len(pending)
        begin = first - old
        prompts = self._prompts(begin, first + noisy.shape[1])
        frames, at = noisy, now
        room = max(0, self._window - in_flight(self._switches) - self._cache.anchors)
        if old:
            self._cache.forget(keep=max(0, room - old))
            frames = torch.cat([self._noised_past(pending), noisy], 1)
            at = torch.cat([now.new_full((len(noisy), old), self._switches.history_noise), now], 1)
        streams = self._streams
        view = sampling_view(begin, frames.shape[1], self._cache.frames, self._network.tokens)
        previous = self._previous(frames, at, begin)
        made, kept = self._network(
            torch.cat([frames] * streams),
            torch.cat([at] * streams),
            self._streamed(prompts, begin),
            previous=previous.doubled() if streams == 2 else previous,
            view=view,
            past=self._cache.past(begin),
        )
        if old:
            self._cache.append(kept, old, room)
            self._uncommitted = 0
        return self._guided(made[:, old:], noisy, now, prompts[:, old:])

    def _guided(self, made: Tensor, noisy: Tensor, now: Tensor, prompts: Prompts) -> Tensor:
        """Return the prediction, extrapolated away from those without the prompt or the past.

        Source: Ho and Salimans, classifier-free guidance, 2022; Song et al., History-Guided Video
        Diffusion, 2025, vanilla history guidance.
        """
        clean = made[: len(noisy)]
        guided = clean
        if self._streams == 2:
            guided = guided + (self._switches.cfg - 1) * (clean - made[len(noisy) :])
        if self._switches.history_guidance:
            lonely = self._without_past(noisy, now, prompts)
            guided = guided + self._switches.history_guidance * (clean - lonely)
        return guided.clamp(-1, 1) if self._switches.clamp else guided

    def _without_past(self, noisy: Tensor, now: Tensor, prompts: Prompts) -> Tensor:
        batch, frames = now.shape
        view = sampling_view(0, 1, 0, self._network.tokens)
        alone = Prompts(*(part.flatten(0, 1)[:, None] for part in prompts.parts()))
        made, _ = self._network(
            noisy.flatten(0, 1)[:, None], now.flatten()[:, None], alone, view=view
        )
        clean: Tensor = made.view(batch, frames, *made.shape[2:])
        return clean

    def _previous(self, frames: Tensor, levels: Tensor, first: int) -> Previous:
        """Return the preceding frame of each frame of a pass, with the noise of the past."""
        known = [entry for entry in self._finished if entry[0] == first - 1 >= self._seen_from]
        if not known:
            return shifted(frames, levels)
        lead = self._noised_past(known)[:, 0]
        return shifted(frames, levels, lead, self._switches.history_noise)

    def _noised_past(self, pending: Sequence[tuple[int, Tensor]]) -> Tensor:
        past = torch.stack([frame for _, frame in pending], 1)
        level = self._switches.history_noise
        if not level:
            return past
        noise = torch.stack([self._noise(number, -1) for number, _ in pending], 1)
        return mix(past, noise, past.new_full(past.shape[:2], level))

    def _finish(self, number: int, tick: NetworkPass) -> Tensor:
        frame = self._flying.pop(number)
        if self._match:
            offset = self._match(frame, self._prompts(number, number + 1))
            frame = frame + offset
            if self._flying:
                self._carry(number, tick, offset)
        self._take(number, frame)
        return frame.clamp(-1, 1)

    def _carry(self, number: int, tick: NetworkPass, offset: Tensor) -> None:
        """Apply the correction to frames in flight, in proportion to their signal.

        They were predicted from the uncorrected frame: without this they would be corrected again
        for the same drift, and colours would oscillate.
        """
        after = shot_begins(self._prompts(number + 1, max(self._flying) + 1)).cumsum(1) > 0
        for other, noisy in self._flying.items():
            clean = 1 - self._levels[tick.steps[other - tick.first] + 1]
            same = ~after[:, other - number - 1, None, None, None]
            self._flying[other] = noisy + clean * offset * same

    def _take(self, number: int, frame: Tensor) -> None:
        """Make a finished frame visible to later ones."""
        self._finished = [*self._finished, (number, frame)][-self._window - 1 :]
        self._uncommitted = min(self._uncommitted + 1, self._window)
        self._recall.keep(number, frame, self._prompts(number, number + 1))

    @property
    def _streams(self) -> int:
        return 1 if self._switches.cfg == 1.0 else 2

    def _prompts(self, start: int, stop: int) -> Prompts:
        """Return the prompts of the frames [start, stop), withheld after `prompt_seconds`."""
        found = self._prompts_at(start, stop).to(self._device)
        if not self._switches.prompt_seconds:
            return found
        last = round(self._switches.prompt_seconds * self._network.config.fps)
        late = torch.arange(start, stop, device=self._device) >= last
        return found.withheld_at(late) if bool(late.any()) else found

    def _streamed(self, prompts: Prompts, start: int) -> Prompts:
        """Return the prompts of the conditional stream, followed by the unconditional one."""
        if self._streams == 1:
            return prompts
        silent = torch.ones(len(prompts.scene), dtype=torch.bool, device=self._device)
        return Prompts.joined([prompts, prompts.withheld(silent)], 0)

    def _noise(self, number: int, step: int) -> Tensor:
        size = self._network.config.size
        shape = (3, size, size)
        if self._switches.noise == "shared":
            number = 0
        elif self._period:
            number %= self._period
        return torch.stack([normal(shape, key, number, step) for key in self._keys]).to(
            self._device
        )


_SMALLEST = 1e-3  # noise level below which the velocity is undefined


def euler(noisy: Tensor, clean: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """Return frames at levels `then`, `(batch, T)`, on the line from `noisy` through `clean`.

    The velocity of the straight path is (noisy - clean) / now.
    """
    rest = (then / now.clamp(min=_SMALLEST))[..., None, None, None]
    return clean + rest * (noisy - clean)


def heun(first: Tensor, second: Tensor, noisy: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """Return frames at levels `then` by the mean of two velocities.

    Args:
        first: Clean frames predicted at `now`.
        second: Clean frames predicted at `then`; the last step, which ends at 0, uses only
            `first`.
        noisy: Frames at `now`.
        now: Their levels.
        then: The next levels.
    """
    met = euler(noisy, first, now, then)
    speed = (noisy - first) / now.clamp(min=_SMALLEST)[..., None, None, None]
    ahead = (met - second) / then.clamp(min=_SMALLEST)[..., None, None, None]
    mean = noisy + (then - now)[..., None, None, None] * (speed + ahead) / 2
    last = (then <= _SMALLEST)[..., None, None, None]
    return met.where(last, mean)


def renoise(clean: Tensor, noise: Tensor, then: Tensor) -> Tensor:
    """Return the clean frames with fresh noise at levels `then`."""
    return mix(clean, noise, then)
