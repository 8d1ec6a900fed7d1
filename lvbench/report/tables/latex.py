"""Write a table as LaTeX with booktabs."""

from __future__ import annotations

from lvbench.printing import visible
from lvbench.report.tables.rounding import DASH, MINUS
from lvbench.report.tables.table import Cell, Table

_ARROWS = {True: r" $\uparrow$", False: r" $\downarrow$", None: ""}
_MARKS = {"": "{}", "best": r"\textbf{{{}}}", "second": r"\underline{{{}}}"}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "±": r"$\pm$",
    MINUS: "$-$",
    DASH: "--",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "∞": r"$\infty$",
    "Δ": r"$\Delta$",
    "²": r"\textsuperscript{2}",
    "°": r"\textdegree{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def latex(table: Table) -> str:
    """Return a `tabular`; it needs `booktabs`, and `ulem` where a gate strikes a score through."""
    layout = "l" + "".join("r" if column.numeric else "l" for column in table.columns)
    lines = [
        r"% \usepackage{booktabs}, \usepackage[normalem]{ulem}",
        rf"\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        _line([escape(table.corner), *(_heading(c.title, c.unit, c.higher_is_better)
                                       for c in table.columns)]),
        r"\midrule",
    ]  # fmt: skip
    for number, (group, rows) in enumerate(table.grouped()):
        if group:
            lines += [r"\addlinespace"] if number else []
            lines.append(
                rf"\multicolumn{{{1 + len(table.columns)}}}{{l}}{{\emph{{{escape(group)}}}}} \\"
            )
        for row in rows:
            if row.rule:
                lines.append(r"\midrule")
            title = r"\quad " * row.level + _heading(row.label, "", row.higher_is_better)
            lines.append(_line([title, *(_cell(cell) for cell in row.cells)]))
    lines.append(r"\bottomrule")
    if table.short:
        signed = rf"{{\scriptsize\texttt{{{escape(table.short)}}}}}"
        lines.append(rf"\multicolumn{{{1 + len(table.columns)}}}{{l}}{signed} \\")
    lines.append(r"\end{tabular}")
    notes = [*table.remarks(), *table.notes, *filter(None, [table.signature])]
    lines += [f"% {escape(note)}" for note in notes]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text escaped for LaTeX, on one line."""
    flat = visible(" ".join(text.split()))
    return "".join(_SPECIAL.get(character, character) for character in flat)


def _heading(title: str, unit: str, higher_is_better: bool | None) -> str:
    return escape(title + (f" ({unit})" if unit else "")) + _ARROWS[higher_is_better]


def _cell(cell: Cell) -> str:
    if cell.gate:
        return rf"\sout{{{escape(cell.display)}}}"
    return _MARKS[cell.mark].format(escape(cell.display))


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
