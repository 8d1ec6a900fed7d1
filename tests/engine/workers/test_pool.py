"""A worker that crashes or hangs costs its own video and no other."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.task import find_tasks
from lvbench.engine.video_pass.tools import Setting
from lvbench.engine.workers.pool import WorkerPool
from lvbench.errors import LvbenchError, MissingDependencyError, StorageError
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
                      needs=("luma_statistics",), range=(None, None), group="cost")
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
    from lvbench.features.signal.statistics import LumaStatistics
    from lvbench.video.decoding.decode import open_video
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
    clips: Path, protocol: Protocol, folder: Path, stall: float = 60.0, count: int = 2
) -> tuple[dict[str, Any], dict[str, str]]:
    folder.mkdir()
    done: dict[str, Any] = {}
    lost: dict[str, str] = {}
    with WorkerPool(count, protocol, Setting(), folder, stall_seconds=stall) as pool:
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
    done, lost = _run(clips, protocol, tmp_path / "run", stall=5.0)
    assert done.keys() == {"clip0.mp4", "clip2.mp4", "clip3.mp4"}
    assert lost["clip1.mp4"].startswith("timeout")


@pytest.mark.usefixtures("sabotage")
def test_a_metric_that_raises_fails_alone(clips: Path, quick: str, tmp_path: Path) -> None:
    protocol = _protocol(quick, "raise", clips / "clip1.mp4")
    done, lost = _run(clips, protocol, tmp_path / "run")
    assert not lost
    assert all(answer["failed"] == ["metric_error"] for answer in done.values())
    assert all(answer["status"] == "ok" for answer in done.values())


# Ends a worker that starts, as often as a file says.
FELLER = """
import os, signal, sys
from pathlib import Path

if "lvbench.engine.workers.worker" in sys.orig_argv:
    left = Path(__file__).with_name("left")
    count = int(left.read_text())
    if count:
        left.write_text(str(count - 1))
        os.kill(os.getpid(), signal.SIGKILL)
"""


def _felled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(FELLER)
    (folder / "left").write_text(str(times))
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_worker_that_is_killed_at_its_start_is_started_again(
    clips: Path, quick: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _felled(tmp_path, monkeypatch, 3)
    done, lost = _run(clips, load_protocol(quick), tmp_path / "run")
    assert len(done) == 4
    assert not lost


def test_workers_that_never_start_end_the_run_with_a_reason(
    clips: Path, quick: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _felled(tmp_path, monkeypatch, 10**6)
    with pytest.raises(LvbenchError) as caught:
        _run(clips, load_protocol(quick), tmp_path / "run")
    assert caught.value.code == "worker_start"
    assert "killed by signal 9 at its start (6 tries)" in caught.value.found
    assert "it resumes" in caught.value.fix


@pytest.mark.parametrize(("given", "done"), [(0, 0), (1, 4)])
def test_where_there_is_no_process_to_be_had_those_that_are_work_on(
    clips: Path,
    quick: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: int,
    done: int,
) -> None:
    start, left = subprocess.Popen, [None] * given

    def refused(*words: Any, **more: Any) -> Any:
        if not left:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        left.pop()
        return start(*words, **more)

    monkeypatch.setattr(subprocess, "Popen", refused)
    if done:
        assert len(_run(clips, load_protocol(quick), tmp_path / "run")[0]) == done
        return
    with pytest.raises(LvbenchError, match="Resource temporarily unavailable") as caught:
        _run(clips, load_protocol(quick), tmp_path / "run", count=1)
    assert caught.value.code == "worker_start"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda p: p.symlink_to("/no/such/place")])
def test_a_log_that_cannot_be_written_is_an_error(
    clips: Path, quick: str, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "run").mkdir()
    make(tmp_path / "run" / "log.txt")
    with (
        pytest.raises(StorageError, match=r"log\.txt"),
        WorkerPool(1, load_protocol(quick), Setting(), tmp_path / "run") as pool,
    ):
        pool.run("probe", find_tasks(clips), done=lambda *_: None, lost=lambda *_: None)


def _hanging(clips: Path, quick: str) -> dict[str, Any]:
    protocol = _protocol(quick, "hang", clips / "clip1.mp4")
    return {"protocol": protocol.model_dump(), "setting": Setting().model_dump()}


@pytest.mark.usefixtures("sabotage")
def test_a_worker_ends_with_its_pipe_whatever_it_is_doing(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    task = next(task for task in find_tasks(clips) if task.id == "clip1.mp4")
    job = {"kind": "score", "task": task.model_dump(mode="json"), "folder": str(tmp_path)}
    lines = [_hanging(clips, quick), job]
    with subprocess.Popen(
        [sys.executable, "-m", "lvbench.engine.workers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write("".join(json.dumps(line) + "\n" for line in lines).encode())
        worker.stdin.flush()
        assert json.loads(worker.stdout.readline()) == {"ready": True}
        worker.stdin.close()
        worker.wait(timeout=5)


# A pool in a process of its own, whose worker hangs.
PARENT = """
import json, sys
from pathlib import Path
from lvbench.engine.video_pass.task import find_tasks
from lvbench.engine.workers.pool import WorkerPool
from lvbench.engine.video_pass.tools import Setting
from lvbench.protocol.schema import Protocol

clips, folder, said = sys.argv[1:]
tasks = [task for task in find_tasks(Path(clips)) if task.id == "clip1.mp4"]
protocol = Protocol.model_validate_json(json.dumps(json.loads(said)["protocol"]))
with WorkerPool(1, protocol, Setting(), Path(folder)) as pool:
    pool.run("score", tasks, done=print, lost=print)
"""


@pytest.mark.usefixtures("sabotage")
def test_a_worker_that_hangs_ends_when_its_parent_is_killed(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    words = str(clips), str(tmp_path), json.dumps(_hanging(clips, quick))
    with subprocess.Popen([sys.executable, "-c", PARENT, *words]) as parent:
        while not (children := psutil.Process(parent.pid).children()):
            assert parent.poll() is None
            time.sleep(0.02)
        time.sleep(0.5)
        parent.kill()
    _, left = psutil.wait_procs(children, timeout=5)
    assert not left


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
