"""Streams without a container are timed by what they state themselves, or refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.frames import Products, concatenate

CODERS = {
    "h264": ("-c:v", "libx264", "-bf", "2"),
    "264": ("-c:v", "libx264", "-f", "h264"),
    "hevc": ("-c:v", "libx265", "-x265-params", "log-level=0"),
    "m4v": ("-c:v", "mpeg4", "-bf", "2", "-f", "m4v"),
    "ivf": ("-c:v", "libvpx-vp9"),
    "y4m": ("-pix_fmt", "yuv420p"),
}


def write(path: Path, rate: str, *options: str) -> Path:
    source = ("-f", "lavfi", "-i", f"testsrc2=s=96x64:r={rate}:d=1")
    command = ["ffmpeg", "-v", "error", *source, *options, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.mark.parametrize("rate", ["16", "30000/1001", "50"])
@pytest.mark.parametrize("kind", CODERS)
def test_the_rate_is_the_one_that_was_coded(tmp_path: Path, kind: str, rate: str) -> None:
    path = write(tmp_path / f"clip.{kind}", rate, *CODERS[kind])
    number, _, by = rate.partition("/")
    step = int(by or 1) / int(number)
    with open_video(path, Products(luma=True)) as reader:
        times = concatenate(list(reader)).pts
    assert reader.outcome.status == "ok"
    assert len(times) == pytest.approx(1 / step, abs=1)
    np.testing.assert_allclose(times, np.arange(len(times)) * step, atol=1e-4)
    assert reader.outcome.duration == pytest.approx(len(times) * step, abs=1e-3)


@pytest.mark.parametrize("kind", ["hevc", "obu"])
def test_a_stream_that_states_no_rate_is_refused(tmp_path: Path, kind: str) -> None:
    silent = ("-c:v", "libx265", "-x265-params", "log-level=0:vui-timing-info=0")
    options = silent if kind == "hevc" else ("-c:v", "libsvtav1")
    with pytest.raises(VideoDecodeError, match="states no frame rate") as caught:
        probe(write(tmp_path / f"clip.{kind}", "16", *options))
    assert caught.value.code == "no_rate"
