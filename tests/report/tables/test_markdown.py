from __future__ import annotations

from lvbench.report.tables.markdown import markdown
from lvbench.report.tables.table import Cell, Column, Row, Table

GATED = Cell("0.812 ± 0.014", value=0.812, gate="not ranked: freeze")
ROWS = (
    Row("a", "Exposure | drift", (GATED,), group="over time", higher_is_better=False),
    Row("b", "<b>Loop</b>", (Cell("–", hover="too short", status="failed"),), group="motion"),
)


def test_markdown_escapes_strikes_and_explains() -> None:
    text = markdown(Table("t", "Score", (Column("v", "Value"),), ROWS, ("a note",)))
    assert text == (
        "| Score | Value |\n"
        "| :-- | --: |\n"
        "| **over time** |  |\n"
        "| Exposure \\| drift ↓ | ~~0.812 ± 0.014~~ |\n"
        "| **motion** |  |\n"
        "| &lt;b&gt;Loop&lt;/b&gt; | – |\n"
        "\n"
        "- Exposure \\| drift: not ranked: freeze\n"
        "- &lt;b&gt;Loop&lt;/b&gt;: too short\n"
        "- a note\n"
    )
