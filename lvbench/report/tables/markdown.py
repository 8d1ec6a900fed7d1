"""Write a table as GitHub-flavoured Markdown."""

from __future__ import annotations

import re

from lvbench.printing import visible
from lvbench.report.tables.table import ARROWS, Cell, Column, Row, Table

_MARKS = {"": "", "best": "**", "second": "*"}


def markdown(table: Table) -> str:
    """Return the table as Markdown: one table with group rows, reasons listed below."""
    headings = [table.corner, *(_heading(column) for column in table.columns)]
    aligned = [":--", *("--:" if column.numeric else ":--" for column in table.columns)]
    lines = [_line(headings), _line(aligned)]
    for group, rows in table.grouped():
        if group:
            lines.append(_line([f"**{escape(group)}**", *([""] * len(table.columns))]))
        for row in rows:
            if row.rule:
                lines.append(_line(["―"] * (1 + len(table.columns))))
            lines.append(_line([_title(row), *(_cell(cell) for cell in row.cells)]))
    notes = [*table.remarks(), *table.notes]
    signed = table.signature or table.short
    if notes or signed:
        lines += ["", *(f"- {escape(note)}" for note in notes)]
    if signed:
        lines.append(f"- {code(signed)}")
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text escaped for Markdown, on one line, without HTML."""
    flat = visible(" ".join(text.split()))
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]|~#!$])", r"\\\1", flat)


def code(text: str) -> str:
    """Return text as a code span on one line."""
    flat = visible(" ".join(text.split())).replace("`", "'")
    return f"`{flat}`"


def _heading(column: Column) -> str:
    unit = f" ({escape(column.unit)})" if column.unit else ""
    return f"{escape(column.title)}{unit} {ARROWS[column.higher_is_better]}".rstrip()


def _title(row: Row) -> str:
    indent = "&emsp;" * row.level
    return f"{indent}{escape(row.label)} {ARROWS[row.higher_is_better]}".rstrip()


def _cell(cell: Cell) -> str:
    around = "~~" if cell.gate else _MARKS[cell.mark]
    return f"{around}{escape(cell.display)}{around}"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
