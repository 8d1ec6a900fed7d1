from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.functional import as_audio
from tests.features.audio.test_stream import features
from tests.metrics.sounds import clicking


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("at", [0.5, 0.5037, 0.509])
def test_a_click_is_seen_within_a_hop(rate: int, at: float) -> None:
    found = features("onset_strength", as_audio(clicking(1.0, [at], rate), rate), 1 << 20)
    assert found.t[found["strength"].argmax()] == pytest.approx(at, abs=0.008)


def test_gain_moves_an_onset_little_and_noise_below_the_floor_has_none() -> None:
    wave = clicking(1.0, [0.5], 16000)
    loud, soft = (features("onset_strength", as_audio(w, 16000), 4000) for w in (wave, wave / 10))
    assert soft["strength"].max() > 0.3 * loud["strength"].max()
    hiss = np.random.default_rng(1).normal(0, 1e-5, 16000)
    assert features("onset_strength", as_audio(hiss, 16000), 4000)["strength"].max() < 0.1


def test_low_frequency_effects_are_not_listened_to() -> None:
    wave = np.zeros((16000, 6))
    wave[:, 3] = clicking(1.0, [0.5], 16000)
    assert not features("onset_strength", as_audio(wave, 16000), 4000)["strength"].any()


def test_the_level_is_that_of_the_window() -> None:
    wave = 0.1 * np.sin(2 * np.pi * 500 * np.arange(16000) / 16000)
    level = features("onset_strength", as_audio(wave, 16000), 4000)["level"]
    assert level[5:] == pytest.approx(-23.01, abs=0.05)
