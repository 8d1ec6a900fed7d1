"""Shared fixtures: real videos and a browser, and what to say when they are not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCRIPT_OFF = {"profile.managed_default_content_settings.javascript": 2}
ASSETS = Path(os.environ.get("LVBENCH_ASSETS", ROOT.parent / "shared"))

# Files that take longest, which begin first: what begins last would keep one worker alone.
SLOW = (
    "engine/test_memory", "test_contributing", "parity/test_fvd_presets", "verify/test_verify",
    "reference/sampling/test_rollout", "cli/test_main", "reference/training/test_trainer",
    "engine/test_interruption", "engine/aggregation/test_real_set", "parity/test_encoders",
    "engine/aggregation/test_neighbours", "verify/test_without_networks", "metrics/motion/test_fie",
    "metrics/audio/test_av_sync", "engine/workers/test_pool", "metrics/seams/test_seam",
    "validity/test_court", "features/test_properties", "cli/test_stranger",
    "video/decoding/test_presented", "protocol/test_runs", "report/page/test_width",
)  # fmt: skip


def _have_assets() -> bool:
    return (ASSETS / "assets" / "videos").is_dir()


def _have_browser() -> bool:
    return which("chromedriver") is not None and any(
        which(name) for name in ("chromium", "chromium-browser", "google-chrome")
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, by name and with a reason, what this machine cannot run; put slow files first."""
    rank = {ROOT / "tests" / f"{name}.py": place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
    missing = {
        "assets": None if _have_assets() else "no real videos: set LVBENCH_ASSETS to run them",
        "browser": None if _have_browser() else "no Chromium: install chromium and chromium-driver",
    }
    left_out: dict[str, int] = {}
    kept = []
    for item in items:
        lacking = [m for m in missing if missing[m] and item.get_closest_marker(m)]
        for marker in lacking:
            left_out[marker] = left_out.get(marker, 0) + 1
        if not lacking:
            kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=[i for i in items if i not in kept])
        items[:] = kept
    notes = [f"{n} tests not run: {missing[m]}" for m, n in left_out.items()]
    config.stash[_LEFT_OUT] = notes
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = notes


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Carry the notes from a worker of xdist, which alone collects, to the summary."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", [])


_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what did not run, and how to have it run."""
    for line in terminalreporter.config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what lvbench remembers of weights out of the home of whoever runs the tests."""
    os.environ["LVBENCH_HOME"] = str(tmp_path_factory.mktemp("lvbench-home"))


@pytest.fixture(scope="session", autouse=True)
def _one_worker() -> Iterator[None]:
    """Score with one process where a test names no number: each takes half a second to start."""
    os.environ["LVBENCH_EVALUATE_WORKERS"] = "1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lvbench.engine.session.usable_cores", lambda: 1)
        yield


@pytest.fixture(scope="session")
def assets() -> Path:
    """Return the folder that holds assets/ and goldens/."""
    return ASSETS


@pytest.fixture(scope="session")
def videos(assets: Path) -> Path:
    """Return the folder of real videos."""
    return assets / "assets" / "videos"


@pytest.fixture(scope="session")
def _browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Any]]:
    """Return a function that starts a browser, with scripts or without, or returns the started."""
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    started: dict[bool, Chrome] = {}

    def start(script: bool) -> Chrome:
        if script in started:
            return started[script]
        options = Options()
        names = ("chromium", "chromium-browser", "google-chrome")
        options.binary_location = next(p for n in names if (p := which(n)))
        for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not script:
            options.add_experimental_option("prefs", SCRIPT_OFF)
        started[script] = Chrome(options=options, service=Service(which("chromedriver")))
        return started[script]

    yield start
    for driver in started.values():
        driver.quit()


@pytest.fixture
def browser(_browsers: Callable[[bool], Any]) -> Callable[..., Any]:
    """Return a function that opens a page as a fresh browser would, in one that is used again."""

    def open_page(path: Path, *, width: int = 1100, script: bool = True) -> Any:
        driver = _browsers(script)
        driver.get("about:blank")
        driver.get_log("browser")  # of the page before
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        driver.get(path.resolve().as_uri())
        return driver

    return open_page
