"""A metric is a module, a class and a card; a failing test names the file to edit."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lvbench.metrics.registry import METRICS

METRICS_FOLDER = Path(__file__).resolve().parents[2] / "metrics"
FILES = sorted(
    {
        file.with_suffix("").relative_to(METRICS_FOLDER).as_posix()
        for kind in ("*/*.py", "*/*.md")
        for file in METRICS_FOLDER.glob(kind)
        if file.stem != "__init__" and file.parent.name != "common"
    }
)


@pytest.mark.parametrize("file", FILES)
def test_a_metric_has_module_class_and_card(file: str) -> None:
    module, card = (METRICS_FOLDER / f"{file}{ending}" for ending in (".py", ".md"))
    name = module.stem
    shown, shown_card = f"metrics/{file}.py", f"metrics/{file}.md"
    assert module.is_file(), f"write {shown}: the metric of the card {shown_card}"
    assert card.is_file(), (
        f"write the card {shown_card}; if {shown} is no metric, move it to metrics/common/"
    )
    expected = "".join(word.capitalize() for word in name.split("_"))
    classes = [
        n.name for n in ast.parse(module.read_text("utf-8")).body if isinstance(n, ast.ClassDef)
    ]
    assert expected in classes, f"edit {shown}: it has {classes}, expected a class {expected}"
    info = METRICS.get(name).info
    assert info.name == name, f"edit {shown}: its MetricInfo has name={info.name!r}, not {name!r}"
    assert info.cites, f"edit {shown}: give its MetricInfo cites, such as cites=('lvbench',)"
