"""The short form of the court: no declared reaction of the cheap metrics is lost.

Two clips of five seconds, a world and an excerpt of a film, a few faults at two doses.
`lvbench validate-metrics` tries all metrics with all faults.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from lvbench.engine.video_pass.tools import Setting
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import load_protocol
from lvbench.validity import code_hash, worker
from lvbench.validity.cheats_outcome import Outcome, Standing
from lvbench.validity.court import Court
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.instruments import choose
from lvbench.validity.page import BEGIN, END, FIGURE, write_page
from lvbench.validity.planting import Conditions
from lvbench.validity.sources import Source, find_sources
from lvbench.validity.trials import TrialStore
from lvbench.validity.validation import Result
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products

SECONDS, FPS, WIDTH = 5.0, 10, 96
SHORT = (
    *("dark_ramp", "warm_ramp", "contrast_ramp", "blur_ramp", "noise_ramp"),
    *("flicker_global", "judder", "freeze", "seam_regular"),
)
SETTING = Setting(device="cpu")
CARD = (
    "# levels\n\n## Declared reactions\n- `dark_ramp`: falls\n\n## Declared to ignore\n- `freeze`\n"
)
METRIC = '''
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import ColumnMetric
from lvbench.results.schema import ItemScore


class Levels(ColumnMetric):
    """Compare the lightness of the last second with that of the first."""

    info = MetricInfo(
        name="levels", version=1, headline=ScoreInfo("Levels", "L*", None),
        needs=("luma_statistics",), range=(None, None), group="over time",
    )
    columns = ("lightness",)

    def item(self, state):
        light = state["lightness"]
        return ItemScore(value=float(light[-10:].mean() - light[:10].mean()) * SCALE)
'''


def small(path: Path, start: float, to: Path) -> None:
    """Write five seconds of a video from `start` on, 96 pixels wide, at 10 frames a second."""
    frames: list[np.ndarray] = []
    with open_video(path, Products(rgb=True)) as reader:
        for chunk in reader:
            assert chunk.rgb is not None
            for time, rgb in zip(chunk.pts, chunk.rgb, strict=True):
                if time >= start + len(frames) / FPS:
                    height = round(WIDTH * rgb.shape[0] / rgb.shape[1] / 2) * 2
                    frames.append(cv2.resize(rgb, (WIDTH, height), interpolation=cv2.INTER_AREA))
            if len(frames) >= SECONDS * FPS:
                break
    write_video(to, [np.stack(frames[: round(SECONDS * FPS)])], FPS, crf=12)


def world(to: Path) -> None:
    """Write the same of fields that are seen from the air."""
    from lvbench.world.clip import render_clip

    write_video(to, render_clip(SECONDS, FPS, WIDTH, 64, 1), FPS, crf=12)


def tried(court: Court) -> Result:
    """Return the result of a validation that runs in this process."""
    worker.begin(court.store.folder.parent, court.instruments, SETTING)
    for job in court.jobs():
        worker.perform(job)
    return Result.of(court, SETTING)


def court_of(metrics: list[str], sources: tuple[Source, ...], faults: list[str], to: Path) -> Court:
    instruments = choose(metrics, with_gates=False, setting=SETTING)
    conditions = Conditions({name: FAULTS[name] for name in faults}, doses=2)
    return Court(instruments, sources, conditions, TrialStore(to))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, ...]:
    folder = tmp_path_factory.mktemp("rendered")
    world(folder / "fields.mp4")
    return find_sources(folder).sources


@pytest.mark.assets
def test_no_declared_reaction_is_lost(
    rendered: tuple[Source, ...], videos: Path, tmp_path: Path
) -> None:
    small(videos / "mdn_friday.mp4", 0.0, tmp_path / "film_excerpt.mp4")
    sources = (*rendered, *find_sources(tmp_path).sources)
    metrics = [entry.key for entry in load_protocol("lvb-smoke").metrics]
    declared = {
        reaction.fault
        for one in choose(metrics, with_gates=False, setting=SETTING).declarations.values()
        for reaction in one.reactions
    }
    faults = [name for name in SHORT if name in declared]
    result = tried(court_of(metrics, sources, faults, tmp_path / "out"))
    reactions = {
        (score, reaction.fault): reaction
        for score, finding in result.findings.items()
        for reaction in finding.reactions
        if reaction.tried
    }
    assert reactions
    # Five seconds are little: on one of two clips a score may need more.
    lost = [pair for pair, reaction in reactions.items() if not reaction.share.held]
    assert lost == []


@pytest.fixture
def levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that installs the metric `levels`, times a scale."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(METRICS._targets, "levels", "levels_plugin:Levels")

    def install(scale: float) -> None:
        (tmp_path / "levels_plugin.py").write_text(METRIC.replace("SCALE", f"float('{scale}')"))
        (tmp_path / "levels_plugin.md").write_text(CARD)
        METRICS._registered.pop("levels", None)
        sys.modules.pop("levels_plugin", None)
        importlib.invalidate_caches()
        code_hash._parsed.cache_clear()
        code_hash._file.cache_clear()

    yield install  # type: ignore[misc]
    METRICS._registered.pop("levels", None)
    sys.modules.pop("levels_plugin", None)


@pytest.mark.parametrize(("scale", "lost"), [(1.0, False), (-1.0, True), (0.0, True)])
def test_a_lost_reaction_of_a_plugin_is_found(
    scale: float,
    lost: bool,
    levels: Callable[[float], None],
    rendered: tuple[Source, ...],
    tmp_path: Path,
) -> None:
    levels(scale)
    result = tried(court_of(["levels"], rendered, ["dark_ramp", "freeze"], tmp_path / "out"))
    assert result.lost is lost
    assert result.verdicts.verdicts["levels"].status == ("failed" if lost else "passed")


def test_only_a_metric_that_changed_is_scored_again(
    levels: Callable[[float], None], rendered: tuple[Source, ...], tmp_path: Path
) -> None:
    levels(1.0)
    first = court_of(["levels", "freeze"], rendered, ["dark_ramp"], tmp_path / "out")
    # The second dose is for the metric that declares a reaction.
    both, alone = ("levels", "freeze"), ("levels",)
    assert [job.metrics for job in first.jobs()] == [both, both, alone]
    before = tried(first)
    assert first.jobs() == []
    levels(2.0)
    again = court_of(["levels", "freeze"], rendered, ["dark_ramp"], tmp_path / "out")
    assert {job.metrics for job in again.jobs()} == {("levels",)}
    assert len(again.jobs()) == 3
    after = tried(again)
    assert before.findings["freeze"] == after.findings["freeze"]
    assert before.verdicts.verdicts["levels"].identity != after.verdicts.verdicts["levels"].identity


def test_a_metric_that_raises_is_recorded_with_its_reason(
    levels: Callable[[float], None], rendered: tuple[Source, ...], tmp_path: Path
) -> None:
    levels(float("nan"))
    court = court_of(["levels", "freeze"], rendered, ["dark_ramp"], tmp_path / "out")
    assert tried(court).lost
    scores = [trial.scores for trial in court.trials()]
    assert {one["levels"].score.status for one in scores} == {"failed"}
    assert {one["freeze"].score.status for one in scores if "freeze" in one} == {"ok"}
    # What failed is tried again.
    assert {job.metrics for job in court.jobs()} == {("levels",)}


def test_a_source_that_ends_its_process_costs_no_other(
    rendered: tuple[Source, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "dying.py").write_text(
        "import os\nfrom lvbench.validity.sources import Source\n\n\n"
        "class Dying(Source):\n    def clip(self):\n        os._exit(1)\n"
    )
    dying = importlib.import_module("dying").Dying(
        "dying", "user", "", "0" * 64, frozenset(), rendered[0].origin
    )
    court = court_of(["freeze"], (dying, *rendered), [], tmp_path / "out")
    progress = court.run(setting=SETTING, workers=1)
    assert (progress.done, progress.total, progress.failed) == (2, 2, 1)
    codes = {trial.source: trial.scores["freeze"].score.code for trial in court.trials()}
    assert codes == {"dying": "worker_died", "fields.mp4": None}


PARENT = """
import sys
from pathlib import Path

