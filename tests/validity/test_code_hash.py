"""The hash of code sees code, not comments, and follows imports."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lvbench.validity import code_hash as module
from lvbench.validity.code_hash import code_hash

CODE = "from hashed.helper import X\n\n\ndef f():\n    return X\n"


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a package of two modules, `metric` and what it imports."""
    folder = tmp_path / "hashed"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "metric.py").write_text(CODE)
    (folder / "helper.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("hashed", "hashed.metric", "hashed.helper"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    forget()
    return folder


def forget() -> None:
    module._parsed.cache_clear()
    module._file.cache_clear()


def changed(path: Path, text: str) -> str:
    path.write_text(text)
    forget()
    return code_hash(("hashed.metric",))


def test_comments_and_docstrings_do_not_count(package: Path) -> None:
    before = code_hash(("hashed.metric",))
    commented = CODE.replace("    return X", '    """Return X."""\n    return X  # X')
    assert changed(package / "metric.py", commented) == before


def test_code_counts_also_where_it_is_imported(package: Path) -> None:
    before = code_hash(("hashed.metric",))
    assert changed(package / "helper.py", "X = 2\n") != before
    assert changed(package / "helper.py", "X = 1\n") == before
    assert changed(package / "metric.py", CODE.replace("return X", "return -X")) != before
