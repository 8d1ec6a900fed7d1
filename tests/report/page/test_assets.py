from __future__ import annotations

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from lvbench.report.page.assets import embedded_json, relative_address, render_page


def test_embedded_json_cannot_end_its_script() -> None:
    content = {"name": "</script><!--&\u2028"}
    text = str(embedded_json(content))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == content


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        embedded_json({"value": float("nan")})


def test_missing_content_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError):
        render_page("report.html.j2")


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
