"""Loudness against what BS.1770-4 and EBU Tech 3341 print."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import sosfreqz

from lvbench.features.audio.loudness import channel_weights, k_weighting
from lvbench.metrics.audio.audio_quality import integrated
from lvbench.metrics.functional import as_audio
from tests.features.audio.test_stream import features


def sine(level: float, rate: int, seconds: float, hertz: float = 1000.0) -> NDArray[np.float64]:
    t = np.arange(round(rate * seconds)) / rate
    return np.asarray(10 ** (level / 20) * np.sin(2 * np.pi * hertz * t))


def loudness(samples: NDArray[np.float64], rate: int) -> float:
    power = features("loudness", as_audio(samples, rate), rate)["power"]
    found = integrated(power)
    assert found is not None
    return found


def test_the_filter_at_48_khz_is_the_printed_one() -> None:
    shelf, high_pass = k_weighting(48000)
    numerator = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    denominator = [1.0, -1.69065929318241, 0.73248077421585]
    assert shelf == pytest.approx([*numerator, *denominator], abs=1e-12)
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-12)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 96000])
def test_other_rates_weigh_the_same_frequencies_the_same(rate: int) -> None:
    hertz = [20, 60, 200, 500, 1000, 1700]
    ours, printed = (
        20 * np.log10(np.abs(sosfreqz(k_weighting(r), worN=hertz, fs=r)[1])) for r in (rate, 48000)
    )
    # The bilinear transform bends frequencies near half of the lowest rate.
    assert ours == pytest.approx(printed, abs=0.35 if rate == 8000 else 0.06)


@pytest.mark.parametrize("rate", [2000, 4000])
def test_the_filter_is_stable_where_a_rate_does_not_reach_its_corner(rate: int) -> None:
    for section in k_weighting(rate):
        assert np.abs(np.roots(section[3:])).max() < 1


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_stereo_sine_reads_its_level(rate: int, level: float) -> None:
    """EBU Tech 3341, test signals 1 and 2."""
    wave = sine(level, rate, 5.0)
    assert loudness(np.stack([wave, wave], 1), rate) == pytest.approx(level, abs=0.1)


def test_a_sine_at_full_scale_in_one_channel_reads_3_01_below_0() -> None:
    """BS.1770-4, annex 1: 997 Hz at 0 dB FS in the left, centre or right channel."""
    assert loudness(sine(0.0, 48000, 5.0, 997.0), 48000) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(
    ("levels", "seconds"),
    [
        # EBU Tech 3341, test signals 3, 4 and 5, a tenth to a quarter of their length.
        ((-36.0, -23.0, -36.0), (2.0, 15.0, 2.0)),
        ((-72.0, -36.0, -23.0, -36.0, -72.0), (2.0, 2.0, 15.0, 2.0, 2.0)),
        ((-26.0, -20.0, -26.0), (5.0, 5.025, 5.0)),
    ],
)
def test_gating_reads_minus_23(levels: tuple[float, ...], seconds: tuple[float, ...]) -> None:
    parts = [sine(level, 48000, s) for level, s in zip(levels, seconds, strict=True)]
    wave = np.concatenate(parts)
    assert loudness(np.stack([wave, wave], 1), 48000) == pytest.approx(-23.0, abs=0.1)


def test_five_channels_add_up_by_their_weights() -> None:
    """EBU Tech 3341, test signal 6."""
    rate = 48000
    levels = (-28.0, -28.0, -24.0, 0.0, -30.0, -30.0)
    wave = np.stack([sine(level, rate, 5.0) for level in levels], axis=1)
    assert loudness(wave, rate) == pytest.approx(-23.0, abs=0.1)


def test_effects_weigh_nothing_and_only_the_surround_pair_weighs_more() -> None:
    assert channel_weights(("FL", "FR", "FC", "LFE", "BL", "BR")).tolist() == [
        1,
        1,
        1,
        0,
        1.41,
        1.41,
    ]
    seven = ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
    assert channel_weights(seven).tolist() == [1, 1, 1, 0, 1, 1, 1.41, 1.41]


def test_silence_has_no_loudness() -> None:
    assert integrated(np.zeros(50)) is None
    assert integrated(np.ones(3)) is None
