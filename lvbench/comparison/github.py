"""Write a comparison for GitHub Actions: annotations, job summary and outputs of the step."""

from __future__ import annotations

import os
from pathlib import Path

from lvbench.comparison.comment import SUMMARY_BYTES, comparison_markdown
from lvbench.comparison.compare import Comparison
from lvbench.comparison.table import heading, mismatch, verdicts
from lvbench.report.safe_text import annotation

_MOST_ANNOTATIONS = 10  # of each kind, which is all that GitHub shows of a step


def workflow_commands(comparison: Comparison) -> list[str]:
    """Return workflow commands: an error for what fails, a warning for what warns."""
    title = annotation(f"lvbench: {heading(comparison)}", of_property=True)
    warnings = [*mismatch(comparison), *verdicts(comparison, "warn")]
    commands = (("error", verdicts(comparison, "fail")), ("warning", warnings))
    return [
        f"::{command} title={title}::{annotation(line)}"
        for command, lines in commands
        for line in lines[:_MOST_ANNOTATIONS]
    ]


def write_for_github(comparison: Comparison, *, name: str | None = None) -> list[Path]:
    """Append to the files that the runner names, and return their paths.

    The job summary gets the comparison as Markdown, below its limit of 1 MB; the outputs are
    `level` (`pass`, `warn`, `fail`) and `regressed`.
    """
    written = []
    summary, outputs = (os.environ.get(key) for key in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"))
    if summary:
        path = Path(summary)
        there = path.stat().st_size if path.exists() else 0
        limit = max(SUMMARY_BYTES - there, 0)
        written.append(_append(path, comparison_markdown(comparison, name=name, limit=limit)))
    if outputs:
        regressed = str(bool(comparison.regressions)).lower()
        text = f"level={comparison.level}\nregressed={regressed}\n"
        written.append(_append(Path(outputs), text))
    return written


def _append(path: Path, text: str) -> Path:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    return path
