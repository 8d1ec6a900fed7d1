"""README's table of metrics is the registry's."""

from __future__ import annotations

from benchmarks.readme_table import BEGIN, END, README, with_table
from lvbench.metrics.registry import METRICS


def test_the_table_names_every_metric() -> None:
    text = README.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text == with_table(text), "README.md is out of date: python -m benchmarks.readme_table"
    built_in = [n for n in METRICS if METRICS.get(n).__module__.startswith("lvbench.")]
    assert all(f"[`{name}`](metrics/" in text for name in built_in)
