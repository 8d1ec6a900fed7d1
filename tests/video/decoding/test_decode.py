"""The reader: chunks, times, products, rotation, and the real videos' known numbers."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import UsageError, VideoDecodeError
from lvbench.video import problems
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.encode import write_video
from lvbench.video.frames import Frames, Products, concatenate

EVERYTHING = Products(luma=True, small=40, rgb=True)
BIT_IDENTICAL = ("ltx2_with_audio.mp4", "intel_car-detection.mp4", "worldmark_m1_good.mp4")


def read(path: Path, products: Products = EVERYTHING, **settings: object) -> Frames:
    with open_video(path, products, **settings) as reader:  # type: ignore[arg-type]
        return concatenate(list(reader))


def digest(frames: Frames) -> str:
    arrays = (frames.pts, frames.luma, frames.small, frames.rgb)
    joined = b"".join(a.tobytes() for a in arrays if a is not None)
    return hashlib.sha256(joined).hexdigest()


def test_chunks_hold_at_most_sixteen_frames_and_the_byte_budget(awkward: Path) -> None:
    path = awkward / "h264.mp4"
    per_frame = 64 * 96 * 4 + 40 * 26 * 3
    with open_video(path, EVERYTHING) as reader:
        assert [len(chunk) for chunk in reader] == [16, 16, 16, 12]
    with open_video(path, EVERYTHING, chunk_bytes=5 * per_frame) as reader:
        assert {len(chunk) for chunk in reader} == {5}
    with open_video(path, EVERYTHING, chunk_bytes=1) as reader:
        assert {len(chunk) for chunk in reader} == {1}


@pytest.mark.parametrize("name", ["h264.mp4", "vfr.mp4", "flipped.mp4", "rotated.mp4"])
def test_chunk_size_changes_no_byte(awkward: Path, name: str) -> None:
    path = awkward / name
    assert digest(read(path)) == digest(read(path, chunk_bytes=1))
    assert digest(read(path)) == digest(read(path, chunk_bytes=100_000))


def test_chunks_may_be_kept(awkward: Path) -> None:
    with open_video(awkward / "h264.mp4", EVERYTHING) as reader:
        kept, sums = [], []
        for chunk in reader:
            assert chunk.luma is not None
            kept.append(chunk.luma)
            sums.append(int(chunk.luma.sum()))
    assert [int(luma.sum()) for luma in kept] == sums
    assert all(luma.flags.c_contiguous for luma in kept)


def test_only_the_products_asked_for_are_made(awkward: Path) -> None:
    frames = read(awkward / "h264.mp4", Products(small=40))
    assert frames.luma is None
    assert frames.rgb is None
    assert frames.small is not None
    assert frames.small.shape == (60, 26, 40, 3)


def test_a_product_does_not_depend_on_the_others(awkward: Path) -> None:
    for name in ("h264.mp4", "gif.gif", "hevc_10bit.mkv"):
        together = read(awkward / name)
        for alone in (Products(luma=True), Products(small=40), Products(rgb=True)):
            frames = read(awkward / name, alone)
            for key in ("luma", "small", "rgb"):
                if getattr(frames, key) is not None:
                    np.testing.assert_array_equal(getattr(frames, key), getattr(together, key))


def test_times_are_those_of_the_file(awkward: Path) -> None:
    np.testing.assert_allclose(read(awkward / "h264.mp4").pts, np.arange(60) / 24, atol=1e-9)
    uneven = np.cumsum([0] + [20 + 40 * (k % 3) for k in range(59)]) / 1000
    np.testing.assert_allclose(read(awkward / "vfr.mp4").pts, uneven, atol=1e-4)


@pytest.mark.parametrize(
    "name", ["h264.ts", "h264.avi", "joined.ts", "hole.mp4", "edit_list.mp4", "gif.gif"]
)
def test_times_start_at_zero_and_increase(awkward: Path, name: str) -> None:
    pts = read(awkward / name).pts
    assert pts[0] == 0
    assert (np.diff(pts) > 0).all()


def test_edit_list_skips_what_is_not_shown(awkward: Path) -> None:
    whole, shown = read(awkward / "h264.mp4"), read(awkward / "edit_list.mp4")
    assert whole.rgb is not None
    np.testing.assert_array_equal(shown.rgb, whole.rgb[24:])


def test_rotation_turns_every_product_as_opencv_does(awkward: Path) -> None:
    frames = read(awkward / "rotated.mp4")
    upright = read(awkward / "faststart.mp4")
    capture = cv2.VideoCapture(str(awkward / "rotated.mp4"))
    _, reference = capture.read()
    assert frames.rgb is not None
    assert frames.luma is not None
    assert frames.small is not None
    assert upright.luma is not None
    np.testing.assert_array_equal(frames.rgb[0], reference[..., ::-1])
    np.testing.assert_array_equal(frames.luma, np.rot90(upright.luma, -1, axes=(1, 2)))
    assert frames.small.shape[1:] == (40, 26, 3)


def test_outcome_is_not_known_before_the_end(awkward: Path) -> None:
    with open_video(awkward / "h264.mp4", Products(luma=True)) as reader:
        next(iter(reader))
        with pytest.raises(RuntimeError):
            _ = reader.outcome


def test_unknown_backend_is_refused(awkward: Path) -> None:
    with pytest.raises(UsageError, match="pyav, decord"):
        open_video(awkward / "h264.mp4", Products(), backend="imageio")


def test_memory_does_not_grow_with_length(
    tmp_path: Path, texture: Callable[..., NDArray[np.uint8]]
) -> None:
    """Peak resident memory over 16 times the length, each read in a fresh process."""
    clip = texture(60, 240, 320)
    peaks = []
    for repeats in (2, 32):
        path = tmp_path / f"{repeats}.mp4"
        write_video(path, (clip for _ in range(repeats)), 24, options={"preset": "ultrafast"})
        code = (
            "import sys\n"
            "from lvbench.memory import peak_memory\n"
            "from lvbench.video.decoding.decode import open_video\n"
            "from lvbench.video.frames import Products\n"
            "with open_video(sys.argv[1], Products(luma=True, small=128, rgb=True)) as reader:\n"
            "    print(sum(len(chunk) for chunk in reader))\n"
            "print(peak_memory())\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
        frames, peak = (int(line) for line in done.stdout.split())
        assert frames == 60 * repeats
        peaks.append(peak)
    assert peaks[1] < 1.1 * peaks[0]


@pytest.mark.assets
@pytest.mark.parametrize("name", BIT_IDENTICAL)
def test_rgb_is_opencv_s_bit_for_bit(videos: Path, name: str) -> None:
    capture = cv2.VideoCapture(str(videos / name))
    with open_video(videos / name, Products(rgb=True)) as reader:
        chunk = next(iter(reader))
    assert chunk.rgb is not None
    for rgb in chunk.rgb:
        _, bgr = capture.read()
        np.testing.assert_array_equal(rgb, bgr[..., ::-1])


def _goldens(assets: Path) -> list[dict[str, object]]:
    index = json.loads((assets / "assets" / "index.json").read_text())
    return [entry for entry in index if entry["kind"] == "videos"]


@pytest.mark.assets
def test_real_videos_have_their_known_numbers(assets: Path) -> None:
    for entry in _goldens(assets):
        golden = entry["golden"]
        assert isinstance(golden, dict)
        path = assets / "assets" / str(entry["file"])
        numerator, _, denominator = golden["fps"].partition("/")
        with open_video(path, Products(rgb=True), chunk_bytes=1) as reader:
            info = reader.info
            first = next(iter(reader)).rgb
        assert first is not None
        assert (info.width, info.height) == (golden["width"], golden["height"])
        assert info.fps == pytest.approx(int(numerator) / int(denominator or 1))
        assert info.has_audio == (golden["audio"] is not None)
        assert info.codec == golden["video_codec"]
        assert info.pixel_format == golden["pix_fmt"]
        mean = golden["first_frame_rgb_mean(PyAV rgb24)"]
        np.testing.assert_allclose(first[0].mean((0, 1)), mean, atol=6e-4)


@pytest.mark.assets
def test_real_videos_decode_to_the_last_frame(assets: Path) -> None:
    for entry in _goldens(assets):
        golden = entry["golden"]
        assert isinstance(golden, dict)
        if golden["frames_decoded"] >= 800:  # the long ones only cost time
            continue
        with open_video(assets / "assets" / str(entry["file"]), Products(luma=True)) as reader:
            last = [chunk.pts[-1] for chunk in reader][-1]
            outcome = reader.outcome
        assert (outcome.status, outcome.frames) == ("ok", golden["frames_decoded"]), entry["name"]
        assert last == pytest.approx(golden["last_pts_s"], abs=6e-5)


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
