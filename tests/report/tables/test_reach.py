"""An address in a page names no folder above the one that holds page and file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.report.tables.reach import relative_address


@pytest.mark.parametrize(
    ("file", "page", "address"),
    [
        ("/data/runs/a/clip.mp4", "/data/runs/a", "clip.mp4"),
        ("/data/clips/a #1.mp4", "/data/runs/a", "../../clips/a%20%231.mp4"),
        ("/home/me/clips/a.mp4", "/home/me/runs/a", "../../clips/a.mp4"),
        ("/home/you/clips/a.mp4", "/home/me/runs/a", None),
        ("/data/clips/a.mp4", "/home/me/runs/a", None),
    ],
)
def test_the_address(
    file: str, page: str, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert relative_address(Path(file), Path(page)) == address
