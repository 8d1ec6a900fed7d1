"""A video is named by its content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video.file_hash import FileWatch, sha256_file


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


def test_hashing_gives_signs_of_life(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(bytes(3 << 20))
    beats: list[int] = []
    sha256_file(tmp_path / "a.mp4", lambda: beats.append(1))
    assert len(beats) >= 3


def test_an_empty_file_is_hashed_without_being_opened(tmp_path: Path) -> None:
    # /proc/kmsg says that it is a file of 0 bytes, and waits for ever.
    (tmp_path / "a.mp4").write_bytes(b"")
    (tmp_path / "a.mp4").chmod(0)
    assert sha256_file(tmp_path / "a.mp4") == hashlib.sha256(b"").hexdigest()


def _replace(path: Path, times: os.stat_result) -> None:
    other = path.with_name("other")
    other.write_bytes(b"C" * times.st_size)
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(path)


def _write_in_place(path: Path, times: os.stat_result) -> None:
    path.write_bytes(b"C" * times.st_size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _append(path: Path, times: os.stat_result) -> None:
    with path.open("ab") as file:
        file.write(b"D")


def _remove(path: Path, times: os.stat_result) -> None:
    path.unlink()


def _touch(path: Path, times: os.stat_result) -> None:
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 1))


def _swap_for_a_pipe(path: Path, times: os.stat_result) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "deed", [_replace, _write_in_place, _append, _remove, _touch, _swap_for_a_pipe]
)
@pytest.mark.parametrize("sequence", [False, True])
def test_a_file_that_changes_is_found(
    tmp_path: Path, deed: Callable[[Path, os.stat_result], None], *, sequence: bool
) -> None:
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"content")
    watch = FileWatch(tmp_path if sequence else tmp_path / "2.png")
    deed(tmp_path / "2.png", (tmp_path / "2.png").stat())
    changed = watch.changed()
    assert changed is not None
    assert changed.code == "file_changed"


def test_a_picture_that_comes_later_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"content")
    watch = FileWatch(tmp_path)
    (tmp_path / "2.png").write_bytes(b"content")
    assert "2.png appeared" in str(watch.changed())


def test_a_second_name_or_other_rights_are_no_change(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"content")
    watch = FileWatch(path)
    os.link(path, tmp_path / "b.mp4")
    path.chmod(0o600)
    path.read_bytes()
    assert watch.changed() is None
