from __future__ import annotations

from lvbench.report.tables.latex import escape, latex
from lvbench.report.tables.table import Cell, Column, Row, Table


def test_tabular_has_booktabs_arrows_and_struck_gates() -> None:
    rows = (
        Row("a", "Exposure", (Cell("−1.0 ± 0.2"),), group="over time", higher_is_better=True),
        Row("b", "Part", (Cell("3", gate="why"),), group="over time", level=1, rule=True),
    )
    text = latex(Table("t", "Score", (Column("v", "Value", unit="%"),), rows))
    assert r"\begin{tabular}{lr}" in text
    assert r"Score & Value (\%) \\" in text
    assert r"Exposure $\uparrow$ & $-$1.0 $\pm$ 0.2 \\" in text
    assert "\\midrule\n\\quad Part & \\sout{3} \\\\" in text
    assert text.count("rule\n") == 4


def test_special_characters_are_inert() -> None:
    assert escape(r"a_b & \input{x} 5%") == r"a\_b \& \textbackslash{}input\{x\} 5\%"
