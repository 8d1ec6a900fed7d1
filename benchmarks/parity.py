"""Write docs/parity.md: our numbers compared with those of other implementations.

    python -m benchmarks.parity ../shared >docs/parity.md

Runs the cases that the tests under tests/parity assert on; `make parity` writes the page.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks.markdown import heading, row
from tests.parity.case import Case

HEAD = """# Parity

Our numbers compared with those of other implementations on the same inputs. `make parity` writes
this page from the cases that `tests/parity` asserts on, each within its tolerance (relative;
absolute if the other number is 0). The default tolerance is 1e-4; a wider one has its reason in
the note. "Theirs" was printed by the other implementation with the digits shown.
"""
COLUMNS = ("what", "ours", "theirs", "difference", "tolerance", "source", "note")


def main() -> None:
    """Print the page."""
    root = Path(sys.argv[1])
    print(HEAD)
    for file in sorted((Path(__file__).parents[1] / "tests" / "parity").glob("cases_*.py")):
        topic = file.stem.removeprefix("cases_")
        found = [case for function in functions(topic) for case in called(function, root)]
        print(f"## {topic.replace('_', ' ').capitalize()}\n")
        print(heading(COLUMNS))
        for case in found:
            print(line(case))
        failed = sum(not case.holds for case in found)
        print(f"\n{len(found)} cases, {failed} outside their tolerance.\n")


def functions(topic: str) -> list[Callable[..., list[Case]]]:
    """Return the functions that return the cases of a topic: `cases`, or several."""
    module = import_module(f"tests.parity.cases_{topic}")
    if hasattr(module, "cases"):
        return [module.cases]
    return [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and function.__annotations__.get("return") == "list[Case]"
    ]


def called(function: Callable[..., list[Case]], root: Path) -> list[Case]:
    """Return the cases of a function that may take the folder of goldens and assets."""
    return function(root) if inspect.signature(function).parameters else function()


def line(case: Case) -> str:
    """Return a case as a row of the table."""
    cells = (
        case.name,
        f"{case.ours:.8g}",
        f"{case.theirs:.8g}",
        f"{case.difference:.1e}",
        f"{case.tolerance:.0e}",
        case.source,
        case.note,
    )
    return row(cells)


if __name__ == "__main__":
    main()
