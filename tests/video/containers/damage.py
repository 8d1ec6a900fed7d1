"""Small sound clips in many containers, and rules that damage them."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FRAMES = 24
_SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=128x96:r=24:d=1")
_H264 = ("-c:v", "libx264", "-bf", "2", "-g", "12")
SEEDS: dict[str, tuple[str, ...]] = {
    "h264.mp4": _H264,
    "first.mp4": (*_H264, "-movflags", "+faststart"),
    "fragments.mp4": (*_H264, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "h264.mov": _H264,
    "h264.mkv": _H264,
    "vp9.webm": ("-c:v", "libvpx-vp9", "-g", "12"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-g", "12"),
    "mpeg2.mpg": ("-c:v", "mpeg2video", "-g", "12", "-bf", "2"),
    "h264.ts": _H264,
    "gif.gif": (),
    "h264.flv": _H264,
    "wmv2.wmv": ("-c:v", "wmv2", "-g", "12"),
    "theora.ogv": ("-c:v", "libtheora", "-g", "12"),
    "webp.webp": ("-c:v", "libwebp_anim", "-lossless", "1"),
    "apng.apng": ("-f", "apng", "-plays", "0"),
}
RULES = ("flip", "flips", "hole", "cut", "inserted", "removed", "header")

# In the first such box of an mp4, which is that of the pictures: bytes after the name, the field's
# length, what it is made to be.
LIES: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("mdhd", 12, 4, (0, 1, 1000, 6144, 24576, 2**32 - 1)),
    ("mdhd", 16, 4, (0, 1, 6144, 2**32 - 2)),
    ("mvhd", 12, 4, (0, 1, 100, 2**32 - 1)),
    ("stts", 4, 4, (0, 2, 2**32 - 1)),
    ("stts", 8, 4, (0, 1, 23, 25, 2**32 - 1)),
    ("stts", 12, 4, (0, 1, 256, 1024, 2**31)),
    ("stsz", 4, 4, (1, 1000)),
    ("stsz", 8, 4, (0, 1, 23, 25, 2**32 - 1)),
    ("stsz", 52, 4, (0, 1, 10**6, 2**32 - 1)),
    ("stsc", 4, 4, (0, 2, 2**32 - 1)),
    ("stsc", 8, 4, (0, 2, 2**32 - 1)),
    ("stsc", 12, 4, (0, 1, 23, 25, 2**32 - 1)),
    ("stco", 4, 4, (0, 2, 2**32 - 1)),
    ("stco", 8, 4, (0, 1, 10**6, 2**32 - 1)),
    ("ctts", 4, 4, (0, 1, 2**32 - 1)),
    ("ctts", 8, 4, (0, 2, 2**32 - 1)),
    ("ctts", 12, 4, (0, 512, 10**6, 2**32 - 1)),
    ("ctts", 28, 4, (0, 512, 10**6, 2**32 - 1)),
    ("elst", 4, 4, (0, 2)),
    ("elst", 8, 4, (0, 1, 500, 10**6)),
    ("elst", 12, 4, (0, 1, 4096, 2**32 - 1)),
)


def write_seeds(folder: Path) -> None:
    """Write a clip of 24 frames in every container."""
    for name, options in SEEDS.items():
        write_seed(folder / name, options)


def write_seed(path: Path, options: tuple[str, ...]) -> None:
    """Write the clip of 24 frames, with these options of ffmpeg."""
    command = ["ffmpeg", "-y", "-v", "error", *_SOURCE, *options, str(path)]
    subprocess.run(command, check=True, capture_output=True)


def damaged(data: bytes, rule: str, number: int) -> bytes:
    """Return the bytes, damaged by a rule; each number gives another damage, always the same."""
    rng = np.random.default_rng([RULES.index(rule), number])
    size, broken = len(data), bytearray(data)
    at = int(rng.integers(size))
    match rule:
        case "flip" | "flips" | "header":
            places = rng.integers(0, min(size, 800) if rule == "header" else size, 8)
            for place in places[: {"flip": 1, "flips": 8, "header": 4}[rule]]:
                broken[place] ^= 1 << int(rng.integers(8))
        case "hole":
            end = min(size, at + int(size * rng.uniform(0.02, 0.15)))
            broken[at:end] = bytes(end - at)
        case "cut":
            del broken[int(size * rng.uniform(0.3, 0.995)) :]
        case "inserted":
            broken[at:at] = rng.bytes(int(rng.integers(1, 600)))
        case "removed":
            del broken[at : at + int(size * rng.uniform(0.01, 0.15))]
    return bytes(broken)


def lies(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield an mp4 with one field of its index changed, and which."""
    index = data.index(b"moov")
    for box, offset, length, values in LIES:
        at = data.find(box.encode(), index)
        if at < 0:
            continue
        at += 4 + offset
        for value in values:
            changed = data[:at] + value.to_bytes(length, "big") + data[at + length :]
            if changed != data:
                yield f"{box} at {offset} is {value}", changed
    for box in ("mdhd", "stts", "stsz", "stsc", "stco", "ctts", "mdia", "minf", "stbl", "tkhd"):
        at = data.find(box.encode(), index)
        if at >= 0:
            yield f"{box} is free", data[:at] + b"free" + data[at + 4 :]


def jpeg(pixels: np.ndarray) -> bytes:
    """Return a picture, `(H, W, 3)`, as a JPEG file."""
    from PIL import Image

    held = io.BytesIO()
    Image.fromarray(pixels).save(held, "jpeg", quality=85)
    return held.getvalue()
