"""The house rules on imports and file sizes hold in every file."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Highest floor first: a package may import what stands on its own floor or below.
FLOORS = (
    ("__main__",),
    ("cli",),
    ("audit", "leaderboard", "scaffold", "validity"),
    ("comparison",),
    ("report", "verify"),
    ("engine",),
    ("metrics", "generators"),
    ("reference",),
    ("features", "protocol", "results"),
    ("weights", "world"),
    ("video", "stats"),
    ("errors", "registry", "environment", "memory", "reading", "plain_yaml", "printing"),
)
# Neighbours on one floor that must not know each other.
STRANGERS = {
    ("stats", "video"),
    ("features", "protocol"),
    ("metrics", "generators"),
    ("generators", "metrics"),
    ("weights", "world"),
    ("world", "weights"),
    ("report", "verify"),
    ("verify", "report"),
}
# What metrics may know of video and results: the currency and the records, not the files.
WITHOUT_FILES = {
    "lvbench.video.frames",
    "lvbench.video.timing.presentation",
    "lvbench.video.audio.samples",
    "lvbench.results.schema",
}
HEAVY = ["torch", "torchvision", "cv2", "scipy", "pandas", "matplotlib", "av", "pyarrow", "numpy"]
HEAVY_IN_METRICS = {"torch", "cv2", "scipy"}
MOST_LINES, MEDIAN_LINES = 400, 170

LEVEL = {package: -floor for floor, packages in enumerate(FLOORS) for package in packages}


def modules() -> list[Path]:
    """Return every module of lvbench, metrics/ under its own name and not through the link."""
    files = [*(ROOT / "lvbench").rglob("*.py"), *(ROOT / "metrics").rglob("*.py")]
    link = ROOT / "lvbench" / "metrics"
    return sorted(path for path in files if link not in path.parents)


def package_of(path: Path) -> str:
    """Return the package, or ground-floor module, to which a file belongs."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] == "metrics" else parts[1]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, within functions and TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "lvbench":
                yield from ((node.lineno, f"lvbench.{alias.name}") for alias in node.names)
            elif node.module is not None:
                yield node.lineno, node.module


def edges() -> Iterator[tuple[str, str, str]]:
    """Yield (place, importing package, imported package) for imports within lvbench."""
    for path in modules():
        # The public functions of lvbench/__init__.py are lazy names for upper floors.
        if path == ROOT / "lvbench" / "__init__.py":
            continue
        for line, name in imported(ast.parse(path.read_text())):
            top, _, rest = name.partition(".")
            target = rest.split(".")[0]
            if top == "lvbench" and target in LEVEL:
                yield f"{path.relative_to(ROOT)}:{line}", package_of(path), target


def test_every_package_has_a_floor() -> None:
    here = {package_of(path) for path in modules()} - {"__init__"}
    assert here <= LEVEL.keys()


def test_imports_run_downhill() -> None:
    uphill = [
        f"{place}: {source} imports {target}"
        for place, source, target in edges()
        if LEVEL[target] > LEVEL[source] or (source, target) in STRANGERS
    ]
    assert not uphill


def test_neighbours_do_not_import_each_other_both_ways() -> None:
    level = {
        (source, target)
        for _, source, target in edges()
        if source != target and LEVEL[source] == LEVEL[target]
    }
    assert not {pair for pair in level if pair[::-1] in level}


def test_metrics_know_no_files() -> None:
    readers = [
        f"{path.name}:{line} imports {name}"
        for path in modules()
        if package_of(path) == "metrics"
        for line, name in imported(ast.parse(path.read_text()))
        if name.startswith(("lvbench.video", "lvbench.results")) and name not in WITHOUT_FILES
    ]
    assert not readers


def module_level(tree: ast.Module) -> Iterator[str]:
    """Yield the names that importing a module imports at once."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.FunctionDef):
            yield from (name for _, name in imported(node))


def test_metrics_import_nothing_heavy_at_module_level() -> None:
    heavy = [
        f"{path.name}: {name}"
        for path in (ROOT / "metrics").rglob("*.py")
        for name in module_level(ast.parse(path.read_text()))
        if name.split(".")[0] in HEAVY_IN_METRICS
    ]
    assert not heavy


def heavy_after(code: str) -> str:
    """Run code in a new interpreter and return its last line, the heavy modules it loaded."""
    code = f"import sys\n{code}\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("module", ["lvbench", "lvbench.cli.main", "lvbench.cli.doctor"])
def test_the_command_line_starts_light(module: str) -> None:
    assert heavy_after(f"import {module}") == "[]"


def test_help_stays_light() -> None:
    assert (
        heavy_after(
            "from lvbench.cli.main import main\n"
            "sys.argv = ['lvbench', '--help']\n"
            "try:\n"
            "    main()\n"
            "except SystemExit as done:\n"
            "    assert not done.code, done.code"
        )
        == "[]"
    )


def test_files_stay_small() -> None:
    files = [*modules(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]
    lines = {path: len(path.read_text().splitlines()) for path in files}
    assert {str(path) for path, count in lines.items() if count > MOST_LINES} == set()
    assert statistics.median(lines.values()) < MEDIAN_LINES
