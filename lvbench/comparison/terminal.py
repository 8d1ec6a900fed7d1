"""Tell a comparison in a terminal."""

from __future__ import annotations

from dataclasses import replace

from lvbench.comparison.compare import Comparison
from lvbench.comparison.policy import LEVELS
from lvbench.comparison.table import (
    METHOD,
    comparison_table,
    summary,
    units_beside_titles,
    verdicts,
)
from lvbench.protocol.identity import signature_line
from lvbench.report.safe_text import LONGEST_SIGNATURE, printable
from lvbench.report.tables.describe import statistics_note
from lvbench.report.tables.terminal import terminal

_SHORT = (
    "Beside a difference its 95 % interval; d the difference over the standard deviation of the "
    "paired differences; Detects: the smallest difference that this many prompts find with 80 % "
    "power; p adjusted."
)


def comparison_terminal(comparison: Comparison, *, colour: bool | None = None) -> str:
    """Return the comparison as text 100 columns wide: the table, then what fails and what warns.

    Components are listed where they may be worse; JSON and page hold the others.
    """
    table = comparison_table(comparison)
    worse = {d.key for d in comparison.judged if d.level != "pass"}
    rows = tuple(row for row in table.rows if row.level == 0 or row.key in worse)
    said = statistics_note((row.key for row in rows), "the pairs")
    every = statistics_note((d.key for d in comparison.judged), "the pairs")
    short = {METHOD: _SHORT, every: said}
    remarks = replace(table, rows=rows).remarks()
    notes = (*remarks, *(short.get(note, note) for note in table.notes))
    # The outcome says what is not ranked; once more beside the number there is no room for it.
    rows = tuple(
        replace(row, cells=tuple(replace(cell, gate="") for cell in row.cells)) for row in rows
    )
    # The number of pairs stands in the last line.
    shown = units_beside_titles(replace(table, rows=rows, notes=notes), without="pairs")
    lines = [
        f"{side} {printable(signature_line(run.record), LONGEST_SIGNATURE)}"
        for side, run in (("base", comparison.base), ("head", comparison.head))
    ]
    lines += [
        f"{level}: {line}" for level in reversed(LEVELS[1:]) for line in verdicts(comparison, level)
    ]
    marked = ", though the protocols differ" if comparison.mismatched else ""
    end = f"{comparison.level}{marked}. {summary(comparison)}"
    return terminal(shown, colour=colour) + "".join(f"{line}\n" for line in [*lines, end])
