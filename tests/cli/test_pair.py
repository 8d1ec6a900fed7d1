from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lvbench.cli.pair import pair

RAW = "yuv420p:64x48@8"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Return two raw videos of four frames."""
    rng = np.random.default_rng(0)
    real = rng.integers(0, 200, 4 * 64 * 48 * 3 // 2, np.uint8)
    for name, data in (("real.yuv", real), ("video.yuv", real + np.uint8(3))):
        (tmp_path / name).write_bytes(data.tobytes())
    return str(tmp_path / "real.yuv"), str(tmp_path / "video.yuv")


def _run(*arguments: str) -> tuple[Any, str]:
    done = CliRunner().invoke(pair, list(arguments), standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value, done.stdout


def test_the_table_names_the_conventions(files: tuple[str, str]) -> None:
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr,ssim")
    assert code == 0
    assert "38.5884" in text
    assert "luma as coded, 8 bits, peak 255, mean of per-frame dB" in text
    assert "too short" in text


def test_json_has_every_frame(files: tuple[str, str]) -> None:
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr", "--json")
    found = json.loads(text)
    assert code == 0
    assert found["protocol"].startswith("lvb-pair v1")
    score = found["metrics"]["psnr"]
    assert score["value"] == pytest.approx(20 * np.log10(255 / 3))
    assert len(score["series"]["per_frame"]["y"]) == 4
    assert found["unavailable"] == {}


def test_a_metric_that_fails_is_reported_with_its_fix(files: tuple[str, str]) -> None:
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr,ms_ssim,lpips")
    assert code == 0
    assert "ms_ssim: not applicable (too_small)" in text
    assert "lpips: unavailable (weights_missing)" in text
    assert "lvbench weights pull alexnet" in text
    code, text = _run(*files, "--raw", "yuv420p:64x50", "--metrics", "psnr")
    assert code == 4
    assert "raw_size" in text


def test_a_shared_reason_is_printed_once_without_the_flags_of_refused_frames(
    files: tuple[str, str],
) -> None:
    """Every metric fails for the one reason; no flag states how frames were paired."""
    real = Path(files[0])
    Path(files[1]).write_bytes(real.read_bytes()[: 3 * 64 * 48 * 3 // 2])
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr,ssim")
    assert code == 4
    assert "psnr, ssim: failed (count_differs)" in text
    assert text.count("fix:") == 1
    assert "3 pairs of frames at the same times; the video has 3, its reference 4" in text
    assert "left out" not in text
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr", "--partial")
    assert code == 0
    assert "count_differs: some frames have no partner: they are left out" in text


def test_raw_video_needs_a_description_and_sound_has_no_picture(
    files: tuple[str, str], tmp_path: Path
) -> None:
    code, text = _run(*files, "--metrics", "psnr")
    assert code == 4
    assert "failed (raw_undescribed)" in text
    assert "--raw yuv420p:WIDTHxHEIGHT@RATE" in text
    audio = tmp_path / "sound.wav"
    audio.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    assert "failed (no_video_stream)" in _run(files[0], str(audio), "--metrics", "psnr")[1]


def test_square_brackets_are_no_markup(
    files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lvbench.features.paired import libvmaf

    monkeypatch.setattr(libvmaf, "find_spec", lambda _: None)
    _, text = _run(*files, "--raw", RAW, "--metrics", "psnr,vmaf")
    assert "vmaf: unavailable (dependency_missing)" in text
    assert "-e '.[vmaf]'" in text
