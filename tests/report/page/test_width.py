"""A long word widens no page, on a phone or on a desk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from selenium.webdriver import Chrome

from lvbench.comparison.compare import compare
from lvbench.comparison.html import write_comparison
from lvbench.leaderboard.build import write_boards
from lvbench.report.page.report import write_report

pytestmark = pytest.mark.browser

Open = Callable[..., Chrome]
WORD = "w" * 300  # wider than a desk


def _with_words(folder: Path) -> Path:
    """Put the word into every text of a run that anyone may choose."""
    for file in (folder / "items").glob("*.json"):
        content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        video = content["video"]
        video |= {"path": WORD, "generator": WORD, "prompts": [{"start": 0.0, "text": WORD}]}
        if video["status"] == "failed":
            video["detail"] = WORD
        for score in content["metrics"].values():
            score["detail"] = WORD
        file.write_text(json.dumps(content), "utf-8")
    record: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    record |= {"title": WORD, "signature": WORD, "status": "partial", "reasons": [WORD]}
    record["environment"] = {"cpu": WORD, WORD: "x"}
    for score in record["scores"].values():
        score |= {"unit": WORD, "detail": WORD}
    (folder / "run.json").write_text(json.dumps(record), "utf-8")
    return folder


@pytest.fixture
def pages(factory: ModuleType, tmp_path: Path) -> list[Path]:
    base, head = (
        _with_words(factory.make_run(tmp_path / name, videos=14, shift=shift, thumbnails=False))
        for name, shift in (("base", 0.0), ("head", 0.2))
    )
    comparison = write_comparison(compare(base, head), tmp_path / "comparison.html")
    rows = tmp_path / "leaderboards"
    boards = write_boards(rows, {"m" * 80: base, "n" * 80: head})
    return [write_report(head), comparison, *(b for b in boards if b.name == "board.html")]


def test_no_page_is_wider_than_the_window(browser: Open, pages: list[Path]) -> None:
    driver = browser(pages[0])
    wide = {}
    for page in pages:
        for width in (390, 1200):
            screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            driver.get(page.resolve().as_uri())
            for unfold in ("", "document.querySelectorAll('details').forEach(d => d.open = true)"):
                driver.execute_script(unfold)
                if driver.execute_script("return document.documentElement.scrollWidth") > width:
                    wide[page.name, width, unfold] = driver.execute_script(WIDEST)
    assert wide == {}


WIDEST = """
return [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > innerWidth &&
  !e.closest('.scroll')).slice(0, 8).map(e => e.tagName + '.' + e.className + ' ' + e.scrollWidth)
"""
