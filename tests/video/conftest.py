"""Small awkward files, made once per session: what real folders of video hold sooner or later."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.encode import write_video

RATE = 24
FRAMES = 60
HEIGHT, WIDTH = 64, 96


def moving_texture(
    frames: int = FRAMES, height: int = HEIGHT, width: int = WIDTH, seed: int = 0
) -> NDArray[np.uint8]:
    """Return `uint8 (T, H, W, 3)`: a smooth random texture that slides by one pixel a frame."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(20, 236, (height // 8 + 2, (width + frames) // 8 + 2, 3))
    texture = coarse.repeat(8, 0).repeat(8, 1).astype(np.float64)
    texture += rng.normal(0, 12, texture.shape)
    wide = np.clip(texture, 0, 255).astype(np.uint8)[:height]
    return np.stack([wide[:, t : t + width] for t in range(frames)])


def mux(
    path: Path,
    clip: NDArray[np.uint8],
    *,
    times: Sequence[int] | None = None,
    rotation: int = 0,
    options: dict[str, str] | None = None,
    tags: tuple[int, int] | None = None,
    pixel_format: str = "yuv420p",
    crf: int = 16,
) -> None:
    """Write h264 with what `write_video` has no word for: times in ms, rotation, muxer options.

    `tags` are FFmpeg's numbers of the colour matrix and range, both written and converted to.
    """
    import av

    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": str(crf), "g": "12"})
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = pixel_format
        stream.codec_context.thread_count = 1
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if tags is not None:
            stream.codec_context.colorspace, stream.codec_context.color_range = tags
        if rotation:
            stream.set_display_rotation(rotation)
        for index, rgb in enumerate(clip):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            if tags is not None:
                frame = frame.reformat(
                    format=pixel_format, dst_colorspace=tags[0], dst_color_range=tags[1]
                )
            frame.pts = index if times is None else times[index]
            frame.time_base = Fraction(1, RATE) if times is None else Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _flip(data: bytes, low: float, high: float, count: int) -> bytes:
    rng = np.random.default_rng(1)
    flipped = bytearray(data)
    for at in rng.integers(int(len(data) * low), int(len(data) * high), count):
        flipped[at] ^= 1 << int(rng.integers(8))
    return bytes(flipped)


def _shift_edit_list(data: bytes, seconds: float) -> bytes:
    """Let the edit list of an mp4 begin `seconds` into its only track."""
    at = data.index(b"elst")
    scale_at = data.index(b"mdhd") + 16
    ticks = round(int.from_bytes(data[scale_at : scale_at + 4], "big") * seconds)
    movie_scale = int.from_bytes(data[data.index(b"mvhd") + 16 :][:4], "big")
    duration, media_time = (int.from_bytes(data[at + k :][:4], "big") for k in (12, 16))
    duration -= round(movie_scale * seconds)
    entry = duration.to_bytes(4, "big") + (media_time + ticks).to_bytes(4, "big")
    edited = data[: at + 12] + entry + data[at + 20 :]
    # The track's header repeats how long its edits last.
    header = edited.index(b"tkhd") + 24
    return edited[:header] + entry[:4] + edited[header + 4 :]


def _audio_only(path: Path) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        for index in range(16):
            samples = np.zeros((1, 1024), dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _whole_files(root: Path) -> None:
    clip = moving_texture()
    writers: dict[str, dict[str, str]] = {
        "h264.mp4": {},
        "h264.mkv": {},
        "h264.mov": {},
        "h264.avi": {},
        "h264.ts": {},
        "h264_10bit.mp4": {"pixel_format": "yuv420p10le"},
        "h264_444.mp4": {"pixel_format": "yuv444p"},
        "hevc.mp4": {"codec": "libx265"},
        "hevc_10bit.mkv": {"codec": "libx265", "pixel_format": "yuv420p10le"},
        "vp8.webm": {"codec": "libvpx"},
        "vp9.webm": {"codec": "libvpx-vp9"},
        "av1.mp4": {"codec": "libsvtav1"},
        "mpeg4.avi": {"codec": "mpeg4"},
        "gif.gif": {"codec": "gif"},
        "ffv1.mkv": {"codec": "ffv1"},
    }
    for name, settings in writers.items():
        write_video(root / name, [clip], RATE, gop=12, **settings)
    write_video(root / "odd.mp4", [moving_texture(height=63, width=95)], RATE, gop=12)
    write_video(root / "large.ts", [moving_texture(height=80, width=128)], RATE, gop=12)
    uneven = np.cumsum([0] + [20 + 40 * (k % 3) for k in range(FRAMES - 1)])
    mux(root / "vfr.mp4", clip, times=[int(t) for t in uneven])
    mux(root / "rotated.mp4", clip, rotation=-90)
    mux(root / "faststart.mp4", clip, options={"movflags": "faststart"})
    fragments = "frag_keyframe+empty_moov+default_base_moof"
    mux(root / "fragmented.mp4", clip, options={"movflags": fragments})
    _audio_only(root / "audio_only.mp4")


def _broken_files(root: Path) -> None:
    def read(name: str) -> bytes:
        return (root / name).read_bytes()

    def cut(name: str, share: float = 0.5) -> bytes:
        return read(name)[: int(len(read(name)) * share)]

    fast = read("faststart.mp4")
    media = fast.index(b"mdat") / len(fast)
    hole = int(len(fast) * 0.6)
    makers: dict[str, Callable[[], bytes]] = {
        "edit_list.mp4": lambda: _shift_edit_list(read("h264.mp4"), 1.0),
        "size_change.ts": lambda: read("h264.ts") + read("large.ts"),
        "joined.ts": lambda: read("h264.ts") + read("h264.ts"),
        "cut_moov_first.mp4": lambda: cut("faststart.mp4", media + (1 - media) / 2),
        "cut_fragmented.mp4": lambda: cut("fragmented.mp4"),
        "cut.ts": lambda: cut("h264.ts", 0.501),
        "cut.mkv": lambda: cut("h264.mkv"),
        "cut.webm": lambda: cut("vp9.webm"),
        "cut.avi": lambda: cut("h264.avi"),
        "cut.gif": lambda: cut("gif.gif"),
        "flipped.mp4": lambda: _flip(fast, media + 0.1, 1.0, 60),
        "hole.mp4": lambda: fast[:hole] + bytes(len(fast) // 8) + fast[hole + len(fast) // 8 :],
        "moov_lost.mp4": lambda: cut("h264.mp4", 0.7),
        "empty.mp4": lambda: b"",
        "text.mp4": lambda: b"this is no video at all\n" * 40,
        "playlist.mp4": lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nh264.ts\n",
        "zero_frames.mp4": lambda: fast[: fast.index(b"mdat") + 4],
    }
    for name, make in makers.items():
        (root / name).write_bytes(make())


@pytest.fixture(scope="session")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of awkward files."""
    os.environ.setdefault("SVT_LOG", "0")
    root = tmp_path_factory.mktemp("awkward")
    _whole_files(root)
    _broken_files(root)
    return root


@pytest.fixture(scope="session")
def texture() -> Callable[..., NDArray[np.uint8]]:
    """Return the maker of moving textures."""
    return moving_texture


@pytest.fixture(scope="session")
def muxer() -> Callable[..., None]:
    """Return the writer of h264 with tags, times and rotation."""
    return mux
