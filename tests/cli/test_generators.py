"""`lvbench generators check` prints a line a promise; its exit code says whether all is kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli.generators import generators


def run(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(generators, ["check", *words], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.return_value, found.output


def test_a_good_one_is_told_line_by_line() -> None:
    code, output = run("noise")
    assert code == 0
    lines = output.splitlines()
    assert lines[-1] == "noise: keeps its contract"
    assert "pass            number of frames            16" in lines
    assert any(line.startswith("not applicable  audio") for line in lines)


def test_a_broken_one_gives_exit_code_1(tmp_path: Path) -> None:
    script = tmp_path / "idle.py"
    script.write_text("raise SystemExit('no GPU')")
    code, output = run(f"command:{sys.executable} {script} {{out}}", "--json")
    assert code == 1
    rows = {row["promise"]: row for row in json.loads(output)["findings"]}
    assert rows["number of frames"]["status"] == "fail"
    assert "no GPU" in rows["number of frames"]["detail"]
    assert rows["plan"]["status"] == "pass"


def test_what_is_asked_for_can_be_chosen() -> None:
    words = ["--seconds", "1", "--fps", "12", "--size", "48x32", "--seed", "9"]
    code, output = run("static", *words, "--prompt", "a fox", "--prompt", "a cat")
    assert code == 0
    assert "12 frames at 12/s of 48x32" in output


@pytest.mark.parametrize("size", ["48", "48x", "axb", "48x32x3"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    import click

    with pytest.raises(click.UsageError, match="WIDTHxHEIGHT"):
        run("noise", "--size", size)
