"""A video is named by its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video.file_hash import sha256_file


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"content" * 100_000)
    assert sha256_file(path) == hashlib.sha256(b"content" * 100_000).hexdigest()


def test_folder_is_its_pictures_names_and_contents(tmp_path: Path) -> None:
    for index in range(12):
        (tmp_path / f"{index}.png").write_bytes(bytes([index]))
    first = sha256_file(tmp_path)
    (tmp_path / "notes.txt").write_text("not a picture")
    assert sha256_file(tmp_path) == first
    (tmp_path / "3.png").write_bytes(b"other")
    changed = sha256_file(tmp_path)
    (tmp_path / "11.png").rename(tmp_path / "12.png")
    assert len({first, changed, sha256_file(tmp_path)}) == 3


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError) as caught:
        sha256_file(tmp_path / "none.mp4")
    assert caught.value.code == "file_missing"
