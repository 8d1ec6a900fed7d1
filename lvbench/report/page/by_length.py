"""The table of quality headlines at each length that a protocol requests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lvbench.protocol.identity import short_signature
from lvbench.protocol.schema import PromptEntry
from lvbench.report.page.method import read_lock
from lvbench.report.safe_text import printable
from lvbench.report.tables.describe import COST, describe, gate_in_words, statistics_note
from lvbench.report.tables.headlines import Headline, headlines
from lvbench.report.tables.rounding import DASH, significant
from lvbench.report.tables.table import Cell, Column, Row, Table
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord
from lvbench.stats.bootstrap import canonical, point, sized

_NOTE = (
    "In brackets: videos with a value, where not all have one. All lengths use the same prompts."
)
_BY_SIZE = "Of a drift the absolute value counts."


def length_table(run: Run) -> Table | None:
    """Return each headline by length, by its own statistic, and the generation time last.

    None unless the protocol requests several lengths: videos of different lengths then differ in
    more than length.
    """
    requested = read_lock(run).get("protocol", {}).get("prompts")
    lengths = PromptEntry.model_validate(requested).lengths if requested else ()
    if len(lengths) < 2:
        return None
    groups = _by_length(run.items, lengths)
    shown = headlines(run)
    rows = [_row(run, headline, groups) for headline in [*shown, *_cost(run)]]
    return Table(
        f"{run.record.title}, by length",
        "Score",
        tuple(
            Column(f"{length:g}", f"{length:g} s, {len(items)} video{'s' * (len(items) != 1)}")
            for length, items in zip(lengths, groups, strict=True)
        ),
        tuple(row for row in rows if any(cell.value is not None for cell in row.cells)),
        notes=(statistics_note((h.key for h in shown), "the videos of one length"), _NOTE)
        + ((_BY_SIZE,) if any(headline.by_size for headline in shown) else ()),
        short=printable(short_signature(run.record)),
    )


def _cost(run: Run) -> list[Headline]:
    score = run.scores.get(COST)
    return [] if score is None else [Headline(COST, score.unit, False, False)]


def _by_length(items: Sequence[ItemRecord], lengths: Sequence[float]) -> list[list[ItemRecord]]:
    """Return the videos nearest to each requested length: chunks limit the lengths of a model."""
    groups: list[list[ItemRecord]] = [[] for _ in lengths]
    for item in items:
        if item.video.duration:
            ratios = np.abs(np.log(np.asarray(lengths) / item.video.duration))
            groups[int(np.argmin(ratios))].append(item)
    return groups


def _row(run: Run, headline: Headline, groups: Sequence[Sequence[ItemRecord]]) -> Row:
    about, gate = describe(headline.key), gate_in_words(run.scores[headline.key])
    unit = f" ({headline.unit})" if headline.unit else ""
    return Row(
        headline.key,
        about.title + unit,
        tuple(_cell(headline, items, gate) for items in groups),
        group=about.group,
        higher_is_better=headline.higher_is_better,
    )


def _cell(headline: Headline, items: Sequence[ItemRecord], gate: str) -> Cell:
    values = [value for item in items if (value := headline.value(item)) is not None]
    if not values:
        return Cell(DASH, status="not_applicable")
    statistic = describe(headline.key).statistic
    assert statistic in ("mean", "median", "median_absolute")
    value = point(canonical(sized(values, statistic), None), statistic)
    low, high = np.quantile(values, [0.25, 0.75])
    few = "" if len(values) == len(items) else f" ({len(values)})"
    return Cell(
        significant(value) + few,
        value=value,
        hover=f"{len(values)} of {len(items)} videos, middle half {low:.4g} to {high:.4g}",
        gate=gate,
    )
