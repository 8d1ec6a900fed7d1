"""Load a board in Chromium, from the file system, and use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from lvbench.leaderboard.build import write_boards
from lvbench.leaderboard.curves import drift_curves
from lvbench.leaderboard.schema import Row, Verification, place
from lvbench.results.files import canonical_json, write_atomic
from tests.leaderboard import synthetic

pytestmark = pytest.mark.browser

Open = Callable[..., Chrome]
VERIFIED = Verification(by="Another", date="2026-11-26", lvbench="0.1.0", digest="a" * 64)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of a board: four models, one of them frozen, and a lower bound."""
    root = tmp_path_factory.mktemp("board") / "leaderboards"
    tools = synthetic.tools_for("lvb-smoke")
    about: dict[str, dict[str, Any]] = {
        "Best one": {"verification": VERIFIED, "open_weights": True},
        "Second": {"open_weights": False},
        "Third of a rather long name": {},
        "Frozen": {"verification": VERIFIED},
        "static": {"baseline": "lower"},
    }
    for number, (model, told) in enumerate(about.items()):
        frozen = 0.9 if model == "Frozen" else 0.0
        items, arrays = synthetic.make_items(
            tools, videos=12, fault=2.0 * number, seed=number, frozen=frozen
        )
        run = synthetic.record_of(tools, items, arrays)
        released = run.protocol.model_copy(update={"draft": False})
        row = Row(
            model=model, organisation="Lab", revision="1", curves=drift_curves(items),
            run=run.model_copy(update={"protocol": released}), **told,
        )  # fmt: skip
        write_atomic(root / place(row), canonical_json(row.model_dump()))
    write_boards(root)
    return root / "boards" / "lvb-smoke" / "board.html"


def _models(driver: Chrome, column: int = 0) -> list[str]:
    rows = driver.find_elements(By.CSS_SELECTOR, ".compact tbody tr")
    shown = [row for row in rows if row.is_displayed()]
    return [row.find_elements(By.CSS_SELECTOR, "th, td")[column].text for row in shown]


def _complaints(driver: Chrome) -> list[Any]:
    return list(driver.get_log("browser"))  # type: ignore[no-untyped-call]


def test_loads_without_a_complaint_and_draws_all_models(browser: Open, board: Path) -> None:
    driver = browser(board)
    assert _complaints(driver) == []
    assert driver.title == "Leaderboard: lvb-smoke"
    labels = [
        svg.get_attribute("aria-label")
        for svg in driver.find_elements(By.CSS_SELECTOR, ".panels svg")
    ]
    assert "Lightness over time, all models" in labels
    ids = driver.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_a_heading_sorts_and_an_empty_cell_stays_last(browser: Open, board: Path) -> None:
    driver = browser(board)
    assert _models(driver)[0].startswith("Best one")
    heading = driver.find_element(By.CSS_SELECTOR, ".compact thead th:nth-child(3) button")
    values = (
        "return [...document.querySelectorAll('.compact tbody tr')]"
        ".map(r => Number(r.cells[2].dataset.sort))"
    )
    heading.click()
    up = driver.execute_script(values)
    heading.click()
    assert up == sorted(up)
    assert driver.execute_script(values) == up[::-1]
    rank = driver.find_element(By.CSS_SELECTOR, ".compact thead th:nth-child(2) button")
    rank.click()
    rank.click()
    assert {name.partition("\n")[0] for name in _models(driver)[-2:]} == {"Frozen", "static"}


def test_filters_join_and_hide_bars_and_details_too(browser: Open, board: Path) -> None:
    driver = browser(board)
    output = driver.find_element(By.CSS_SELECTOR, ".filter output")
    assert output.text == "5 of 5 models"
    source, weights, gates = (
        Select(driver.find_element(By.CSS_SELECTOR, f".filter select[name={name}]"))
        for name in ("source", "weights", "gates")
    )
    source.select_by_visible_text("verified")
    assert [name.partition("\n")[0] for name in _models(driver)] == ["Best one", "Frozen"]
    gates.select_by_visible_text("fail")
    assert [name.partition("\n")[0] for name in _models(driver)] == ["Frozen"]
    gates.select_by_visible_text("all")
    weights.select_by_visible_text("open")
    assert output.text == "1 of 5 models"
    shown = [e for e in driver.find_elements(By.CSS_SELECTOR, "details.model") if e.is_displayed()]
    bars = driver.find_elements(By.CSS_SELECTOR, ".ranks [data-key]")
    assert len(shown) == len([bar for bar in bars if bar.is_displayed()]) == 1
    source.select_by_visible_text("all")
    weights.select_by_visible_text("all")
    driver.find_element(By.CSS_SELECTOR, ".filter input").send_keys("long third")
    assert [name.partition("\n")[0] for name in _models(driver)] == ["Third of a rather long name"]
    assert _complaints(driver) == []


def test_a_models_name_opens_it(browser: Open, board: Path) -> None:
    driver = browser(board)
    driver.find_element(By.CSS_SELECTOR, '.compact a[href$="lab-frozen-1"]').click()
    details = driver.find_element(By.CSS_SELECTOR, 'details[data-key="lab/frozen/1"]')
    WebDriverWait(driver, 10).until(lambda _: details.get_attribute("open") is not None)
    broken = "still fraction over the limit in 12 of 12 scored videos"
    assert f"{broken}, 10 % allowed: fail" in details.text
    assert "lvb-smoke|v:1" in details.text
    assert "lvbench leaderboard check" in details.text
    assert f"not ranked: {broken}" in details.text
    struck = details.find_elements(By.TAG_NAME, "s")
    assert struck
    others = driver.find_elements(By.CSS_SELECTOR, "details[open]")
    assert len(others) == 1


def test_without_script_all_is_readable(browser: Open, board: Path) -> None:
    driver = browser(board, script=False)
    assert len(_models(driver)) == 5
    assert not driver.find_element(By.CSS_SELECTOR, ".filter").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, ".panels svg").is_displayed()
    details = driver.find_element(By.CSS_SELECTOR, 'details[data-key="lab/second/1"]')
    details.find_element(By.TAG_NAME, "summary").click()
    assert details.find_element(By.CSS_SELECTOR, "table").is_displayed()
    driver.find_element(By.CSS_SELECTOR, '.compact a[href$="lab-frozen-1"]').click()
    opened = driver.find_element(By.CSS_SELECTOR, 'details[data-key="lab/frozen/1"] dl')
    WebDriverWait(driver, 10).until(lambda _: opened.is_displayed())


def test_a_phone_has_no_sideways_scroll_even_opened(browser: Open, board: Path) -> None:
    driver = browser(board, width=400)
    width = "return document.documentElement.scrollWidth"
    assert driver.execute_script(width) <= 400
    driver.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    assert driver.execute_script(width) <= 400


def test_dark_where_asked(browser: Open, board: Path) -> None:
    driver = browser(board)
    background = "return getComputedStyle(document.body).backgroundColor"
    light = driver.execute_script(background)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    assert driver.execute_script(background) != light
