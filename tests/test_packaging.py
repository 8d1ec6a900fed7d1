"""The wheel holds all of lvbench and nothing else, and the repository names no machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {"lvbench": "lvbench", "metrics": "lvbench/metrics", "protocols": "lvbench/protocols"}
DATA = {
    "lvbench": ["py.typed"],
    "lvbench/report/templates": ["*.*"],
    **{str(folder.relative_to(ROOT)): ["*.md"] for folder in (ROOT / "metrics").iterdir()},
    "lvbench/scaffold/templates": ["*.tmpl"],
    "lvbench/weights/shipped": ["*"],
    "protocols": ["*.yaml", "*.jsonl", "*.npz"],
}
# In pieces, so that this file does not hold what it forbids.
FORBIDDEN = [
    "index" + "-url",
    "find" + "-links",
    "/" + "root/",
    "/" + "simple/",
    "/" + "tmp/venv",
    "/" + "work/",
    "file:" + "///opt",
]


def tracked() -> list[tuple[str, Path]]:
    """Return (mode, path) of every file that git tracks and that still stands."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-s", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    entries = (line.split("\t", 1) for line in listing.stdout.split("\0") if line)
    found = [(meta.split()[0], Path(name)) for meta, name in entries]
    return [(mode, path) for mode, path in found if (ROOT / path).is_symlink() or _stands(path)]


def _stands(path: Path) -> bool:
    return (ROOT / path).is_file()


def in_wheel(path: Path) -> str:
    """Return the name under which a file of the repository belongs into the wheel."""
    return "/".join([SOURCES[path.parts[0]], *path.parts[1:]])


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel once, from a copy of the tracked files, and return the names in it."""
    copy = tmp_path_factory.mktemp("source")
    for _, path in tracked():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, copy / path, follow_symlinks=False)
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), "."],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (file,) = out.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_the_wheel_has_one_top_level_name(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lvbench"}


def test_every_module_is_in_the_wheel(wheel: set[str]) -> None:
    modules = {
        in_wheel(path)
        for mode, path in tracked()
        if path.parts[0] in SOURCES and path.suffix == ".py" and mode != "120000"
    }
    assert modules
    assert modules <= wheel


def test_every_data_file_is_in_the_wheel(wheel: set[str]) -> None:
    data = {
        in_wheel(path)
        for _, path in tracked()
        for folder, patterns in DATA.items()
        if path.parent == Path(folder) and any(path.match(pattern) for pattern in patterns)
        if not path.name.startswith(".") and path.suffix != ".py"
    }
    assert "lvbench/py.typed" in data
    assert data <= wheel


def test_the_package_list_is_what_is_on_disk() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    with_code = {
        in_wheel(path).rpartition("/")[0].replace("/", ".")
        for mode, path in tracked()
        if path.parts[0] in SOURCES and path.suffix == ".py" and mode != "120000"
    }
    only_data = {"lvbench.protocols", "lvbench.report.templates"}
    assert set(settings["packages"]) == with_code | only_data
    assert settings["include-package-data"] is False


def test_the_metrics_link_is_a_relative_link_in_git() -> None:
    links = {str(path) for mode, path in tracked() if mode == "120000"}
    assert links == {"lvbench/metrics"}
    assert (ROOT / "lvbench" / "metrics").readlink() == Path("../metrics")


def test_bare_metrics_refuses_to_be_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import metrics"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ImportError: import lvbench.metrics, not metrics" in done.stderr


def test_the_version_is_written_alike_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = (ROOT / "CITATION.cff").read_text()
    code = (ROOT / "lvbench" / "__init__.py").read_text()
    assert f"version: {project['version']}\n" in citation
    assert f'__version__ = "{project["version"]}"\n' in code


def test_no_tracked_file_names_a_package_index_or_a_machine() -> None:
    pattern = re.compile("|".join(map(re.escape, FORBIDDEN)))
    offences = []
    for mode, path in tracked():
        if mode == "120000":
            continue
        text = (ROOT / path).read_text(encoding="utf-8", errors="ignore")
        offences += [f"{path}: {match.group()}" for match in pattern.finditer(text)]
    assert not offences
