from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import audio_quality
from lvbench.metrics.audio.audio_quality import (
    Hops,
    clipping,
    discontinuities,
    gaps,
    integrated,
    lufs,
    silences,
)
from lvbench.results.schema import ItemScore
from lvbench.video.audio.decode import AudioReader

RATE = 16000
Samples = NDArray[np.float64]


@cache
def music(seconds: float = 12.0, seed: int = 0) -> Samples:
    """Return plucked tones over a low drone: attacks, decays and pauses, and no fault."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(RATE * seconds)) / RATE
    wave = 0.05 * np.sin(2 * np.pi * 98 * t) + rng.normal(0, 5e-4, len(t))
    for start in np.cumsum(rng.uniform(0.15, 0.4, round(3 * seconds))):
        since = np.maximum(t - start, 0.0)
        tone = np.sin(2 * np.pi * rng.choice([196, 294, 392, 587]) * since)
        wave += 0.15 * tone * np.exp(-since / 0.15) * (1 - np.exp(-since / 0.004))
    return wave


def kinds(score: ItemScore) -> list[str]:
    return [event.kind for event in score.events]


def test_whole_sound_has_no_fault() -> None:
    score = audio_quality(audio=music(), rate=RATE)
    assert score.value == 0.0
    assert not score.events
    names = ("clipping", "silence", "gaps", "discontinuities")
    assert all(score.components[name] == 0.0 for name in names)


def test_a_cut_in_the_waveform_is_found_where_it_is() -> None:
    wave = music()
    score = audio_quality(
        audio=np.concatenate([wave[: 5 * RATE], wave[7 * RATE + 33 :]]), rate=RATE
    )
    (event,) = score.events
    assert event.kind == "discontinuity"
    assert event.start == pytest.approx(5.0, abs=0.002)
    assert score.value == pytest.approx(6.0, rel=0.01)
    assert score.components["discontinuities"] == pytest.approx(6.0, rel=0.01)


def test_clipping_is_a_share_of_samples() -> None:
    wave = music().copy()
    loud = slice(4 * RATE, 6 * RATE)
    wave[loud] = np.clip(8 * wave[loud], -1, 1)
    score = audio_quality(audio=wave, rate=RATE)
    expected = (np.abs(wave) >= 0.999).mean()
    assert score.components["clipping"] == pytest.approx(expected, rel=0.1)
    clipped = [e for e in score.events if e.kind == "clipping"]
    assert clipped[0].start == pytest.approx(4.0, abs=0.2)
    assert clipped[-1].end == pytest.approx(6.0, abs=0.2)


def test_a_dropout_is_a_gap() -> None:
    wave = music().copy()
    wave[5 * RATE : 5 * RATE + 800] = 0.0
    score = audio_quality(audio=wave, rate=RATE)
    assert kinds(score) == ["gap"]
    assert score.events[0].start == pytest.approx(5.0, abs=0.005)
    assert score.components["gaps"] == pytest.approx(0.05 / 12, rel=0.15)


def test_silence_is_told_and_is_no_fault() -> None:
    fade = np.clip(np.abs(np.arange(12 * RATE) / RATE - 6.5) - 1.0, 0, 0.3) / 0.3
    score = audio_quality(audio=music() * fade, rate=RATE)
    assert kinds(score) == ["silence"]
    assert score.components["silence"] == pytest.approx(2 / 12, abs=0.02)
    assert score.value == 0.0


def test_loudness_that_falls_by_12_lu_drifts_by_12_lu() -> None:
    wave = music(20.0)
    fading = wave * 10 ** (-0.6 * np.arange(len(wave)) / len(wave))
    steady, falling = (audio_quality(audio=w, rate=RATE).components for w in (wave, fading))
    change = falling["loudness_end_level"] - steady["loudness_end_level"]
    assert change == pytest.approx(-12 * 0.9, abs=1.0)
    slope = falling["loudness_slope_per_minute"] - steady["loudness_slope_per_minute"]
    assert slope == pytest.approx(-36.0, abs=3.0)
    assert "loudness_end_level" not in audio_quality(audio=music(4.0), rate=RATE).components


def test_a_step_of_loudness_at_declared_seams() -> None:
    wave = music().copy()
    level = np.where(np.arange(len(wave)) // (4 * RATE) % 2, 0.25, 1.0)
    stepped = audio_quality(audio=wave * level, rate=RATE, seams=(4.0, 8.0))
    plain = audio_quality(audio=wave, rate=RATE, seams=(4.0, 8.0))
    assert stepped.components["seam_level"] > plain.components["seam_level"] + 4
    assert "seam_level" not in audio_quality(audio=wave, rate=RATE).components


def test_sound_that_cannot_be_measured() -> None:
    assert audio_quality(audio=np.zeros(5 * RATE), rate=RATE).code == "silent"
    assert audio_quality(audio=music()[:1000], rate=RATE).code == "too_short"
    with pytest.raises(ValueError, match="audio"):
        audio_quality(audio=np.full(100, np.nan), rate=RATE)
    with pytest.raises(ValueError, match="rate"):
        audio_quality(audio=music(), rate=0)


def test_channels_and_formats_do_not_matter() -> None:
    wave = music()
    one = audio_quality(audio=wave, rate=RATE)
    coded = audio_quality(audio=np.round(wave * 2**15).astype(np.int16), rate=RATE)
    two = audio_quality(audio=np.stack([wave, wave], axis=1), rate=RATE)
    assert one.components["loudness"] == pytest.approx(coded.components["loudness"], abs=0.01)
    # Two loudspeakers sound 3 dB louder than one.
    assert two.components["loudness"] - one.components["loudness"] == pytest.approx(3.01, abs=0.01)
    assert one.value == two.value == coded.value


def beginning(path: Path, seconds: float = 12.0) -> tuple[NDArray[np.float32], int]:
    """Return the sound of a file's first seconds, `(n, channels)`, and its rate."""
    with AudioReader(path) as reader:
        chunks = [audio for audio in reader if audio.t0 < seconds]
    return np.concatenate([c.samples for c in chunks]), chunks[0].rate


