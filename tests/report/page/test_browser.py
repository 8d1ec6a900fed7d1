"""Load the report in Chromium, from the file system, and use it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from lvbench.report.page.report import write_report

pytestmark = pytest.mark.browser

Open = Callable[..., Chrome]


@pytest.fixture
def page(factory: ModuleType, tmp_path: Path) -> Path:
    """Return the report of a run whose first clip lies beside it."""
    folder = factory.make_run(tmp_path / "run", names=["clip #0 &.mp4", "b", "c"])
    _write_clip(folder / "clip #0 &.mp4.mp4", seconds=30)
    return write_report(folder)


def _write_clip(path: Path, *, seconds: int) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("h264", rate=Fraction(4))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(4 * seconds):
            picture = np.full((48, 64, 3), (2 * i) % 250, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _complaints(driver: Chrome) -> list[Any]:
    return list(driver.get_log("browser"))


def test_loads_without_a_complaint_and_is_dark_where_asked(browser: Open, page: Path) -> None:
    driver = browser(page)
    assert driver.title == "six clips: lvb-smoke v1"
    assert len(driver.find_elements(By.CSS_SELECTOR, ".panels svg")) == 3
    assert _complaints(driver) == []
    background = "return getComputedStyle(document.body).backgroundColor"
    light = driver.execute_script(background)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    assert driver.execute_script(background) != light


def test_click_on_a_heading_sorts_headlines_within_groups(browser: Open, page: Path) -> None:
    driver = browser(page)
    heading = driver.find_element(By.CSS_SELECTOR, "#scores thead th:nth-child(2) button")
    keys = (
        "return [...document.querySelectorAll('#scores tbody')].map(b => "
        "[...b.querySelectorAll('.headline')].map(r => Number(r.cells[1].dataset.sort)))"
    )
    heading.click()
    up = driver.execute_script(keys)
    heading.click()
    down = driver.execute_script(keys)
    assert any(len(group) > 2 for group in up)
    assert all(group == sorted(group) for group in up)
    assert down == [group[::-1] for group in map(sorted, up)]
    assert _stray_components(driver) == []


def _stray_components(driver: Chrome) -> list[str]:
    """Return the components that do not stand under their own headline."""
    stray, metric = [], ""
    for row in driver.find_elements(By.CSS_SELECTOR, "#scores tr[data-key]"):
        key = str(row.get_attribute("data-key"))
        if "component" not in str(row.get_attribute("class")):
            metric = key
        elif not key.startswith(f"{metric}."):
            stray.append(key)
    return stray


def test_components_fold_under_their_headline(browser: Open, page: Path) -> None:
    driver = browser(page)
    component = driver.find_element(By.CSS_SELECTOR, '[data-key="exposure_drift.onset"]')
    other = driver.find_element(By.CSS_SELECTOR, '[data-key="sharpness_drift.onset"]')
    assert not component.is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, '[data-key="exposure_drift"]').is_displayed()
    button = driver.find_element(By.CSS_SELECTOR, '[data-key="exposure_drift"] button.fold')
    assert button.accessible_name == "components of Exposure drift"
    button.click()
    assert component.is_displayed()
    assert not other.is_displayed()
    driver.find_element(By.CSS_SELECTOR, "#scores thead th:nth-child(2) button").click()
    assert component.is_displayed()
    everything = driver.find_element(By.CSS_SELECTOR, "#scores thead button.fold")
    everything.click()
    assert component.is_displayed()
    assert other.is_displayed()
    everything.click()
    assert not component.is_displayed()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert component.is_displayed()
    assert not everything.is_displayed()


@pytest.mark.parametrize(
    ("selector", "seconds"),
    [('.curve[data-metric="exposure_drift"]', 15.0), (".lane path", 6.0)],
)
def test_click_on_a_curve_or_an_event_seeks_the_player(
    browser: Open, page: Path, selector: str, seconds: float
) -> None:
    driver = browser(page)
    player = driver.find_element(By.TAG_NAME, "video")
    article = driver.execute_script("return arguments[0].closest('.video').id", player)
    scope = f'[data-video="{article}"]'
    target = driver.find_element(
        By.CSS_SELECTOR,
        selector.replace(".lane", f".lane{scope}") if "lane" in selector else selector + scope,
    )
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    if "lane" in selector:
        driver.execute_script(
            "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", target
        )
    else:
        target.click()
    time = "return arguments[0].readyState > 0 ? arguments[0].currentTime : -1"
    WebDriverWait(driver, 20).until(
        lambda d: abs(d.execute_script(time, player) - seconds) < 0.3,
        message=f"the player did not reach {seconds} s",
    )
    cursor = driver.execute_script(
        "return document.querySelector(arguments[0]).style.getPropertyValue('--cursor')",
        f".curve{scope}",
    )
    assert float(cursor.rstrip("%")) == pytest.approx(100 * seconds / 30, abs=1.0)
    assert _complaints(driver) == []


def test_copy_button_copies_the_signature(browser: Open, page: Path) -> None:
    driver = browser(page)
    button = driver.find_element(By.CSS_SELECTOR, "button[data-copy]")
    assert button.is_displayed()
    button.click()
    WebDriverWait(driver, 10).until(lambda _: button.text == "Copied")


def test_without_script_tables_and_curves_are_there(browser: Open, page: Path) -> None:
    driver = browser(page, script=False)
    for row in driver.find_elements(By.CSS_SELECTOR, "#scores tr.component"):
        assert row.is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, "#scores table").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, ".panels svg").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, ".curve .line").is_displayed()
    assert not driver.find_element(By.CSS_SELECTOR, "button[data-copy]").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, "html").get_attribute("class") == ""


def test_a_phone_has_no_sideways_scroll(browser: Open, page: Path) -> None:
    driver = browser(page, width=400)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 400


def test_print_keeps_the_headings_and_drops_the_buttons(browser: Open, page: Path) -> None:
    driver = browser(page)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert driver.find_element(By.CSS_SELECTOR, "#scores thead button").is_displayed()
    assert not driver.find_element(By.CSS_SELECTOR, "button[data-copy]").is_displayed()


def test_hostile_name_runs_nothing(browser: Open, factory: ModuleType, tmp_path: Path) -> None:
    title = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    driver = browser(write_report(factory.make_run(tmp_path / "run", title=title)))
    assert driver.title.startswith("<img src=x")
    assert driver.find_elements(By.CSS_SELECTOR, "img:not([src^='data:'])") == []
    assert _complaints(driver) == []
