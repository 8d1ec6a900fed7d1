from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import UsageError, VideoDecodeError
from lvbench.video.containers.raw_format import RawFormat, parse_raw
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products


@pytest.mark.parametrize(
    ("text", "raw", "size"),
    [
        ("yuv420p10le:576x324", RawFormat("yuv420p10le", 576, 324), 576 * 324 * 3),
        ("yuv420p:5x3@24", RawFormat("yuv420p", 5, 3, 24.0), 15 + 2 * 3 * 2),
        ("yuv422p:4x2", RawFormat("yuv422p", 4, 2), 16),
        ("yuv444p12le:4x2", RawFormat("yuv444p12le", 4, 2), 48),
        ("gray:4x2@29.97", RawFormat("gray", 4, 2, 29.97), 8),
        ("gray10le:4x2", RawFormat("gray10le", 4, 2), 16),
    ],
)
def test_a_description_is_read_and_knows_its_frames_size(
    text: str, raw: RawFormat, size: int
) -> None:
    assert parse_raw(text) == raw
    assert raw.frame_bytes == size


@pytest.mark.parametrize(
    "text",
    ["", "yuv420p", "yuv420p:0x4", "yuv420p:4x4@0", "yuv420:4x4", "grayp:4x4", "rgb24:4x4",
     "yuv420p10:4x4", "yuv420ple:4x4", "yuv420p:4x4x4", "yuv420p:-4x4"],
)  # fmt: skip
def test_another_one_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="yuv420p10le:576x324") as caught:
        parse_raw(text)
    assert caught.value.code == "raw_format"


@pytest.mark.parametrize(("pixel_format", "kind"), [("yuv420p", "u1"), ("yuv420p10le", "<u2")])
def test_samples_come_out_as_they_lie_in_the_file(
    tmp_path: Path, pixel_format: str, kind: str
) -> None:
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 200, (3, 5 * 7 + 2 * 3 * 4)).astype(kind)
    path = tmp_path / "odd.yuv"
    path.write_bytes(samples.tobytes())
    raw = parse_raw(f"{pixel_format}:7x5@10")
    with open_video(path, Products(planes=True), raw=raw) as reader:
        (chunk,) = reader
        assert reader.info.fps == 10
        assert reader.outcome.status == "ok"
    assert chunk.planes is not None
    assert chunk.pts.tolist() == pytest.approx([0, 0.1, 0.2])
    assert np.array_equal(chunk.planes.y.reshape(3, -1), samples[:, :35])
    assert chunk.planes.u is not None
    assert chunk.planes.v is not None
    assert np.array_equal(chunk.planes.u.reshape(3, -1), samples[:, 35:47])
    assert np.array_equal(chunk.planes.v.reshape(3, -1), samples[:, 47:])


def test_a_file_of_no_whole_number_of_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.yuv"
    path.write_bytes(bytes(100))
    with pytest.raises(VideoDecodeError, match="100 bytes") as caught:
        open_video(path, Products(planes=True), raw=parse_raw("yuv420p:4x4"))
    assert caught.value.code == "raw_size"
