"""The rows of a comparison's table: over pairs, set against set, and what was lost."""

from __future__ import annotations

from lvbench.comparison.compare import Comparison
from lvbench.comparison.scores import Difference, LostScore, SetDifference
from lvbench.report.safe_text import printable
from lvbench.report.tables.describe import describe, gate_in_words
from lvbench.report.tables.rounding import DASH, bounds, significant, with_interval
from lvbench.report.tables.table import Cell, Column, Row, reason
from lvbench.results.schema import Score

COLUMNS = (
    Column("base", "Base"),
    Column("head", "Head"),
    Column("difference", "Head − base"),
    Column("unit", "Unit", numeric=False),
    Column("effect", "d"),
    Column("detectable", "Detects"),
    Column("p", "p"),
    Column("pairs", "Pairs"),
    Column("outcome", "Outcome", numeric=False),
)

_SMALLEST_P = 0.001


def _outcome(found: Difference | SetDifference) -> str:
    return found.outcome if found.level == "pass" else f"{found.level}: {found.outcome}"


def paired_row(comparison: Comparison, difference: Difference) -> Row:
    """Return the row of a score over pairs."""
    result, p = difference.result, difference.p_adjusted
    scores = [run.scores[difference.key] for run in (comparison.base, comparison.head)]
    detectable, effect = result.minimum_detectable, result.effect_size
    cells = (
        Cell(significant(result.base), value=result.base),
        Cell(significant(result.head), value=result.head),
        Cell(
            with_interval(result.difference, result.low, result.high),
            value=result.difference,
            low=result.low,
            high=result.high,
            hover=f"95 % interval {bounds(result.low, result.high)}, {result.method}",
            gate=next(filter(None, map(gate_in_words, scores)), ""),
        ),
        Cell(printable(difference.unit)),
        Cell(DASH if effect is None else f"{effect:.2f}".replace("-", "−"), value=effect),
        Cell(DASH if detectable is None else significant(detectable, 2), value=detectable),
        Cell(DASH if p is None else f"{p:.3f}" if p >= _SMALLEST_P else "<0.001", value=p),
        Cell(str(result.n_pairs), value=float(result.n_pairs)),
        Cell(_outcome(difference), hover="; ".join(difference.reasons)),
    )
    return _titled(difference.key, cells, difference.higher_is_better)


def set_row(found: SetDifference) -> Row:
    """Return the row of a distance between sets."""
    gates = [gate_in_words(score) for score in (found.base, found.head)]
    cells = (
        _set_cell(found.base),
        _set_cell(found.head),
        Cell(significant(found.difference), value=found.difference,
             gate=next(filter(None, gates), "")),
        Cell(printable(found.head.unit)),
        *[Cell(DASH)] * 3,
        Cell("sets"),
        Cell(_outcome(found), hover="; ".join(found.reasons)),
    )  # fmt: skip
    return _titled(found.key, cells, found.head.higher_is_better)


def _set_cell(score: Score) -> Cell:
    assert score.value is not None
    display = with_interval(score.value, score.ci_low, score.ci_high)
    return Cell(display, value=score.value, low=score.ci_low, high=score.ci_high)


def lost_row(comparison: Comparison, lost: LostScore) -> Row:
    """Return the row of a score that the head lost."""
    score = comparison.base.scores[lost.key]
    said = "lost in head" if lost.level == "pass" else f"{lost.level}: lost in head"
    assert score.value is not None
    cells = (
        Cell(significant(score.value), value=score.value),
        Cell(DASH, hover=why_lost(lost), status="failed"),
        Cell(DASH),
        Cell(printable(score.unit)),
        *[Cell(DASH)] * 4,
        Cell(said),
    )
    return _titled(lost.key, cells, score.higher_is_better)


def why_lost(lost: LostScore) -> str:
    """Say why the head has no value."""
    return "the run does not hold it" if lost.head is None else printable(reason(lost.head), 300)


def _titled(key: str, cells: tuple[Cell, ...], better: bool | None) -> Row:
    about = describe(key)
    level = 0 if about.component is None else 1
    return Row(
        key, printable(about.title), cells, group=about.group, level=level, higher_is_better=better
    )
