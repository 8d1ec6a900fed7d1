"""README's table of metrics is the registry's."""

from __future__ import annotations

from benchmarks.readme_table import BEGIN, END, README, due, with_table


def test_the_table_names_every_metric_of_a_protocol() -> None:
    text = README.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    names = due(text)
    assert text == with_table(text, names), "README.md is out of date: run benchmarks.readme_table"
    assert all(f"[`{name}`](metrics/" in text for name in names)
