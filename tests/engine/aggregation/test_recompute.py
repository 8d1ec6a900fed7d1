"""A run's numbers come again from its items and its lock, without a network or a video."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lvbench.engine.aggregation.recompute import (
    counts,
    keys_of_another_lvbench,
    recompute_scores,
    recompute_signature,
)
from lvbench.engine.evaluate import evaluate
from lvbench.errors import ConfigError
from lvbench.protocol.locked import Locked, parse_lock
from lvbench.results.run import Run


@pytest.fixture(scope="module")
def run(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return evaluate(clips, out=tmp_path_factory.mktemp("runs") / "run", protocol=quick, workers=1)


def locked(run: Run) -> Locked:
    text = (run.folder / "protocol.lock.yaml").read_text("utf-8")
    return parse_lock(text, draft=run.record.protocol.draft)


def test_scores_signature_and_counts_come_again(run: Run) -> None:
    lock = locked(run)
    assert recompute_scores(run.items[::-1], lock) == run.scores
    assert recompute_signature(lock, len(run.items), run.record.environment) == run.record.signature
    assert counts(run.items) == run.record.videos
    assert lock.identity.hash == lock.stated == run.record.protocol.hash


def test_the_lock_is_what_this_lvbench_makes_of_its_protocol(run: Run) -> None:
    assert keys_of_another_lvbench(locked(run)) == []
    text = (run.folder / "protocol.lock.yaml").read_text("utf-8")
    head, metrics, rest = text.partition("\nmetrics:\n")
    another = head + metrics + rest.replace("version: 1", "version: 9", 1)
    found = keys_of_another_lvbench(parse_lock(another))
    assert found == ["metrics.exposure_drift.version"]


def test_an_alias_in_a_lock_is_refused() -> None:
    bomb = "hash: &a [x, x]\nprotocol: [*a, *a]\n"
    with pytest.raises(ConfigError, match="alias") as error:
        parse_lock(bomb)
    assert error.value.code == "lock_invalid"


@pytest.mark.parametrize(
    "text", ["", "[]", "hash: 1", "{" * 5000, "a: !!python/object:os.system {}"]
)
def test_what_is_no_lock_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_lock(text)
    assert error.value.code == "lock_invalid"


def test_it_needs_no_torch(run: Run) -> None:
    code = f"""
import sys
sys.modules["torch"] = None
from pathlib import Path
from lvbench.engine.aggregation.recompute import recompute_scores
from lvbench.protocol.locked import parse_lock
from lvbench.results.run import load_run
run = load_run({str(run.folder)!r})
lock = parse_lock(Path({str(run.folder / "protocol.lock.yaml")!r}).read_text())
assert recompute_scores(run.items, lock) == run.scores
"""
    subprocess.run([sys.executable, "-c", code], check=True)
