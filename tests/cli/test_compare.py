from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli.compare import REGRESSION, compare
from tests.report import factory


@pytest.fixture
def runs(tmp_path: Path) -> tuple[str, str]:
    """Return a base and a head that drifts more."""
    base = factory.make_run(tmp_path / "base", videos=14, thumbnails=False)
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)
    return str(base), str(head)


def _run(*arguments: str) -> tuple[object, str]:
    runner = CliRunner()
    done = runner.invoke(compare, list(arguments), standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value, done.stdout


def test_regression_is_exit_code_5(runs: tuple[str, str]) -> None:
    code, text = _run(*runs)
    assert code == REGRESSION == 5
    assert "fail: Exposure drift: +" in text
    assert _run(runs[0], runs[0])[0] == 0


def test_json_and_page(runs: tuple[str, str], tmp_path: Path) -> None:
    code, text = _run(*runs, "--json", "--fail-on", "seam", "--out", str(tmp_path / "c.html"))
    assert code == REGRESSION
    assert json.loads(text)["differences"]["exposure_drift"]["outcome"] == "not tested"
    assert (tmp_path / "c.html").is_file()


@pytest.mark.parametrize(
    ("to", "start"),
    [
        ("markdown", "<!-- lvbench-compare: ci -->\n"),
        ("html", "<!doctype html>"),
        ("json", "{\n"),
        ("terminal", "six clips against six clips\n"),
        ("github", "six clips against six clips\n"),
    ],
)
def test_every_format(runs: tuple[str, str], tmp_path: Path, to: str, start: str) -> None:
    folder = tmp_path / "files"
    code, text = _run(*runs, "--format", to, "--name", "ci", "--files", str(folder))
    assert code == REGRESSION
    assert text.lower().startswith(start)
    names = ["comment.md", "comparison.html", "comparison.json"]
    assert sorted(file.name for file in folder.iterdir()) == names


def test_policy_file_and_options(runs: tuple[str, str], tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("fail: [temporal_flicker]\nwarn: []\n", "utf-8")
    code, text = _run(*runs, "--policy", str(policy))
    assert code == 0
    assert "\npass. " in text
    code, text = _run(*runs, "--policy", str(policy), "--warn-on", "exposure_drift:1")
    assert code == 0
    assert "warn: Exposure drift" in text
