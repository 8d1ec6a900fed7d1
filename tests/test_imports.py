"""The house rules on imports and file sizes hold in every file."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Highest floor first: a package may import its own floor and those below.
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
# The same within a package: sub-packages of one floor do not know each other.
ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "engine": (("aggregation",), ("workers",), ("video_pass",)),
    "features": (
        ("embeddings",),
        ("audio", "faces", "flow", "paired", "quality", "signal", "video", "world"),
    ),
    "generators": (
        ("baselines", "command", "diffusers", "hosted"),
        ("contract", "production"),
    ),
    "metrics": (
        ("world",),
        (
            *("audio", "drift", "generation", "identity", "motion", "paired", "seams"),
            *("semantics", "sets", "vbench"),
        ),
        ("common",),
    ),
    "report": (("page",), ("cite",), ("figures", "tables")),
    "video": (("audio",), ("decoding",), ("containers", "manifest", "timing")),
}
# Of one floor, and each other's user all the same.
FRIENDS = {frozenset({"contract", "production"}), frozenset({"figures", "tables"})}
# Families of metrics that the world's metrics extend.
EXTENDED = {"semantics", "sets", "common"}
# The metrics that another one is built on: the same formula with another network or model.
BASES = {
    "vmaf_neg": "vmaf",
    "world_clip_consistency": "clip_consistency",
    "world_clip_text": "clip_text",
    "world_fvd": "fvd",
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


def module_of(path: Path) -> str:
    """Return the dotted name under which a file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts if parts[0] == "lvbench" else ("lvbench", *parts))
    return name.removesuffix(".__init__")


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


def at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from at_run_time(node)


@cache
def graph() -> dict[str, set[str]]:
    """Return for every module those of lvbench that it imports, within functions too."""
    files = {module_of(path): path for path in modules()}
    found: dict[str, set[str]] = {}
    for name, path in files.items():
        names: set[str] = set()
        for node in at_run_time(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                whole = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
                names |= {w if w in files else node.module for w in whole.values()}
        found[name] = (names & files.keys()) - {name}
    return found


def rooms_of(package: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (importing module, imported module, its room, the other's room) within a package."""
    for source, targets in graph().items():
        for target in targets:
            one, other = source.split("."), target.split(".")
            if min(len(one), len(other)) > 3 and one[1] == package == other[1]:
                yield source, target, one[2], other[2]


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_has_a_floor(package: str) -> None:
    top = ROOT / package if package == "metrics" else ROOT / "lvbench" / package
    here = {path.parent.name for path in top.glob("*/__init__.py")}
    assert here == {room for floor in ROOMS[package] for room in floor}


@pytest.mark.parametrize("package", ROOMS)
def test_imports_between_rooms_run_downhill(package: str) -> None:
    level = {room: -floor for floor, rooms in enumerate(ROOMS[package]) for room in rooms}
    uphill = [
        f"{source} imports {target}"
        for source, target, one, other in rooms_of(package)
        if one != other and level[other] >= level[one] and {one, other} not in FRIENDS
    ]
    assert not uphill


def test_only_the_worlds_metrics_extend_another_family() -> None:
    others = [
        f"{source} imports {target}"
        for source, target, one, other in rooms_of("metrics")
        if one == "world" != other and other not in EXTENDED
    ]
    assert not others


def test_metrics_do_not_import_each_other() -> None:
    cards = {path.stem for path in (ROOT / "metrics").glob("*/*.md")}
    pairs = [
        (source.split(".")[-1], target.split(".")[-1])
        for source, target, _, _ in rooms_of("metrics")
    ]
    built = {(one, other) for one, other in pairs if {one, other} <= cards}
    assert built <= set(BASES.items())


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


def module_level(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Yield the names that importing a module imports at once: not those in its functions."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ClassDef):
            yield from module_level(node)
        elif not isinstance(node, ast.FunctionDef):
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
