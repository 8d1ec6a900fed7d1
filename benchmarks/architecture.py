"""The table of rooms and their imports, from the code.

python -m benchmarks.architecture docs/architecture.md writes it between the page's marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.markdown import between, heading, row
from tests.test_imports import FLOORS, edges

BEGIN = "<!-- rooms: python -m benchmarks.architecture docs/architecture.md -->"
END = "<!-- end of rooms -->"


def rooms() -> str:
    """Return the table: each room with its floor and the rooms that it imports."""
    arrows = {(source, target) for _, source, target in edges() if source != target}
    above = FLOORS[1:-1]
    rows = [heading(("floor", "room", "imports"))]
    for number, floor in zip(range(len(above), 0, -1), above, strict=True):
        for room in floor:
            targets = sorted(t for s, t in arrows if s == room and t not in FLOORS[-1])
            rows.append(row([str(number), f"`{room}`", ", ".join(targets) or "-"]))
    return "\n".join(rows)


def written(text: str) -> str:
    """Return a page with the table of today between its marks."""
    return between(text, BEGIN, END, rooms())


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(written(page.read_text("utf-8")), "utf-8")
