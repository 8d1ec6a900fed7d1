"""Markdown of the tables in docs/: rows, and sections of a page between two markers."""

from __future__ import annotations

import re
from collections.abc import Iterable


def row(cells: Iterable[str]) -> str:
    """Return cells as a row of a table; a bar within a cell is escaped."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def heading(names: Iterable[str]) -> str:
    """Return the two header lines of a table."""
    cells = list(names)
    return f"{row(cells)}\n|{'---|' * len(cells)}"


def between(page: str, begin: str, end: str, content: str) -> str:
    """Return a page with new content between its markers.

    Raises:
        ValueError: The page does not contain the markers exactly once.
    """
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text, count = pattern.subn(lambda _: f"{begin}\n{content}\n{end}", page)
    if count != 1:
        raise ValueError(f"the page has {count} parts from '{begin}' to '{end}', it needs one")
    return text
