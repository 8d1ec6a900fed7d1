"""Write README's table of metrics from the registry.

python -m benchmarks.readme_table
"""

from __future__ import annotations

import sys
from pathlib import Path

from lvbench.metrics.registry import METRICS
from lvbench.results.files import write_atomic

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- metrics: python -m benchmarks.readme_table -->", "<!-- end of metrics -->"


def table() -> str:
    """Return a row for every metric of lvbench, by family: card, title and what it measures."""
    rows = []
    for name in METRICS:
        metric = METRICS.get(name)
        package, _, module = metric.__module__.partition(".metrics.")
        if package != "lvbench":
            continue  # a plugin's
        question = " ".join((sys.modules[metric.__module__].__doc__ or "").split("\n\n")[0].split())
        family, card = module.partition(".")[0], f"metrics/{module.replace('.', '/')}.md"
        title = metric.info.headline.title.replace("*", "\\*")
        rows.append((family, name, f"| {family} | [`{name}`]({card}) | {title} | {question} |"))
    head = ["| family | metric | score | what it measures |", "|---|---|---|---|"]
    return "\n".join([*head, *(row for *_, row in sorted(rows))])


def with_table(text: str) -> str:
    """Return README's text with the table between the markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    write_atomic(README, with_table(README.read_text("utf-8")))
