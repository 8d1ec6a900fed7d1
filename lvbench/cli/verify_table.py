"""What verification found, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lvbench.printing import visible

if TYPE_CHECKING:
    from lvbench.verify.finding import VerifyResult

_MOST_ROWS = 40
_LONGEST = 48
_HEADS = ("where", "cell", "in the run", "recomputed", "relative difference", "tolerance")
_VERDICTS = {
    "agrees": "all that was looked at agrees",
    "differs": "this run is not what its videos and its protocol make it",
    "incomplete": "nothing differs, but not all that was asked for could be looked at",
}


def verification_text(found: VerifyResult) -> str:
    """Return a verification as text: the verdict, what differs, what could not be seen, chances."""
    import io
    import shutil

    from rich.console import Console
    from rich.table import Table

    out = io.StringIO()
    width = max(100, shutil.get_terminal_size((120, 24)).columns)
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    console.print(f"{_clean(found.folder.name)}: {found.protocol}")
    console.print(_clean(found.signed), soft_wrap=True)
    if found.findings:
        table = Table(title="What differs", title_justify="left")
        for name in _HEADS:
            # A cell's name is what one searches for: it stays on one line.
            table.add_column(name, overflow="fold", no_wrap=name == "cell")
        for finding in found.findings[:_MOST_ROWS]:
            table.add_row(
                _text(finding.where),
                _text(finding.cell or finding.code),
                _text(finding.stated),
                _text(finding.recomputed),
                _text(finding.detail)
                if finding.difference is None
                else f"{finding.difference:.3g}",
                _text(finding.tolerance),
            )
        console.print(table)
        if len(found.findings) > _MOST_ROWS:
            console.print(f"and {len(found.findings) - _MOST_ROWS} more; --json lists all")
    for one in found.unverifiable[:_MOST_ROWS]:
        console.print(f"not verified: {_clean(one.what)}: {_clean(one.reason)}", soft_wrap=True)
    for note in found.notes:
        console.print(f"note: {_clean(note)}", soft_wrap=True)
    console.print(_items(found), soft_wrap=True)
    if found.recomputed:
        console.print(_cells(found), soft_wrap=True)
    if found.findings:
        count = len(found.findings)
        console.print(f"{count} finding{'s' if count > 1 else ''}: {_VERDICTS[found.verdict]}.")
    else:
        console.print(f"{_VERDICTS[found.verdict]}.".capitalize())
    return out.getvalue()


def _items(found: VerifyResult) -> str:
    """Say how many items were recomputed, and what that says of the others."""
    from lvbench.verify.sample import found_with

    count, of = len(found.recomputed), found.videos
    said = f"{count} of {of} items recomputed from their videos"
    if found.seed is not None:
        said += f", drawn with --seed {found.seed}"
    if count == of and of:
        return f"{said}: no altered item can be missed."
    said += f"; chance of missing one altered item: {found.missed:.1%}"
    least = found_with(of, count)
    return f"{said}; of {least} altered items one is found with 95 %." if least else f"{said}."


def _cells(found: VerifyResult) -> str:
    cells = found.cells
    said = f"{cells.equal} cells are equal to the last bit"
    if cells.within:
        said += f", {cells.within} within tolerance (the largest at {cells.largest:.0%} of it)"
    rule = "the last bit, on a machine like this one" if found.exact else "each metric's tolerance"
    return f"{said}; compared to {rule}."


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value) if value == 0 or 1e-4 <= abs(value) < 1e12 else f"{value:.6g}"
    text = _clean(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _clean(text: str) -> str:
    """Return text on one line that does not write on terminals: a run may have been made to."""
    return visible(" ".join(text.split()))
