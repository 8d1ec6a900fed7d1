"""What the headers of pictures say, without decoding them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from lvbench.video.decoding.images import image_files, image_size, is_animated

WIDTH, HEIGHT = 53, 37


def picture(seed: int = 0) -> Image.Image:
    return Image.fromarray(
        np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.jpg", {}),
        ("progressive.jpg", {"progressive": True, "icc_profile": bytes(70000)}),
        ("lossy.webp", {}),
        ("lossless.webp", {"lossless": True}),
        ("extended.webp", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
        ("a.tif", {}),
        ("a.bmp", {}),
        ("a.gif", {}),
    ],
)
def test_size_of_a_still(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    picture().save(tmp_path / name, **options)
    assert image_size(tmp_path / name) == (WIDTH, HEIGHT)
    assert not is_animated(tmp_path / name)


def test_size_of_what_opencv_writes_in_16_bits(tmp_path: Path) -> None:
    for name in ("a.tif", "a.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((HEIGHT, WIDTH, 3), np.uint16))
        assert image_size(tmp_path / name) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif"])
def test_animated(tmp_path: Path, name: str) -> None:
    frames = [picture(seed) for seed in range(3)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=50)
    assert is_animated(tmp_path / name)
    assert image_size(tmp_path / name) == (WIDTH, HEIGHT)
    # The extension says nothing.
    (tmp_path / name).rename(tmp_path / "b.dat")
    assert is_animated(tmp_path / "b.dat")


@pytest.mark.parametrize(
    "content", [b"", b"x", b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff"]
)
def test_what_is_cut_off_has_no_size_and_does_not_move(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert image_size(tmp_path / "a") in (None, (0, 0))
    assert not is_animated(tmp_path / "a")
    assert not is_animated(tmp_path / "none")


def test_pictures_without_a_number_are_no_frames_among_numbered_ones(tmp_path: Path) -> None:
    for name in ("2.png", "10.png", "cover.png", ".3.png", "4.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [file.name for file in image_files(tmp_path)] == ["2.png", "10.png"]
    (tmp_path / "other").mkdir()
    for name in ("b.png", "a.png"):
        (tmp_path / "other" / name).write_bytes(b"x")
    assert [file.name for file in image_files(tmp_path / "other")] == ["a.png", "b.png"]


def large_png(path: Path, width: int, height: int) -> None:
    """Write a whole black PNG of a few kilobytes, however large the picture is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    packer, row = zlib.compressobj(9), bytes(1 + width // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_size_of_a_bomb_costs_nothing(tmp_path: Path) -> None:
    large_png(tmp_path / "a.png", 30000, 30000)
    assert image_size(tmp_path / "a.png") == (30000, 30000)