SPOKEN = ["big-buck-bunny-480p-30s.mp4", "ltx2_with_audio.mp4", "mdn_friday.mp4"]


@pytest.mark.assets
@pytest.mark.parametrize("name", [*SPOKEN, "wpt_movie_300.mp4"])
def test_real_sound_has_no_fault(videos: Path, name: str) -> None:
    audio, rate = beginning(videos / name)
    assert audio_quality(audio=audio, rate=rate).value == 0.0


@pytest.mark.assets
@pytest.mark.parametrize("name", ["big-buck-bunny-480p-30s.mp4", "mdn_friday.mp4"])
def test_a_seam_planted_in_real_sound(videos: Path, name: str) -> None:
    """What is cut out is chosen so that the waveform does jump, by three of its usual steps."""
    audio, rate = beginning(videos / name)
    cut, back = joint(audio[:, min(2, audio.shape[1] - 1)], rate)
    score = audio_quality(audio=np.concatenate([audio[:cut], audio[back:]]), rate=rate)
    (event,) = score.events
    assert event.kind == "discontinuity"
    assert event.start == pytest.approx(cut / rate, abs=1 / 30)


@pytest.mark.assets
@pytest.mark.parametrize("name", SPOKEN)
def test_a_seam_where_the_waveform_turns_over(videos: Path, name: str) -> None:
    """From a crest on the wave stands on its head, as where two chunks meet in opposite phase.

    Four places of the twelve that the card tells of.
    """
    audio, rate = beginning(videos / name, 5.0)
    wave = audio[:, min(2, audio.shape[1] - 1)]
    for start in (rate, 2 * rate, 3 * rate, round(3.6 * rate)):
        cut = start + int(np.abs(wave[start : start + rate // 4]).argmax())
        score = audio_quality(audio=np.concatenate([audio[:cut], -audio[cut:]]), rate=rate)
        assert all(event.kind == "discontinuity" for event in score.events)
        assert [e.start for e in score.events] == pytest.approx([cut / rate], abs=1 / 30)
        assert score.value == pytest.approx(60 * rate / len(audio), rel=0.01)


def joint(wave: NDArray[np.float32], rate: int) -> tuple[int, int]:
    """Return where to cut, amid sound, and a later sample to go on with."""
    level = np.sqrt(np.convolve(wave.astype(np.float64) ** 2, np.ones(rate // 10), "same"))
    cut = rate + int(level[rate : len(wave) // 2].argmax())
    step = 3 * float(np.abs(np.diff(wave[cut - rate // 10 : cut + rate // 10])).max())
    later = np.arange(cut + rate // 2, len(wave) - rate)
    loud = later[level[later] > 0.5 * level[cut]]
    far = loud[np.abs(wave[loud] - wave[cut - 1]) > step]
    return cut, int(far[0])


def test_power_and_lufs() -> None:
    assert lufs(np.array([1.0, 0.0])) == pytest.approx([-0.691, -200.0])


def test_silence_is_gated_away() -> None:
    """A block that reaches into the silence is 10 LU softer only where 3/4 of it are silent."""
    loud = np.full(100, 0.01)
    with_silence = np.concatenate([loud, np.full(100, 1e-12)])
    assert integrated(with_silence) == pytest.approx(float(lufs(np.array(0.01))), abs=0.1)


def test_a_soft_part_counts_until_it_is_10_lu_below() -> None:
    loud, soft = np.full(100, 0.01), np.full(100, 0.002)
    both = integrated(np.concatenate([loud, soft]))
    assert both == pytest.approx(float(lufs(np.array(0.006))), abs=0.05)
    far = integrated(np.concatenate([loud, soft / 10]))
    assert far == pytest.approx(float(lufs(np.array(0.01))), abs=0.1)


def test_too_short_or_too_soft_has_none() -> None:
    assert integrated(np.full(3, 1.0)) is None
    assert integrated(np.full(30, 1e-8)) is None


def hops(n: int = 100, **changes: dict[int, float]) -> Hops:
    """Return two seconds of loud sound with nothing wrong, but for the changes by hop."""
    columns = {name: np.zeros(n) for name in ("jump", "jump_t", "clipped", "missing")}
    t = (np.arange(n) + 0.5) * 0.02
    columns |= {"t": t, "jump_t": t.copy(), "before": np.full(n, 0.2), "after": np.full(n, 0.2)}
    level = np.full((n, 4), 0.3)
    for name, at in changes.items():
        for index, value in at.items():
            (level if name == "level" else columns[name])[index] = value
    return Hops(level=level, **columns)


def test_sound_without_faults() -> None:
    whole = hops()
    assert not clipping(whole)
    assert not silences(whole)
    assert not gaps(whole)
    assert not discontinuities(whole, (), 2.5, 1.5, [])


def test_clipping_nearby_is_one_event() -> None:
    found = clipping(hops(clipped={10: 0.5, 20: 0.1, 80: 0.2}))
    assert [(e.start, e.end) for e in found] == [
        (pytest.approx(0.2), pytest.approx(0.42)),
        (pytest.approx(1.6), pytest.approx(1.62)),
    ]


def test_silence_begins_at_a_third_of_a_second() -> None:
    assert not silences(hops(level=dict.fromkeys(range(20, 34), 5e-4)))
    (found,) = silences(hops(level=dict.fromkeys(range(20, 35), 5e-4)))
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(0.7))


def test_dead_silence_amid_sound_is_a_dropout_to_the_quarter_of_a_hop() -> None:
    audio = hops(level=dict.fromkeys((20, 21), 0.0))
    audio.level[22, :2] = 0.0
    (found,) = gaps(audio)
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(0.45))
    assert found.details["source"] == "dropout"


@pytest.mark.parametrize(
    "level",
    [
        dict.fromkeys(range(20, 50), 0.0),  # a pause
        dict.fromkeys((20, 21), 2e-4),  # a soft place
        {19: 1e-3, 20: 0.0, 21: 0.0},  # a sound that died away
        dict.fromkeys(range(5), 0.0),  # before the first sound
    ],
)
def test_other_silence_is_no_dropout(level: dict[int, float]) -> None:
    assert not gaps(hops(level=level))


def test_a_hole_is_one_gap_whatever_its_length() -> None:
    where = range(20, 80)
    (found,) = gaps(hops(missing=dict.fromkeys(where, 1.0), level=dict.fromkeys(where, 0.0)))
    assert (found.start, found.end) == (pytest.approx(0.4), pytest.approx(1.6))
    assert found.details["source"] == "time stamps"


def test_a_jump_counts_with_sound_on_both_sides_and_sooner_at_a_seam() -> None:
    audio = hops(jump={10: 3.0, 20: 3.0, 30: 2.0, 40: 2.0}, after={20: 0.001})
    found = discontinuities(audio, (0.8,), 2.5, 1.5, [])
    assert [(round(e.start, 3), e.details["source"]) for e in found] == [
        (0.21, "found"),
        (0.81, "seam"),
    ]


def test_an_attack_is_no_jump_and_a_sudden_end_is_one() -> None:
    audio = hops(jump={10: 3.0, 30: 3.0, 40: 3.0}, after={10: 0.9, 30: 0.05, 40: 0.9})
    found = discontinuities(audio, (0.81,), 2.5, 1.5, [])
    assert [round(event.start, 2) for event in found] == [0.61, 0.81]


def test_the_edges_of_a_gap_are_no_further_fault() -> None:
    audio = hops(jump={19: 5.0, 22: 5.0}, level=dict.fromkeys((20, 21), 0.0))
    assert not discontinuities(audio, (), 2.5, 1.5, gaps(audio))
