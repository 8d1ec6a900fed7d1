"""One process at a time writes in a folder, and a process that died holds nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lvbench.errors import ConfigError, StorageError
from lvbench.results.folder_lock import locked_folder

HOLD = """
import sys, time
from pathlib import Path
from lvbench.results.folder_lock import locked_folder
with locked_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Give another process that holds the folder `run`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "run"
    with locked_folder(folder):
        assert list(folder.iterdir()) == []
    with locked_folder(folder):  # and it is free again
        assert list(folder.iterdir()) == []


def _refused(folder: Path, left: str | None) -> None:
    with locked_folder(folder):
        if left is not None:
            (folder / left).touch()
        raise ValueError("refused")


def test_an_error_leaves_no_empty_folder(tmp_path: Path) -> None:
    new, old, used = (tmp_path / name for name in ("new", "old", "used"))
    old.mkdir()
    for folder, left in ((new, None), (old, None), (used, "log.txt")):
        with pytest.raises(ValueError, match="refused"):
            _refused(folder, left)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "used"]


def test_another_process_is_named_as_the_reason(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    with (
        pytest.raises(ConfigError, match="another process") as refused,
        locked_folder(tmp_path / "run"),
    ):
        pass
    assert refused.value.code == "folder_in_use"
    assert str(tmp_path / "run") in str(refused.value)


def test_a_killed_process_holds_nothing(other: subprocess.Popen[str], tmp_path: Path) -> None:
    other.kill()
    other.wait()
    with locked_folder(tmp_path / "run"):
        pass


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), locked_folder(tmp_path / "file" / "run"):
        pass
