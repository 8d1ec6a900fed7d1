"""Every public function has an example, and the examples of docstrings and pages run.

An example finds two folders of clips (`clips`, `real`) and two runs (`runs/base`, `runs/head`).
"""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lvbench
import lvbench.features
import lvbench.metrics
import lvbench.stats
from lvbench.errors import WeightsError
from lvbench.metrics.registry import METRICS
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip
from tests.conftest import ROOT

# What is public in addition to the names of `__all__`.
ALSO = (
    "lvbench.metrics.registry:build",
    "lvbench.generators.registry:build",
    "lvbench.video.decoding.decode:open_video",
    "lvbench.video.decoding.decode:probe",
    "lvbench.video.encode:write_video",
    "lvbench.world.clip:render_clip",
)
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# Names whose use needs a network that does not ship: the statement is left out.
NEED_WEIGHTS = {"fvd"}
# Metrics whose example ends at weights that do not ship with lvbench.
UNSHIPPED = {
    *("aesthetic", "clip_consistency", "clip_text", "fvd", "fvd_inf", "fvd_over_time"),
    *("identity_drift", "kvd", "lpips", "precision_recall", "reappearance"),
    *("vbench_background_consistency", "vbench_dynamic_degree", "vbench_imaging_quality"),
    *("vbench_long_background_consistency", "vbench_long_subject_consistency"),
    *("vbench_motion_smoothness", "vbench_subject_consistency"),
}
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def public() -> dict[str, Callable[..., Any]]:
    """Return the public functions by their full names."""
    found = {}
    for package in (lvbench, lvbench.stats, lvbench.features):
        found |= {f"{package.__name__}.{name}": getattr(package, name) for name in package.__all__}
    for module, _, name in (entry.partition(":") for entry in ALSO):
        found[f"{module}.{name}"] = getattr(import_module(module), name)
    return {name: value for name, value in found.items() if inspect.isfunction(value)}


def modules_with_examples() -> list[str]:
    """Return the modules in which a docstring has an example; metrics have a test of their own."""
    folders = {ROOT / "lvbench": "lvbench", ROOT / "metrics": "lvbench.metrics"}
    found = set()
    for folder, package in folders.items():
        for path in folder.rglob("*.py"):
            inside = path.relative_to(folder).with_suffix("").parts
            of_metric = package == "lvbench.metrics" and len(inside) > 1
            examples = re.search(r"^ +>>> ", path.read_text("utf-8"), re.MULTILINE)
            if inside[:1] != ("metrics",) and examples and not of_metric:
                found.add(".".join([package, *inside]).removesuffix(".__init__"))
    return sorted(found)


def blocks() -> list[tuple[str, str]]:
    """Return (page, code) of every block of Python on a page."""
    return [
        (str(page.relative_to(ROOT)), code)
        for page in PAGES
        for code in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the clips and runs that examples read."""
    here = tmp_path_factory.mktemp("examples")
    for name, seeds in {"clips": (1, 2), "real": (3,)}.items():
        (here / name).mkdir()
        for letter, seed in zip("ab", seeds, strict=False):
            write_video(here / name / f"{letter}.mp4", render_clip(8.0, 8.0, 96, 64, seed), 8)
    for run in ("base", "head"):
        out = here / "runs" / run
        lvbench.evaluate(here / "clips", protocol="lvb-smoke", out=out, workers=1)
    return here


@pytest.mark.parametrize("name", public())
def test_a_public_function_has_an_example(name: str) -> None:
    function = public()[name]
    place = Path(inspect.getfile(function)).resolve().relative_to(ROOT)
    assert ">>>" in (function.__doc__ or ""), f"add an `Examples:` section to {name} in {place}"


@pytest.mark.parametrize("name", METRICS.names())
def test_the_example_of_a_metric_runs(name: str) -> None:
    """Run an example to its end, or to weights that do not ship: tests have an empty cache."""
    doc = getattr(lvbench.metrics, name).__doc__ or ""
    assert ">>>" in doc, f"add an `Examples:` section to {METRICS.get(name).__module__}"
    if name in UNSHIPPED:
        with pytest.raises(WeightsError):
            run_example(doc)
    else:
        run_example(doc)


def run_example(doc: str) -> None:
    values: dict[str, Any] = {}
    for example in doctest.DocTestParser().get_examples(doc):
        if example.want:
            assert repr(eval(example.source, values)) == example.want.strip()
        else:
            exec(example.source, values)


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_of_docstrings_run(
    module: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    report: list[str] = []
    for test in doctest.DocTestFinder().find(import_module(module)):
        runner.run(test, out=report.append)
    assert runner.tries > 0
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize(("page", "code"), blocks(), ids=lambda value: value[:24].split("\n")[0])
def test_the_code_of_pages_runs(
    page: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    frames = np.concatenate(list(render_clip(8.0, 8.0, 96, 64, 1)))
    tree = WithoutWeights().visit(ast.parse(code))
    exec(compile(tree, page, "exec"), {"__name__": "__main__", "frames": frames})


class WithoutWeights(ast.NodeTransformer):
    """Leave out the statements that use a name of `NEED_WEIGHTS`."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return None if names & NEED_WEIGHTS else node
