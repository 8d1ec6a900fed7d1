"""Write a comparison as Markdown for a pull request, with a marker and a limit of size."""

from __future__ import annotations

import re
from dataclasses import replace

from lvbench.comparison.compare import Comparison
from lvbench.comparison.policy import LEVELS
from lvbench.comparison.table import (
    comparison_table,
    heading,
    improvements,
    mismatch,
    notes,
    units_in_titles,
    verdicts,
)
from lvbench.errors import UsageError
from lvbench.protocol.identity import signature_line
from lvbench.report.safe_text import LONGEST_SIGNATURE, printable, unlinked
from lvbench.report.tables.markdown import escape, markdown
from lvbench.report.tables.table import Row, Table

# GitHub takes 65,536 characters a comment and 1,048,576 bytes a job summary; the rest is slack for
# the line that a workflow adds, and for other steps' summaries.
COMMENT_BYTES, SUMMARY_BYTES = 64_000, 900_000
_MOST_VERDICTS = 15
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def comparison_markdown(
    comparison: Comparison, *, name: str | None = None, limit: int = COMMENT_BYTES
) -> str:
    """Return the comparison as Markdown of at most `limit` bytes, worst score first.

    Args:
        comparison: The comparison.
        name: Distinguishes the comparisons of a pull request; default: the protocol's name.
        limit: Rows are left out, the least worse first, until the text fits; the text states how
            many.

    Raises:
        UsageError: The name contains other characters than letters, digits, `.`, `_` and `-`.
    """
    start = "\n\n".join([marker(name or comparison.head.record.protocol.name), *_start(comparison)])
    end = "\n\n".join(_end(comparison))
    table = comparison_table(comparison, worst_first=True)

    def text(rows: int) -> str:
        return unlinked("\n\n".join([start, *_tables(table, rows), end]) + "\n")

    kept = len(table.rows)
    if len(text(kept).encode()) > limit:
        low, kept = 0, kept - 1
        while low < kept:
            middle = (low + kept + 1) // 2
            fits = len(text(middle).encode()) <= limit
            low, kept = (middle, kept) if fits else (low, middle - 1)
    return text(kept)


def marker(name: str) -> str:
    """Return the hidden first line by which a workflow finds the comment that it may replace."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "name the comparison",
            found=f"'{name}'",
            where="--name",
            fix="use letters, digits, '.', '_' and '-', 64 at most",
        )
    return f"<!-- lvbench-compare: {name} -->"


def _start(comparison: Comparison) -> list[str]:
    protocol = comparison.head.record.protocol
    draft = " (draft)" if protocol.draft else ""
    words = {"fail": "Fail", "warn": "Warning", "pass": "Pass"}
    marked = ", **protocols differ**" if comparison.mismatched else ""
    parts = [
        f"## {escape(heading(comparison))}",
        f"**{words[comparison.level]}**, {escape(protocol.name)} v{protocol.version}{draft}"
        f"{marked}: {_counted(comparison)}.",
        *(f"> {escape(warning)}" for warning in mismatch(comparison)),
    ]
    for level in reversed(LEVELS[1:]):
        parts += _list(words[level], verdicts(comparison, level))
    return parts + _list("Better", improvements(comparison))


def _counted(comparison: Comparison) -> str:
    """Return how many scores got worse and better."""
    tested = [d for d in comparison.differences if d.tested]
    better = sum(d.outcome == "improvement" for d in comparison.compared)
    few = sum(d.outcome == "too few" for d in tested)
    pairs = len(comparison.pairing.pairs)
    return (
        f"{len(comparison.regressions)} scores worse, {better} better, "
        f"of {len(tested)} tested over {pairs} paired videos"
        + (f"; {few} have too few pairs for an interval" if few else "")
    )


def _list(title: str, found: list[str]) -> list[str]:
    if not found:
        return []
    left = len(found) - _MOST_VERDICTS
    lines = found[:_MOST_VERDICTS] + ([f"and {left} more"] if left > 0 else [])
    return ["\n".join([f"{title}:", *(f"- {escape(line)}" for line in lines)])]


def _tables(table: Table, kept: int) -> list[str]:
    """Return the headlines as a table and the components folded, of the first `kept` rows."""
    rows = table.rows[:kept]
    parts = [_markdown(table, [row for row in rows if row.level == 0])]
    components = [row for row in rows if row.level]
    if components:
        folded = f"<details><summary>Components ({len(components)})</summary>"
        parts += [folded, _markdown(table, components, named=True), "</details>"]
    left = len(table.rows) - kept
    if left:
        parts.append(f"{left} of {len(table.rows)} rows, the least worse, are left out here.")
    return parts


def _markdown(table: Table, rows: list[Row], *, named: bool = False) -> str:
    shown = units_in_titles(
        replace(
            table,
            notes=(),
            rows=tuple(
                replace(row, group="", level=0, title=printable(row.key) if named else row.title)
                for row in rows
            ),
        )
    )
    # A number stays with its interval, a title with its arrow.
    text = markdown(shown).rstrip()
    return re.sub(r" (?=[↑↓±])|(?<=±) | (?=\\\[)|(?<=\d,) (?=[\d−])", "\N{NO-BREAK SPACE}", text)


def _end(comparison: Comparison) -> list[str]:
    listed = "\n".join(f"- {escape(note)}" for note in notes(comparison))
    signatures = "<br>".join(
        f"{side} {escape(printable(signature_line(run.record), LONGEST_SIGNATURE))}"
        for side, run in (("base", comparison.base), ("head", comparison.head))
    )
    return [
        "<details><summary>How to read this</summary>",
        listed,
        "</details>",
        f"<sub>{signatures}</sub>",
    ]
