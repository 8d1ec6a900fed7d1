"""Tell a comparison in a terminal."""

from __future__ import annotations

from dataclasses import replace

from lvbench.report.compare import Comparison
from lvbench.report.compare_policy import LEVELS
from lvbench.report.compare_table import comparison_table, summary, verdicts
from lvbench.report.table import Table
from lvbench.report.table_terminal import terminal


def comparison_terminal(comparison: Comparison, *, colour: bool | None = None) -> str:
    """Return the comparison as text 100 columns wide: the table, then what fails and what warns.

    Components are listed where they may be worse; JSON and page hold the others.
    """
    table = comparison_table(comparison)
    worse = {d.key for d in comparison.judged if d.level != "pass"}
    rows = tuple(row for row in table.rows if row.level == 0 or row.key in worse)
    shown = _narrow(replace(table, rows=rows))
    lines = [
        f"{level}: {line}" for level in reversed(LEVELS[1:]) for line in verdicts(comparison, level)
    ]
    end = f"{comparison.level}. {summary(comparison)}"
    return terminal(shown, colour=colour) + "".join(f"{line}\n" for line in [*lines, end])


def _narrow(table: Table) -> Table:
    """Put units beside titles and leave the number of pairs to the last line: 100 columns."""
    keep = [i for i, column in enumerate(table.columns) if column.key not in ("unit", "pairs")]
    unit = [column.key for column in table.columns].index("unit")
    rows = [
        replace(
            row,
            title=", ".join(filter(None, [row.title, row.cells[unit].display])),
            cells=tuple(row.cells[i] for i in keep),
        )
        for row in table.rows
    ]
    return replace(table, columns=tuple(table.columns[i] for i in keep), rows=tuple(rows))
