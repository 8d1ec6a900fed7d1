"""Write a comparison for a terminal."""

from __future__ import annotations

from dataclasses import replace

from lvbench.comparison.compare import Comparison
from lvbench.comparison.policy import LEVELS
from lvbench.comparison.table import (
    METHOD,
    comparison_table,
    summary,
    units_in_titles,
    verdicts,
)
from lvbench.protocol.identity import signature_line
from lvbench.report.safe_text import LONGEST_SIGNATURE, printable
from lvbench.report.tables.describe import statistics_note
from lvbench.report.tables.terminal import terminal

_SHORT = (
    "After a difference its 95 % interval; d the difference over the standard deviation of the "
    "paired differences; Detects: the smallest difference that this many prompts find with 80 % "
    "power; p adjusted."
)


def comparison_terminal(comparison: Comparison, *, colour: bool | None = None) -> str:
    """Return the comparison as text of 100 columns: the table, then failures and warnings.

    Only components that may be worse are listed; JSON and page list all.
    """
    table = comparison_table(comparison)
    worse = {d.key for d in comparison.compared if d.level != "pass"}
    rows = tuple(row for row in table.rows if row.level == 0 or row.key in worse)
    shown_note = statistics_note((row.key for row in rows), "the pairs")
    full_note = statistics_note((d.key for d in comparison.compared), "the pairs")
    short = {METHOD: _SHORT, full_note: shown_note}
    remarks = replace(table, rows=rows).remarks()
    notes = (*remarks, *(short.get(note, note) for note in table.notes))
    # The outcome states what is not ranked; the table has no room to repeat it.
    rows = tuple(
        replace(row, cells=tuple(replace(cell, gate="") for cell in row.cells)) for row in rows
    )
    # The number of pairs is in the last line.
    shown = units_in_titles(replace(table, rows=rows, notes=notes), without="pairs")
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
