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


def test_json_holds_every_frame(files: tuple[str, str]) -> None:
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr", "--json")
    found = json.loads(text)
    assert code == 0
    assert found["protocol"].startswith("lvb-pair v1")
    score = found["metrics"]["psnr"]
    assert score["value"] == pytest.approx(20 * np.log10(255 / 3))
    assert len(score["series"]["per_frame"]["y"]) == 4
    assert found["unavailable"] == {}


def test_what_cannot_be_had_is_said_with_its_mend(files: tuple[str, str]) -> None:
    code, text = _run(*files, "--raw", RAW, "--metrics", "psnr,ms_ssim,lpips")
    assert code == 0
    assert "ms_ssim: not applicable (too_small)" in text
    assert "lpips: unavailable (weights_missing)" in text
    assert "lvbench weights pull alexnet" in text
    code, text = _run(*files, "--raw", "yuv420p:64x50", "--metrics", "psnr")
    assert code == 4
    assert "raw_size" in text
