"""Files that are not scored are reported wherever the folder is read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli.main import cli
from lvbench.engine.aggregation.merge import merge
from lvbench.engine.evaluate import evaluate
from lvbench.engine.left_out import by_reason, lines, merged
from lvbench.engine.plan import plan
from lvbench.report.page.report import render_report
from lvbench.results.run import load_run
from lvbench.results.shard import parse_shard
from lvbench.video import intake
from lvbench.video.intake import LeftOut

LINE = "left out: notes.txt, z/prompts.csv (no video by its name)"


@pytest.fixture(scope="module")
def folder(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("folder")
    for name in ("clip0.mp4", "clip1.mp4"):
        shutil.copy(clips / name, path)
    (path / "z").mkdir()
    for name in ("notes.txt", "z/prompts.csv"):
        (path / name).write_text("x")
    return path


def test_one_line_names_each_reason_once() -> None:
    found = [LeftOut(f"{i}.txt", intake.NO_VIDEO) for i in range(7)]
    found.append(LeftOut("s/p.txt", intake.NO_PICTURE))
    real = by_reason([LeftOut("a.md", intake.NO_VIDEO)], real=True)
    assert lines(by_reason(found) + real) == [
        "left out: s/p.txt (no picture, in a folder of pictures); 0.txt, 1.txt, 2.txt, 3.txt, "
        "4.txt and 2 more (no video by its name)",
        "left out of the real set: a.md (no video by its name)",
    ]
    assert lines([]) == []
    hostile = by_reason([LeftOut("a\x1b[31m\n\udcff\u2028.txt", intake.NO_VIDEO)])
    assert lines(hostile) == ["left out: a\\x1b[31m\\n\\udcff\\u2028.txt (no video by its name)"]
    many = by_reason(LeftOut(f"{i:04}.txt", intake.NO_VIDEO) for i in range(1000))
    assert (many[0].count, len(many[0].paths)) == (1000, 100)
    assert merged([many, by_reason(found), many]) == merged([by_reason(found), many])


def test_a_run_says_it_in_its_record_its_log_and_its_report(
    folder: Path, quick: str, tmp_path: Path
) -> None:
    run = evaluate(folder, out=tmp_path / "run", protocol=quick)
    assert lines(run.record.left_out) == [LINE]
    assert lines(load_run(tmp_path / "run").record.left_out) == [LINE]
    assert LINE in (tmp_path / "run" / "log.txt").read_text()
    assert LINE in render_report(run)
    parts = [tmp_path / f"part{i}" for i in (1, 2)]
    for i, part in enumerate(parts, start=1):
        evaluate(folder, out=part, protocol=quick, shard=parse_shard(f"{i}/2"))
    merged = merge(tmp_path / "merged", parts)
    assert merged.record.left_out == run.record.left_out


def test_a_run_that_left_nothing_out_does_not_speak_of_it(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    evaluate(clips / "clip0.mp4", out=tmp_path / "run", protocol=quick)
    assert "left_out" not in json.loads((tmp_path / "run" / "run.json").read_text())


def test_a_plan_says_it(folder: Path, quick: str) -> None:
    assert plan(folder, protocol=quick, workers=1).left_out == [LINE]


def test_the_commands_say_it(folder: Path, quick: str, tmp_path: Path) -> None:
    asked = ["evaluate", str(folder), "--out", str(tmp_path / "run"), "--protocol", quick]
    assert LINE in CliRunner().invoke(cli, asked).stderr
    audited = CliRunner().invoke(cli, ["data", "audit", str(folder), "--out", str(tmp_path / "a")])
    assert LINE in audited.stderr
    found = json.loads((tmp_path / "a" / "audit.json").read_text())["left_out"]
    assert [(one["why"], one["count"]) for one in found] == [(intake.NO_VIDEO, 2)]
    assert LINE in (tmp_path / "a" / "audit.html").read_text()
