from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from lvbench.comparison.comment import comparison_markdown
from lvbench.comparison.compare import Comparison, compare
from lvbench.comparison.github import workflow_commands, write_for_github
from lvbench.comparison.html import comparison_page
from lvbench.comparison.terminal import comparison_terminal
from tests.test_printing import steers


@pytest.fixture
def comparison(factory: ModuleType, tmp_path: Path) -> Comparison:
    base = factory.make_run(tmp_path / "base", videos=14, thumbnails=False)
    title = "head\n::set-output name=x::y, z"
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, title=title, thumbnails=False)
    return compare(base, head)


def test_each_finding_is_one_command(comparison: Comparison) -> None:
    commands = workflow_commands(comparison)
    assert len(commands) == 4
    for command in commands:
        assert command.startswith(
            "::error title=lvbench%3A head %3A%3Aset-output name=x%3A%3Ay%2C z"
        )
        assert "\n" not in command


def test_a_hostile_run_steers_nothing(factory: ModuleType, tmp_path: Path) -> None:
    title = "t\x1b[31m\x07\x9b2J\u202e::error::"
    base = factory.make_run(tmp_path / "base", videos=14, title=title, thumbnails=False)
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, title=title, thumbnails=False)
    for run in (base, head):
        for file in (*(run / "items").glob("*.json"), run / "run.json"):
            text = file.read_text("utf-8")
            file.write_text(text.replace('"unit":"', '"unit":"\u202e\x9b2J'), "utf-8")
    found = compare(base, head)
    commands = workflow_commands(found)
    assert commands
    assert all(command.startswith("::") for command in commands)
    said = [*commands, comparison_markdown(found), comparison_terminal(found, colour=False)]
    said += [comparison_page(found)]
    for text in said:
        assert steers(text) == set()


def test_summary_and_outputs_are_appended(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("x" * 899_000, "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    assert write_for_github(comparison) == [summary, outputs]
    assert outputs.read_text("utf-8") == "level=fail\nregressed=true\n"
    assert len(summary.read_bytes()) < 1_048_576
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    monkeypatch.delenv("GITHUB_OUTPUT")
    assert write_for_github(comparison) == []


def test_terminal_fits_and_ends_with_the_verdict(comparison: Comparison) -> None:
    lines = comparison_terminal(comparison, colour=False).splitlines()
    assert lines[-1].startswith("fail. Worse: ")
    assert sum(line.startswith("fail: ") for line in lines) == 4
    table = lines[: next(i for i, line in enumerate(lines) if "Videos are paired" in line)]
    assert max(map(len, table)) <= 100
