"""`loudness`: K-weighted power of the audio, every 100 ms (ITU-R BS.1770)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.audio.stream import (
    AudioAnalysis,
    AudioExtractor,
    AudioWindows,
    WindowAnalysis,
)
from lvbench.features.base import ExtractorSpec, Features
from lvbench.video.frames import Products

STEP_SECONDS = 0.1
# Loudspeakers at 60 to 120 degrees weigh more, low-frequency effects 0 (BS.1770-4, table 4).
_SURROUND = 1.41
# BS.1770-4, tables 1 and 2: the high shelf for the head and the high pass, numerators first.
_PRINTED_RATE = 48000
_HIGHEST_ANGLE = 0.45 * np.pi  # rates below 4 kHz do not reach the corner of the shelf
_PRINTED = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


class Loudness(AudioExtractor):
    """Measure the K-weighted power of consecutive steps of 100 ms, all channels together.

    Values, float64 `(n,)`:
        power: Sum over the channels of weight times mean square; a step's loudness in LUFS is
            `-0.691 + 10 log10(power)`. The time of a step is its middle.

    Source: ITU-R BS.1770-4, annex 1: two biquads, given for 48 kHz; other rates get the
    same analogue filters (`k_weighting`).
    """

    def __init__(self) -> None:
        self.spec = ExtractorSpec("loudness", 1, Products(), preprocessing="k-weighting")

    def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
        """Return the analysis of one video."""
        return _Power(rate, channels)


class _Power(WindowAnalysis):
    def __init__(self, rate: int, channels: tuple[str, ...]) -> None:
        self._rate, self._hop = rate, max(1, round(STEP_SECONDS * rate))
        self._windows = AudioWindows(self._hop, block=10)
        self._weights = channel_weights(channels)
        self._filter = k_weighting(rate)
        self._memory = np.zeros((len(self._filter), len(channels), 2))

    def _features(self, block: NDArray[np.float32]) -> Features:
        from scipy.signal import sosfilt

        steps, _, channels = block.shape
        line = np.ascontiguousarray(block.reshape(-1, channels).T, np.float64)
        weighted, self._memory = sosfilt(self._filter, line, axis=1, zi=self._memory)
        square = (weighted**2).reshape(channels, steps, self._hop).mean(axis=2)
        middles = self._done + 0.5 + np.arange(steps)
        self._done += steps
        assert self._t0 is not None
        power = (square * self._weights[:, None]).sum(axis=0)
        return Features(self._t0 + middles * self._hop / self._rate, {"power": power})


def channel_weights(channels: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the weight of each channel (BS.1770-4, tables 3 and 4), float64 `(channels,)`.

    The rear pair of a layout without side channels (5.1) is its surround pair; behind side
    channels (7.1) it is beyond 120 degrees and weighs 1.
    """
    sides = {"SL", "SR"} if {"SL", "SR"} & set(channels) else {"BL", "BR"}
    weight = dict.fromkeys(sides, _SURROUND)
    return np.array([0.0 if n.startswith("LFE") else weight.get(n, 1.0) for n in channels])


def k_weighting(rate: int) -> NDArray[np.float64]:
    """Return the K-weighting filter for a sampling rate as second-order sections, `(2, 6)`.

    At 48 kHz these are the printed coefficients; at other rates the analogue filters that they
    are the bilinear transforms of, transformed at that rate and exact at their corner frequencies.
    """
    return np.array([_at_rate(np.asarray(b), np.asarray(a), rate) for b, a in _PRINTED])


def _at_rate(b: NDArray[np.float64], a: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    corner = np.sqrt((a[0] + a[1] + a[2]) / (a[0] - a[1] + a[2]))
    angle = np.arctan(corner) * _PRINTED_RATE / rate
    ratio = corner / np.tan(min(angle, _HIGHEST_ANGLE))
    stretch = ratio ** np.arange(3)
    numerator, denominator = (_bilinear(_bilinear(c) * stretch) for c in (b, a))
    section: NDArray[np.float64] = np.concatenate([numerator, denominator]) / denominator[0]
    return section


def _bilinear(c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a polynomial in 1/z into one in s = (1 - 1/z) / (1 + 1/z), or back (times 4)."""
    return np.array([c[0] + c[1] + c[2], 2 * (c[0] - c[2]), c[0] - c[1] + c[2]])
