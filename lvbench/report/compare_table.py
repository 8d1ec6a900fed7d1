"""Tell a comparison as a table and as Markdown."""

from __future__ import annotations

from typing import Any

from lvbench.report.compare import Comparison, Difference
from lvbench.report.describe import describe
from lvbench.report.rounding import DASH, bounds, significant, with_interval
from lvbench.report.table import Cell, Column, Row, Table, gate_in_words
from lvbench.report.table_markdown import escape, markdown
from lvbench.results.schema import Score

_SHOWN_UNPAIRED = 10


def comparison_table(comparison: Comparison) -> Table:
    """Return the paired differences as a table, grouped as the runs' own."""
    columns = (
        Column("base", "Base"),
        Column("head", "Head"),
        Column("difference", "Head − base"),
        Column("unit", "Unit", numeric=False),
        Column("p", "p (Holm)"),
        Column("pairs", "Pairs"),
        Column("outcome", "Outcome", numeric=False),
    )
    rows = tuple(_row(comparison, d) for d in comparison.differences)
    return Table(heading(comparison), "Score", columns, rows, tuple(notes(comparison)))


def heading(comparison: Comparison) -> str:
    """Return what is compared with what."""
    return f"{comparison.head.record.title} against {comparison.base.record.title}"


def summary(comparison: Comparison) -> str:
    """Return the outcome in one sentence."""
    tested = [d for d in comparison.differences if d.p_adjusted is not None]
    worse = [describe(d.key).title for d in comparison.regressions]
    better = [describe(d.key).title for d in tested if d.outcome == "improvement"]
    few = [d for d in tested if d.outcome == "too few"]
    parts = [
        f"worse: {', '.join(worse)}" if worse else "",
        f"better: {', '.join(better)}" if better else "",
    ]
    said = "; ".join(part for part in parts if part) or "no difference found"
    over = f"over {len(comparison.pairing.pairs)} paired videos, {len(tested)} scores tested"
    if few:
        said += f"; {len(few)} scores have too few pairs for an interval"
    return f"{said[0].upper()}{said[1:]} ({over})."


def notes(comparison: Comparison) -> list[str]:
    """Return what must be known to read the table."""
    found = []
    if comparison.mismatched:
        found.append(
            "The protocols differ, so a difference may come from the measurement: "
            + ", ".join(comparison.mismatched)
        )
    pairing = comparison.pairing
    for name, only in (("base", pairing.only_base), ("head", pairing.only_head)):
        if only:
            shown = ", ".join(only[:_SHOWN_UNPAIRED])
            more = f" and {len(only) - _SHOWN_UNPAIRED} more" if len(only) > _SHOWN_UNPAIRED else ""
            found.append(f"Only in {name}, left out: {shown}{more}")
    found.append(
        f"Videos are paired by {pairing.by}; means are over the pairs. A score has regressed or "
        "improved where its 95 % interval excludes zero and p < 0.05 after Holm's correction. "
        "Times of onset are censored and are not compared."
    )
    if any(
        d.p_adjusted is not None and comparison.head.scores[d.key].measured
        for d in comparison.differences
    ):
        found.append(
            "Cost was measured while the videos were made: its differences tell models apart only "
            "where both ran on one machine."
        )
    found += [
        f"{describe(key).title} compares sets, so it has no pairs and is not tested: "
        f"{_stated(comparison.base.scores[key])} in base, "
        f"{_stated(comparison.head.scores[key])} in head."
        for key in set_scores(comparison)
        if describe(key).component is None
    ]
    return found


def set_scores(comparison: Comparison) -> list[str]:
    """Return the keys of the distances between sets that both runs have a value of."""
    shared = comparison.base.scores.keys() & comparison.head.scores.keys()
    return [
        key
        for key in sorted(shared, key=lambda key: describe(key).order)
        if describe(key).of_sets
        and comparison.base.scores[key].value is not None
        and comparison.head.scores[key].value is not None
    ]


def _stated(score: Score) -> str:
    assert score.value is not None
    return with_interval(score.value, score.ci_low, score.ci_high)


def comparison_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    title = f"## {escape(heading(comparison))}"
    return f"{title}\n\n{escape(summary(comparison))}\n\n{markdown(comparison_table(comparison))}"


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain JSON."""
    return {
        "base": str(comparison.base.folder),
        "head": str(comparison.head.folder),
        "mismatched": list(comparison.mismatched),
        "paired_by": comparison.pairing.by,
        "pairs": len(comparison.pairing.pairs),
        "only_base": list(comparison.pairing.only_base),
        "only_head": list(comparison.pairing.only_head),
        "regressed": bool(comparison.regressions),
        "sets": {
            key: {
                name: {"value": s.value, "low": s.ci_low, "high": s.ci_high}
                for name, run in (("base", comparison.base), ("head", comparison.head))
                if (s := run.scores[key])
            }
            for key in set_scores(comparison)
        },
        "differences": {
            d.key: {
                "base": d.base,
                "head": d.head,
                "difference": d.result.mean_difference,
                "low": d.result.low,
                "high": d.result.high,
                "method": d.result.method,
                "p_value": d.result.p_value,
                "p_adjusted": d.p_adjusted,
                "n_pairs": d.result.n_pairs,
                "effect_size": d.result.effect_size,
                "minimum_detectable": d.result.minimum_detectable,
                "outcome": d.outcome,
            }
            for d in comparison.differences
        },
    }


def _row(comparison: Comparison, difference: Difference) -> Row:
    about, result = describe(difference.key), difference.result
    gates = [
        said
        for run in (comparison.base, comparison.head)
        if (said := gate_in_words(run.scores[difference.key]))
    ]
    detectable = result.minimum_detectable
    hover = f"95 % interval {bounds(result.low, result.high)}, {result.method}" + (
        f"; smallest difference to be found with 80 % power: {significant(detectable)}"
        if detectable is not None
        else ""
    )
    p = difference.p_adjusted
    cells = (
        Cell(significant(difference.base), value=difference.base),
        Cell(significant(difference.head), value=difference.head),
        Cell(
            with_interval(result.mean_difference, result.low, result.high),
            value=result.mean_difference,
            low=result.low,
            high=result.high,
            hover=hover,
            gate=gates[0] if gates else "",
        ),
        Cell(difference.unit),
        Cell(DASH if p is None else f"{p:.3f}", value=p),
        Cell(str(result.n_pairs), value=float(result.n_pairs)),
        Cell(difference.outcome),
    )
    return Row(
        difference.key,
        about.title,
        cells,
        group=about.group,
        level=0 if about.component is None else 1,
        higher_is_better=difference.higher_is_better,
    )
