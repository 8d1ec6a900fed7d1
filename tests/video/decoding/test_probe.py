"""What is known of a video before it is decoded, and how a refusal reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video import problems
from lvbench.video.decoding.probe import probe


def test_probe_of_a_plain_file(awkward: Path) -> None:
    info = probe(awkward / "h264.mp4")
    assert (info.width, info.height, info.rotation) == (96, 64, 0)
    assert (info.codec, info.pixel_format, info.bit_depth) == ("h264", "yuv420p", 8)
    assert info.fps == 24
    assert info.duration == pytest.approx(2.5)
    assert info.frames_declared == 60
    assert not info.has_audio
    assert "mp4" in info.container


def test_probe_of_other_files(awkward: Path) -> None:
    turned = probe(awkward / "rotated.mp4")
    assert (turned.width, turned.height, turned.rotation) == (64, 96, 90)
    assert (turned.stored_width, turned.stored_height) == (96, 64)
    assert probe(awkward / "hevc_10bit.mkv").bit_depth == 10
    assert probe(awkward / "h264.mkv").frames_declared is None
    assert probe(awkward / "h264.ts").start > 0
    assert probe(awkward / "gif.gif").colour_space == "rgb"


def test_no_permission(awkward: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(VideoDecodeError) as caught:
        probe(awkward / "h264.mp4")
    assert caught.value.code == "permission_denied"


def test_too_large(awkward: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "MAX_PIXELS", 96 * 64 - 1)
    with pytest.raises(VideoDecodeError, match="96x64") as caught:
        probe(awkward / "h264.mp4")
    assert caught.value.code == "too_large"


def test_a_name_that_looks_like_an_address_is_a_file(awkward: Path, tmp_path: Path) -> None:
    strange = tmp_path / "http:x %d ünï.mp4"
    strange.write_bytes((awkward / "h264.mp4").read_bytes())
    assert probe(strange).width == 96


def test_an_address_is_no_file() -> None:
    with pytest.raises(VideoDecodeError) as caught:
        probe("http://127.0.0.1:9/clip.mp4")
    assert caught.value.code == "file_missing"


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        (("-c:v", "libx264"), ()),
        (("-c:v", "libx264", "-vf", "setsar=1"), ()),
        (("-c:v", "libx264", "-vf", "setsar=4/3"), ("non_square_pixels",)),
        (("-c:v", "libx264", "-vf", "setfield=tff", "-flags", "+ildct+ilme"), ("interlaced",)),
        (("-c:v", "ffv1", "-pix_fmt", "yuva420p"), ("alpha_dropped",)),
        (("-c:v", "ffv1", "-color_trc", "smpte2084"), ("high_dynamic_range",)),
        (("-c:v", "libx264", "-color_trc", "arib-std-b67"), ("high_dynamic_range",)),
    ],
)
def test_what_no_metric_takes_into_account_is_a_flag(
    tmp_path: Path, options: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=16:d=0.5")
    path = tmp_path / "clip.mkv"
    command = ["ffmpeg", "-v", "error", *source, *options, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    assert probe(path).flags == flags
