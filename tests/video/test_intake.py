"""What counts as a video in a folder, and what is named as left out."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from PIL import Image

from lvbench.errors import ConfigError, UsageError
from lvbench.video import intake
from lvbench.video.intake import find_videos
from lvbench.video.manifest.entry import derive_id
from tests.video.conftest import moving_texture

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0" + bytes(64)


def put(root: Path, *names: str, content: bytes = b"x\n") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def found(path: Path) -> tuple[list[str], dict[str, str]]:
    """Return the videos relative to the folder, and what was left out with the reason."""
    every = find_videos(path)
    names = [entry.path.relative_to(path.absolute()).as_posix() for entry in every.entries]
    return names, {one.path: one.why for one in every.left_out}


def test_a_folder_without_manifest(tmp_path: Path) -> None:
    put(tmp_path, "b.mp4", "sub/a.WEBM", "sub/deep/c.gif", "notes.txt", ".hidden.mp4", "._a.mp4")
    put(tmp_path, "frames/1.png", "frames/2.png", "pictures/cover.png", ".cache/x.mp4")
    videos, left_out = found(tmp_path)
    assert videos == ["b.mp4", "frames", "sub/a.WEBM", "sub/deep/c.gif"]
    ids = [entry.id for entry in find_videos(tmp_path).entries]
    assert ids == [derive_id(name) for name in videos]
    assert left_out == {"notes.txt": intake.NO_VIDEO, "pictures/cover.png": intake.NO_NUMBER}


@pytest.mark.parametrize("extension", sorted(intake.VIDEO_EXTENSIONS))
def test_every_extension_of_a_video_counts_in_any_case(tmp_path: Path, extension: str) -> None:
    put(tmp_path, f"a{extension}", f"B{extension.upper()}")
    assert found(tmp_path) == ([f"B{extension.upper()}", f"a{extension}"], {})


@pytest.mark.assets
def test_every_visible_file_is_judged_or_named(assets: Path) -> None:
    folder = assets / "cases" / "files" / "mixed"
    videos, left_out = found(folder)
    assert {"a.mp4", "B.MP4", "x.MOV", "x.webp", "x.y4m", "seq"} <= set(videos)
    assert left_out == {
        "seq/prompt.txt": intake.NO_PICTURE,
        "x.dat": intake.LIKE_A_VIDEO,
        "x.webm.part": intake.LIKE_A_VIDEO,
    }
    seen = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert seen == {name.split("/")[0] for name in (*videos, *left_out)}


def test_a_side_file_leaves_a_sequence_one(tmp_path: Path) -> None:
    put(tmp_path, "s/000.png", "s/001.png", "s/prompt.txt", "s/sound.wav", "s/cover.jpg")
    videos, left_out = found(tmp_path)
    assert videos == ["s"]
    assert left_out == {
        "s/prompt.txt": intake.NO_PICTURE,
        "s/sound.wav": intake.NO_PICTURE,
        "s/cover.jpg": intake.NO_NUMBER,
    }
    assert [entry.path for entry in find_videos(tmp_path / "s").entries] == [tmp_path / "s"]


def test_pictures_beside_videos_are_no_sequence(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "grid1.png", "sub/fig2.png", "sub/deep/b.mp4")
    videos, left_out = found(tmp_path)
    assert videos == ["a.mp4", "sub/deep/b.mp4"]
    assert left_out == {"grid1.png": intake.LOOSE_PICTURE, "sub/fig2.png": intake.LOOSE_PICTURE}


def test_a_folder_without_videos_below_does_not_hide_a_sequence(tmp_path: Path) -> None:
    put(tmp_path, "s/1.png", "s/2.png", "s/meta/info.json")
    assert found(tmp_path) == (["s"], {"s/meta/info.json": intake.NO_VIDEO})


def test_pictures_that_move_are_videos_of_their_own(tmp_path: Path) -> None:
    frames = [Image.fromarray(frame) for frame in moving_texture(4, 16, 24)]
    for name in ("1.webp", "2.png", "3.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=60)
    frames[0].save(tmp_path / "4.webp")
    assert found(tmp_path) == (["1.webp", "2.png", "3.webp"], {"4.webp": intake.LOOSE_PICTURE})
    (tmp_path / "stills").mkdir()
    for index, frame in enumerate(frames):
        frame.save(tmp_path / "stills" / f"{index}.webp")
    assert "stills" in found(tmp_path)[0]
    assert len(find_videos(tmp_path / "1.webp").entries) == 1
    with pytest.raises(UsageError, match="still picture"):
        find_videos(tmp_path / "4.webp")


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "c.mp4", "seq/1.png", "note.txt")
    root = tmp_path / "root"
    put(root, "sub/a.mp4")
    for name, target in (
        ("one", tmp_path / "elsewhere"),
        ("two", tmp_path / "elsewhere"),
        ("again", root / "sub"),
        ("sub/up", root),
        ("sub/self", root / "sub"),
        ("above", tmp_path),
    ):
        (root / name).symlink_to(target)
    (root / "nowhere").symlink_to(tmp_path / "gone")
    (root / "round").symlink_to(root / "round")
    videos, left_out = found(root)
    assert videos == ["one/c.mp4", "one/seq", "sub/a.mp4"]
    assert left_out == {
        "one/note.txt": intake.NO_VIDEO,
        "two": intake.SAME_FOLDER,
        "again": intake.SAME_FOLDER,
        "sub/up": intake.LOOP,
        "sub/self": intake.LOOP,
        "above": intake.LOOP,
        "nowhere": intake.BROKEN,
        "round": intake.BROKEN,
    }


def test_one_file_under_two_names_is_judged_once(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "copy.mp4")
    (tmp_path / "b.mp4").symlink_to("a.mp4")
    os.link(tmp_path / "a.mp4", tmp_path / "c.mp4")
    (tmp_path / "gone.mp4").symlink_to("nowhere.mp4")
    videos, left_out = found(tmp_path)
    assert videos == ["a.mp4", "copy.mp4", "gone.mp4"]
    assert left_out == {"b.mp4": intake.SAME_FILE, "c.mp4": intake.SAME_FILE}


def test_special_files_are_failed_videos_by_a_video_name_and_left_out_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.mp4")
    for name in ("pipe.mp4", "pipe", "7.png"):
        os.mkfifo(tmp_path / name)
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    videos, left_out = found(tmp_path)
    assert videos == ["a.mp4", "pipe.mp4"]
    assert left_out == {"pipe": "a named pipe", "7.png": "a named pipe", "socket": "a socket"}
    for name in ("pipe", "pipe.mp4", "socket", "/dev/zero"):
        with pytest.raises(UsageError, match=r"a named pipe|a socket|a device"):
            find_videos(tmp_path / name)


def test_a_manifest_comes_first_and_what_it_does_not_name_is_said(tmp_path: Path) -> None:
    put(tmp_path, "b.mp4", "c.mp4", "seq/1.png", "real.mp4", "notes.txt")
    (tmp_path / "manifest.jsonl").write_text(
        '{"path": "b.mp4", "id": "named", "reference": "real.mp4"}\n'
    )
    every = find_videos(tmp_path)
    assert [entry.id for entry in every.entries] == ["named"]
    assert {one.path: one.why for one in every.left_out} == {
        "c.mp4": intake.NOT_LISTED,
        "seq": intake.NOT_LISTED,
    }
    asked = find_videos(tmp_path / "manifest.jsonl")
    assert (asked.entries, asked.left_out) == (every.entries, ())


def test_a_manifest_that_is_no_file_is_not_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "b.mp4")
    os.mkfifo(tmp_path / "manifest.jsonl")
    with pytest.raises(ConfigError, match="named pipe"):
        find_videos(tmp_path)


def test_one_file_or_one_image_sequence(tmp_path: Path) -> None:
    put(tmp_path, "b.bin", content=MP4)
    assert [entry.id for entry in find_videos(tmp_path / "b.bin").entries] == ["b.bin"]
    put(tmp_path, "frames/0001.jpg")
    frames = tmp_path / "frames"
    assert [entry.path for entry in find_videos(frames).entries] == [frames]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("prompts.csv", b"id,prompt\n1,a dog\n"),
        ("prompts.txt", b"G"),
        ("list.json", b"[]"),
        ("run.yaml", "prompts: [\u00e4]\n".encode()),
        ("notes.md", b""),
        ("sound.wav", b"RIFF\x10\0\0\0WAVEfmt "),
        ("sound.m4a", b"\0\0\0\x20ftypM4A \0\0\2\0"),
        ("table.parquet", b"PAR1\x15\x04"),
        ("word", b"YAML is text"),
    ],
)
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    put(tmp_path, name, content=content)
    with pytest.raises(UsageError, match="no video") as caught:
        find_videos(tmp_path / name)
    assert "manifest" in caught.value.fix


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        find_videos(tmp_path / "none")
    with pytest.raises(UsageError, match="no video in it"):
        find_videos(tmp_path)
    put(tmp_path, "notes.txt")
    with pytest.raises(UsageError, match=r"only notes\.txt"):
        find_videos(tmp_path)


def test_a_run_folder_among_the_videos_is_not_searched(tmp_path: Path) -> None:
    put(tmp_path, "a.mp4", "run/protocol.lock.yaml", "run/thumbnails/1.jpg", "run/log.txt")
    assert found(tmp_path) == (["a.mp4"], {})


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.mp4", "private/b.mp4")
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "private":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    videos, left_out = found(tmp_path)
    assert videos == ["a.mp4"]
    assert "Permission denied" in left_out["private"]
