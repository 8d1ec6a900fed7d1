from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from lvbench.features.audio.stream import AudioStream
from lvbench.features.audio.waveform import prediction_error
from lvbench.features.registry import build
from lvbench.metrics.functional import as_audio
from lvbench.video.audio.samples import AudioBlock
from tests.features.audio.test_stream import features

RATE = 16000


def chord(seconds: float, phase: float = 0.0, level: float = 0.1) -> NDArray[np.float64]:
    t = np.arange(round(RATE * seconds)) / RATE
    parts = [np.sin(2 * np.pi * f * t + phase * k) for k, f in enumerate((196, 247, 294, 523), 1)]
    return np.asarray(level * np.sum(parts, axis=0))


@pytest.mark.parametrize("at", [1.0, 1.0071, 1.0199])
def test_the_join_of_two_waveforms_stands_out_once(at: float) -> None:
    first = round(at * RATE)
    wave = np.concatenate([chord(2.0)[:first], chord(2.0, phase=1.0)[first:]])
    found = features("waveform", as_audio(wave, RATE), RATE)
    strongest = found["jump"].argmax()
    assert found["jump"][strongest] > 2.5
    assert found["jump_t"][strongest] == pytest.approx(at, abs=0.001)
    assert found["before"][strongest] == pytest.approx(found["after"][strongest], rel=0.4)
    assert np.sort(found["jump"][1:-1])[-2] < 0.5


def test_an_attack_out_of_silence_has_one_side_only() -> None:
    wave = np.concatenate([np.zeros(RATE), chord(1.0)])
    found = features("waveform", as_audio(wave, RATE), RATE)
    at = found["jump"].argmax()
    assert found["before"][at] < 0.01 * found["after"][at]


def test_one_broken_channel_is_enough() -> None:
    wave = np.stack([chord(2.0), chord(2.0)], axis=1)
    wave[RATE:, 1] = chord(2.0, phase=1.0)[RATE:]
    found = features("waveform", as_audio(wave, RATE), RATE)
    assert found["jump_t"][found["jump"].argmax()] == pytest.approx(1.0, abs=0.001)


def test_clipped_samples_are_those_in_runs_at_full_scale() -> None:
    wave = np.zeros(RATE)
    wave[1000], wave[2000:2002], wave[3000:3007], wave[4000:4003] = 1.0, 1.0, 1.2, -1.0
    found = features("waveform", as_audio(wave, RATE), RATE)
    assert round(found["clipped"].sum() * 320) == 10


def test_samples_that_are_not_there_are_told_from_silence() -> None:
    wave = chord(1.0).astype(np.float32)[:, None]
    found: list[float] = []
    stream = AudioStream(
        {"waveform": build("waveform")}, lambda _, f: found.extend(f["missing"].tolist())
    )
    stream.push(AudioBlock(0.0, RATE, wave, ("FC",)))
    stream.push(AudioBlock(1.0, RATE, np.zeros((1600, 1), np.float32), ("FC",), missing=True))
    stream.push(AudioBlock(1.1, RATE, np.zeros((8000, 1), np.float32), ("FC",)))
    stream.finish()
    assert sum(found) == pytest.approx(5.0)
    assert np.flatnonzero(found).tolist() == [50, 51, 52, 53, 54]


def test_levels_are_those_of_the_quarters() -> None:
    wave = np.zeros(320)
    wave[80:160], wave[240:] = 0.25, -0.5
    found = features("waveform", as_audio(np.tile(wave, 10), RATE), RATE)
    assert np.allclose(found["level"], [0, 0.25, 0, 0.5])


def test_it_is_the_error_of_the_normal_equations() -> None:
    """Against SciPy's own Levinson solver and filter."""
    rng = np.random.default_rng(0)
    windows = lfilter([1.0], [1.0, -1.5, 0.8], rng.normal(size=(3, 400)))
    order = 6
    for window, error in zip(windows, prediction_error(windows, order), strict=True):
        tapered = window * np.hanning(400)
        products = np.correlate(tapered, tapered, "full")[399:]
        products[0] = products[0] * (1 + 1e-6) + 1e-9
        weights = solve_toeplitz(products[:order], products[1 : order + 1])
        expected = lfilter(np.concatenate([[1.0], -weights]), [1.0], window)
        assert error[order:] == pytest.approx(expected[order:], abs=1e-8)
        assert not error[:order].any()


def test_a_tone_is_foreseen_and_a_jump_is_not() -> None:
    t = np.arange(960) / 16000
    wave = np.sin(2 * np.pi * 440 * t)
    broken = np.concatenate([wave[:480], np.sin(2 * np.pi * 440 * t[480:] + 2)])
    smooth, jump = np.abs(prediction_error(np.stack([wave, broken]), 24))
    assert jump.argmax() == pytest.approx(480, abs=1)
    assert jump.max() > 50 * smooth[100:-100].max()


def test_silence_and_short_windows_have_no_error() -> None:
    assert not prediction_error(np.zeros((2, 100)), 24).any()
    assert prediction_error(np.ones((2, 10)), 24).shape == (2, 10)
