"""Audio of a world: a note at every bounce, with the pitch of the bouncing character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.world.grammar import HUES, SHAPES, Character
from lvbench.world.motion import BounceOnset
from lvbench.world.world import World

RATE = 16000
SECONDS = 0.12  # of a note
_LOWEST = 220.0  # Hz
_FADE = 0.03  # seconds in which a note decays to 1/e
_LOUDNESS = 0.16  # six simultaneous notes, the most of three members, stay below full scale
_HIGHEST = _LOWEST * 2 ** len(SHAPES)


def pitch(identity: int) -> float:
    """Return the frequency in Hz of a character's note: tone by hue, octave by shape."""
    character = Character.of(identity)
    tone = HUES.index(character.hue) / len(HUES)
    return float(_LOWEST * 2 ** (SHAPES.index(character.shape) + tone))


def render(world: World, start: float, stop: float, rate: int = RATE) -> NDArray[np.float32]:
    """Return the audio of [start, stop), mono, in [-1, 1]; adjacent ranges join seamlessly.

    Sample `n` of a clip is at `n / rate` seconds.

    Args:
        world: The world.
        start: Seconds since the clip's start.
        stop: The end of the range.
        rate: Samples per second.

    Raises:
        UsageError: The rate is too low for the highest note.
    """
    if rate < 2 * _HIGHEST:
        raise UsageError(
            "render the audio",
            found=f"{rate} samples per second",
            where="the rate",
            fix=f"give at least {2 * _HIGHEST:.0f}",
        )
    return notes(world.onsets(start - 3 * SECONDS, stop + 1 / rate), start, stop, rate)


def notes(
    onsets: Iterable[BounceOnset], start: float, stop: float, rate: int = RATE
) -> NDArray[np.float32]:
    """Return the audio of [start, stop), mono, in [-1, 1], in which these notes are heard.

    Args:
        onsets: The notes, in their order; notes out of the range are ignored.
        start: Seconds since the clip's start.
        stop: The end of the range.
        rate: Samples per second.
    """
    first, end = round(start * rate), round(stop * rate)
    samples = np.zeros(max(0, end - first))
    for onset in onsets:
        # Samples from the onset on; notes are added in the order of their onsets.
        low = max(first, int(np.ceil(onset.time * rate)))
        high = min(end, int(np.ceil((onset.time + SECONDS) * rate)))
        if low < high:
            since = np.arange(low, high) / rate - onset.time
            samples[low - first : high - first] += _note(pitch(onset.identity), since)
    return samples.astype(np.float32)


def chunks(
    world: World, seconds: float, rate: int = RATE, chunk: float = 1.0
) -> Iterator[NDArray[np.float32]]:
    """Yield the audio of a clip from its start, in chunks of `chunk` seconds."""
    for number in range(int(np.ceil(seconds / chunk))):
        yield render(world, number * chunk, min((number + 1) * chunk, seconds), rate)


def _note(frequency: float, since: NDArray[np.float64]) -> NDArray[np.float64]:
    decay = np.exp(-since / _FADE) * (1 - since / SECONDS)
    note: NDArray[np.float64] = _LOUDNESS * np.sin(2 * np.pi * frequency * since) * decay
    return note