from lvbench.engine.video_pass.tools import Setting
from lvbench.validity.court import Court
from lvbench.validity.instruments import choose
from lvbench.validity.planting import Conditions
from lvbench.validity.sources import Source, find_sources
from lvbench.validity.trials import TrialStore

if __name__ == "__main__":
    setting = Setting(device="cpu")
    (source,) = find_sources(sys.argv[1]).sources
    court = Court(
        choose(["freeze"], with_gates=False, setting=setting), (source,), Conditions({}),
        TrialStore(Path(sys.argv[2])),
    )
    court.run(setting=setting, workers=1)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    world(tmp_path / "clips" / "clip.mp4")
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    words = [sys.executable, str(script), str(tmp_path / "clips"), str(tmp_path / "out")]
    with subprocess.Popen(words) as parent:
        while not (children := psutil.Process(parent.pid).children()):
            assert parent.poll() is None
            time.sleep(0.02)
        parent.kill()
    _, left = psutil.wait_procs(children, timeout=20)
    assert not left


def test_the_page_keeps_what_is_around_its_tables(
    levels: Callable[[float], None], rendered: tuple[Source, ...], tmp_path: Path
) -> None:
    levels(1.0)
    court = court_of(["levels"], rendered, ["dark_ramp", "freeze"], tmp_path / "out")
    result = tried(court)
    page = tmp_path / "validity.md"
    page.write_text(f"# Mine\n\n{BEGIN}\nold\n{END}\n\n## More\n")
    result.write_page(page)
    text = page.read_text()
    assert text.startswith("# Mine\n")
    assert text.endswith("## More\n")
    assert "| `levels` | dark_ramp | falls | 1 of 1 |" in text
    assert "\nold\n" not in text
    figure = tmp_path / "validity" / FIGURE
    drawn = figure.read_bytes()
    result.write_page(page)
    assert (page.read_text(), figure.read_bytes()) == (text, drawn)
    board = Standing("sprite", (("source",), ("slides", "loop_gain")), ("still_zoom",), (), 9)
    outcome = Outcome("sprite", {}, "below")
    write_page(replace(result.page, cheats=[outcome], boards=[board]), page)
    row = "| without sprite | source > slides, loop_gain | still_zoom | – | yes |"
    assert row in page.read_text()
