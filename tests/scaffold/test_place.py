"""Names are checked, nothing is overwritten, and a checkout is found from any folder in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import UsageError
from lvbench.scaffold.place import (
    MOST_LETTERS,
    check_name,
    class_name,
    find_checkout,
    rendered,
    write_new,
)
from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["a", "my_metric", "fvd2", "x" * MOST_LETTERS])
def test_snake_case_is_taken(name: str) -> None:
    check_name("metric", name, {"a metric": ["freeze"]})


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("", "no lower-case identifier"),
        ("My", "no lower-case identifier"),
        ("2d", "no lower-case identifier"),
        ("a-b", "no lower-case identifier"),
        ("a__b", "no lower-case identifier"),
        ("../a", "no lower-case identifier"),
        ("lambda", "no lower-case identifier"),
        ("x" * (MOST_LETTERS + 1), "at most 30"),
        ("freeze", "that of a metric"),
    ],
)
def test_other_names_are_refused(name: str, found: str) -> None:
    with pytest.raises(UsageError, match=found) as caught:
        check_name("metric", name, {"a metric": ["freeze"]})
    assert "my_metric" in caught.value.fix


def test_generators_and_protocols_may_have_hyphens() -> None:
    check_name("generator", "my-model", {})
    assert class_name("my-model_2") == "MyModel2"


def test_a_checkout_is_found_from_within() -> None:
    assert find_checkout(ROOT / "metrics" / "drift") == ROOT


def test_elsewhere_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--plugin"):
        find_checkout(tmp_path)


def test_a_class_that_its_file_imports_is_refused() -> None:
    values = {"name": "metric_info", "title": "", "class_name": "MetricInfo", "group": "motion"}
    with pytest.raises(UsageError, match="imports another MetricInfo"):
        rendered("metric.py.tmpl", values)


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        write_new(tmp_path, {Path("a"): "", Path("b"): ""})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_text() == "mine"
    write_new(tmp_path, {Path("c/d"): "text"})
    assert (tmp_path / "c" / "d").read_text() == "text"
