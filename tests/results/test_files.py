"""Files are written whole or not at all; the same content gives the same bytes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.errors import StorageError
from lvbench.results.files import canonical_json, sweep, write_atomic
from lvbench.results.folder_lock import locked_folder

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_canonical_json_does_not_depend_on_the_order_of_keys(content: dict[str, Any]) -> None:
    backwards = dict(reversed(content.items()))
    assert canonical_json(content) == canonical_json(backwards)


@given(PLAIN)
def test_canonical_json_reads_back_as_what_was_written(content: Any) -> None:
    import json

    assert json.loads(canonical_json(content)) == content
    assert json.loads(canonical_json(content, indent=1)) == content


def test_canonical_json_is_exactly_this() -> None:
    content = {"b": [1, 2.5, None, True], "a": "é", "c": {"y": 1e-7, "x": {}}}
    assert canonical_json(content) == '{"a":"é","b":[1,2.5,null,true],"c":{"x":{},"y":1e-07}}'


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_canonical_json_refuses_what_is_no_number(bad: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"deep": [bad]})


def test_writes_text_and_bytes_and_makes_folders(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a" / "b.txt", "zwölf")
    write_atomic(tmp_path / "a" / "c.bin", b"\x00\xff")
    assert (tmp_path / "a" / "b.txt").read_text("utf-8") == "zwölf"
    assert (tmp_path / "a" / "c.bin").read_bytes() == b"\x00\xff"
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["b.txt", "c.bin"]
    assert (tmp_path / "a" / "b.txt").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
@pytest.mark.parametrize(
    ("number", "code", "fix"),
    [
        (errno.ENOSPC, "disk_full", "free space"),
        (errno.EDQUOT, "disk_full", "free space"),
        (errno.EACCES, "storage_failed", "writable"),
    ],
)
def test_a_write_that_fails_in_the_middle_leaves_the_old_file_and_nothing_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    number: int,
    code: str,
    fix: str,
) -> None:
    path = tmp_path / "run.json"
    write_atomic(path, "old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    if step == "write":
        real = os.fdopen

        def half_written(*args: Any, **more: Any) -> Any:
            handle = real(*args, **more)
            handle.raw.write(b"ha")
            handle.close()
            fail()

        monkeypatch.setattr(os, "fdopen", half_written)
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageError) as caught:
        write_atomic(path, "new")
    monkeypatch.undo()
    assert caught.value.code == code
    assert fix in caught.value.fix
    assert str(path) in caught.value.where
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_an_interruption_in_the_middle_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.json"
    write_atomic(path, "old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_a_file_where_the_folder_should_be_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError):
        write_atomic(tmp_path / "taken" / "x.json", "{}")


def test_what_dead_processes_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = [
        f".run.json.abcd1234.{ended.pid}.partial",
        f".manifest.jsonl.{ended.pid}.partial",
        f".clip.{ended.pid}.partial.mp4",
        ".absurd.9999999999.partial",
    ]
    kept = [
        f".run.json.abcd1234.{os.getpid()}.partial",  # a living process's
        f".of-init.{1}.partial",  # living too, and another user's
        ".weights.pt.partial",  # a download that goes on where it was cut off
        f"clip.{ended.pid}.partial",
        f".notes.{ended.pid}.partial.of mine",
    ]
    (tmp_path / "items").mkdir()
    for name in (*dead, *kept):
        (tmp_path / name).touch()
        (tmp_path / "items" / name).touch()
    with locked_folder(tmp_path):
        assert sorted(p.name for p in tmp_path.glob("*.*")) == sorted(kept)
        assert sorted(p.name for p in (tmp_path / "items").iterdir()) == sorted(kept)


def test_a_killed_writer_leaves_what_the_next_one_sweeps(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from lvbench.results import files\n"
        "files.os.fsync = lambda _: os.kill(os.getpid(), 9)\n"
        "files.write_atomic(Path(sys.argv[1]) / 'a.txt', 'half')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
