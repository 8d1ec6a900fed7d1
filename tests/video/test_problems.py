"""What may be read as a file, and what is refused before it is opened."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video.audio.decode import AudioReader
from lvbench.video.decoding.decode import probe
from lvbench.video.file_hash import sha256_file
from lvbench.video.problems import decode_error, require_regular

HEAD = b"\0\0\0\x20ftypisom\0\0\2\0" + bytes(16)


def refusal(path: Path) -> set[str]:
    """Return the codes with which all that opens a video refuses a path."""
    codes = set()
    for read in (probe, sha256_file, AudioReader, require_regular):
        with pytest.raises(VideoDecodeError) as caught:
            read(path)
        codes.add(caught.value.code)
    return codes


def test_what_is_no_regular_file_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "link.mp4").symlink_to("pipe.mp4")
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")
    for path in (tmp_path / "pipe.mp4", tmp_path / "link.mp4", tmp_path / "socket.mp4"):
        assert refusal(path) == {"not_regular"}
    for device in ("/dev/zero", "/dev/urandom", "/dev/null"):
        assert refusal(Path(device)) == {"not_regular"}


@pytest.mark.parametrize("head", [b"", HEAD])
def test_a_large_file_of_holes_is_refused_at_once(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(head)
    os.truncate(path, 1 << 40)
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.fail("this file system writes holes out; run the tests on another one")
    assert refusal(path) == {"sparse_file"}


def test_a_file_with_some_holes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lvbench.video.problems._SPARSE_BYTES", 1 << 16)
    path = tmp_path / "a.mp4"
    with path.open("wb") as file:
        file.write(b"x" * (1 << 20))
        file.truncate((1 << 20) + (1 << 19))
    assert require_regular(path).st_size == 3 << 19
    os.truncate(path, 4 << 20)
    with pytest.raises(VideoDecodeError) as caught:
        require_regular(path)
    assert caught.value.code == "sparse_file"


def test_few_blocks_alone_do_not_make_a_file_sparse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that compresses uses few blocks for a whole file."""
    monkeypatch.setattr("lvbench.video.problems._SPARSE_BYTES", 1 << 16)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * (1 << 20))
    whole = path.stat()
    fields = {name: getattr(whole, name) for name in ("st_mode", "st_size")}

    class Compressed:
        st_blocks = 8
        st_mode, st_size = fields["st_mode"], fields["st_size"]

    monkeypatch.setattr(Path, "stat", lambda *_, **__: Compressed())
    assert require_regular(path).st_blocks == 8


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        (r"/clips/videos\a.mp4", "write the path with /"),
        ("/clips/C:/a.mp4", "drive letter"),
        ("/clips/~/a.mp4", "home folder"),
        ("/clips/a.mp4", "check the path"),
        ("/clips/a~.mp4", "check the path"),
    ],
)
def test_a_path_of_another_system_gets_a_hint(path: str, hint: str) -> None:
    assert hint in decode_error("file_missing", path, "no file of that name").fix
