"""The pictures of nearest stretches come from the run's own folder alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from lvbench.report.page.neighbours import nearest_pairs
from lvbench.results.neighbours import NEIGHBOURS_FILE


def _run(folder: Path, picture: str) -> Path:
    (folder / "thumbnails" / "neighbours").mkdir(parents=True)
    pair = {
        "metric": "memorisation", "video": "a", "real": "b", "start": 0.0, "real_start": 0.0,
        "seconds": 1.0, "similarity": 0.5, "copied": False, "video_picture": picture,
    }  # fmt: skip
    (folder / NEIGHBOURS_FILE).write_text(json.dumps([pair]), "utf-8")
    return folder


@pytest.mark.parametrize("picture", ["../secret", "/etc/passwd", "thumbnails/neighbours/link", "x"])
def test_no_other_file_goes_into_the_page(tmp_path: Path, picture: str) -> None:
    (tmp_path / "secret").write_text("secret")
    run = _run(tmp_path / "run", picture)
    (run / "thumbnails" / "neighbours" / "link").symlink_to(tmp_path / "secret")
    (pair,) = nearest_pairs(run)
    assert [side.address for side in pair.sides] == ["", ""]


def test_its_own_picture_does(tmp_path: Path) -> None:
    run = _run(tmp_path / "run", "thumbnails/neighbours/a.jpg")
    (run / "thumbnails" / "neighbours" / "a.jpg").write_bytes(b"jpeg")
    (pair,) = nearest_pairs(run)
    assert pair.sides[0].address.endswith(base64.b64encode(b"jpeg").decode())
