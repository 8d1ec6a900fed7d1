"""A worker that crashes or hangs costs its own video and no other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lvbench.engine.evaluate import evaluate, find_tasks
from lvbench.engine.pool import WorkerPool
from lvbench.engine.tools import Setting
from lvbench.errors import MissingDependencyError
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import Protocol

SABOTEUR = '''
import os, time
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import ItemScore

class Saboteur(Metric):
    """Do to the worker what its parameter says, on frames of clip1 only."""
    info = MetricInfo(name="saboteur", version=1, headline=ScoreInfo("", "", None),
                      needs=("luma_statistics",), range=(None, None), group="cost", reference="")
    def __init__(self, deed="none", marker=""):
        self.deed, self.marker = deed, marker
    def new_state(self, video):
        return None
    def update(self, state, features):
        if self.deed == "raise":
            raise ValueError("planted")
        lightness = float(features["luma_statistics"]["lightness"][0])
        if abs(lightness - float(self.marker)) > 1e-9:
            return
        if self.deed == "crash":
            os.abort()
        if self.deed == "hang":
            time.sleep(600)
    def item(self, state):
        return ItemScore(value=0.0)

METRICS.register("saboteur")(Saboteur)
'''


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every worker process register the saboteur when it starts."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SABOTEUR)
    inherited = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), inherited])))


def _protocol(quick: str, deed: str, clip: Path) -> Protocol:
    from lvbench.features.luma_statistics import LumaStatistics
    from lvbench.video.decode import open_video
    from lvbench.video.frames import Products

    with open_video(clip, Products(luma=True)) as reader:
        marker = LumaStatistics()(next(iter(reader)))["lightness"][0]
    entry = {"name": "saboteur", "version": 1}
    parameters = {"deed": deed, "marker": repr(float(marker))}
    whole = load_protocol(quick).model_dump()
    return Protocol.model_validate(
        whole | {"metrics": [*whole["metrics"], entry | {"parameters": parameters}]}
    )


def _run(
    clips: Path, protocol: Protocol, folder: Path, stall: float = 60.0
) -> tuple[dict[str, Any], dict[str, str]]:
    folder.mkdir()
    done: dict[str, Any] = {}
    lost: dict[str, str] = {}
    with WorkerPool(2, protocol, Setting(), folder, stall_seconds=stall) as pool:
        pool.run(
            "score",
            find_tasks(clips),
            done=lambda task, answer: done.__setitem__(task.id, answer),
            lost=lambda task, code, detail: lost.__setitem__(task.id, f"{code}: {detail}"),
        )
    return done, lost


@pytest.mark.usefixtures("sabotage")
def test_a_crash_costs_one_video(clips: Path, quick: str, tmp_path: Path) -> None:
    protocol = _protocol(quick, "crash", clips / "clip1.mp4")
    done, lost = _run(clips, protocol, tmp_path / "run")
    assert done.keys() == {"clip0.mp4", "clip2.mp4", "clip3.mp4"}
    assert lost == {
        "clip1.mp4": "worker_crashed: the worker process was killed by signal 6 while at this file"
    }


@pytest.mark.usefixtures("sabotage")
def test_a_hang_costs_one_video(clips: Path, quick: str, tmp_path: Path) -> None:
    protocol = _protocol(quick, "hang", clips / "clip1.mp4")
    done, lost = _run(clips, protocol, tmp_path / "run", stall=8.0)
    assert done.keys() == {"clip0.mp4", "clip2.mp4", "clip3.mp4"}
    assert lost["clip1.mp4"].startswith("timeout")


@pytest.mark.usefixtures("sabotage")
def test_a_metric_that_raises_fails_alone(clips: Path, quick: str, tmp_path: Path) -> None:
    protocol = _protocol(quick, "raise", clips / "clip1.mp4")
    done, lost = _run(clips, protocol, tmp_path / "run")
    assert not lost
    assert all(answer["failed"] == ["metric_error"] for answer in done.values())
    assert all(answer["status"] == "ok" for answer in done.values())


def test_a_package_that_does_not_work_ends_the_run_with_its_own_error(
    clips: Path, quick: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker's own `av` is the one on its path: one that refuses how lvbench opens a file.
    import av

    fake = tmp_path / "site" / "sitecustomize.py"
    fake.parent.mkdir()
    fake.write_text(
        "import av\n"
        "def refuse(*_, **__):\n"
        "    raise TypeError('open() got an unexpected keyword argument')\n"
        "av.open = refuse\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(fake.parent))
    with pytest.raises(MissingDependencyError, match=f"PyAV {av.__version__} refuses a call"):
        evaluate(clips, out=tmp_path / "run", protocol=quick)
