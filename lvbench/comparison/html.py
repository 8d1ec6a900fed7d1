"""Write a comparison as a page: forest plot, table, and the videos that changed most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lvbench.comparison.compare import Comparison, Difference, value_of
from lvbench.comparison.policy import HEADLINES, Level, Policy
from lvbench.comparison.record import comparison_record
from lvbench.comparison.table import comparison_table, heading, summary, verdicts
from lvbench.protocol.identity import signature_line
from lvbench.report.page.assets import render_page
from lvbench.report.page.filmstrip import CAP_BYTES, Filmstrip, filmstrips
from lvbench.report.safe_text import printable
from lvbench.report.tables.describe import describe
from lvbench.report.tables.rounding import DASH, significant
from lvbench.results.files import write_atomic
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord

MOST_CHANGED = 6
_HALF_WIDTH = 500.0


@dataclass(frozen=True, slots=True)
class Whisker:
    """One score in the forest plot, in units of the drawing; 500 is no difference.

    Attributes:
        bounds: Margins of the rules, each with its level.
    """

    title: str
    better: bool | None
    point: float
    low: float
    high: float
    has_interval: bool
    outcome: str
    display: str
    bounds: tuple[tuple[Level, float], ...]


@dataclass(frozen=True, slots=True)
class ChangedPair:
    """One pair of videos: how much worse the head is, and both filmstrips."""

    name: str
    largest_change: str
    base: Filmstrip | None
    head: Filmstrip | None


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """Write the comparison as one self-contained page and return its path."""
    write_atomic(path, comparison_page(comparison))
    return path


def comparison_page(comparison: Comparison) -> str:
    """Return the comparison as one self-contained page."""
    return render_page(
        "compare.html.j2",
        data=comparison_record(comparison),
        title=heading(comparison),
        summary=summary(comparison),
        findings=[
            (level, line) for level in ("fail", "warn") for line in verdicts(comparison, level)
        ],
        level=comparison.level,
        mismatched=comparison.mismatched,
        protocol=comparison.head.record.protocol,
        signatures={
            "base": signature_line(comparison.base.record),
            "head": signature_line(comparison.head.record),
        },
        whiskers=forest(comparison),
        not_drawn=not_drawn(comparison),
        changes=most_changed(comparison),
        table=comparison_table(comparison),
    )


def forest(comparison: Comparison) -> list[Whisker]:
    """Return the tested scores by effect, worst first, on one scale.

    The scale is the standard deviation of the paired differences, turned so that right is better.
    """
    scaled = []
    for difference in comparison.differences:
        effect = difference.result.effect_size
        if difference.tested and effect is not None:
            sign = 1.0 if difference.higher_is_better else -1.0
            scaled.append((sign * effect, sign, difference))
    reach = max([1.0, *(abs(v) for _, s, d in scaled for v in _ends(d, s))])
    return [
        _whisker(effect, sign, difference, reach, _bounds(difference, comparison.policy))
        for effect, sign, difference in sorted(scaled, key=lambda s: (s[0], s[2].key))
    ]


def not_drawn(comparison: Comparison) -> list[str]:
    """Return the tested scores whose differences do not spread, and so have no place on the scale.

    All their pairs differ by the same amount, which the table shows.
    """
    return [
        f"{describe(d.key).title} ({d.outcome})"
        for d in comparison.differences
        if d.tested and d.result.effect_size is None
    ]


def most_changed(comparison: Comparison) -> list[ChangedPair]:
    """Return the pairs that changed most over the tested scores, each with its largest change."""
    tested = [d for d in comparison.differences if d.tested]
    sizes = []
    for one, other in comparison.pairing.pairs:
        moved = [
            (change, d)
            for d in tested
            if (change := _standardised(one, other, d)) is not None and change != 0
        ]
        if moved:
            total = sum(abs(change) for change, _ in moved) / len(tested)
            sizes.append((total, one, other, max(moved, key=lambda m: abs(m[0]))))
    chosen = sorted(sizes, key=lambda s: (-s[0], s[1].video.id))[:MOST_CHANGED]
    cap = CAP_BYTES // 2
    strips = [
        _strips(comparison.base, [one for _, one, _, _ in chosen], cap),
        _strips(comparison.head, [other for _, _, other, _ in chosen], cap),
    ]
    return [
        ChangedPair(
            name=printable(one.video.id),
            largest_change=_largest_change(one, other, difference),
            base=strips[0].get(one.video.id),
            head=strips[1].get(other.video.id),
        )
        for _, one, other, (_, difference) in chosen
    ]


def _strips(run: Run, items: list[ItemRecord], cap: int) -> dict[str, Filmstrip]:
    return filmstrips(run.folder, [item.video for item in items], cap).by_video


def _ends(difference: Difference, sign: float) -> list[float]:
    """Return point and interval in standard deviations of the paired differences."""
    result = difference.result
    if result.spread is None:
        return [0.0]
    ends = (result.difference, result.low, result.high)
    return [sign * end / result.spread for end in ends if end is not None]


def _bounds(difference: Difference, policy: Policy) -> list[tuple[Level, float]]:
    """Return the margins of the rules over a score, in standard deviations; negative is worse."""
    result = difference.result
    found: list[tuple[Level, float]] = []
    if result.low is None or result.high is None or result.spread is None:
        return found
    for level, rules in policy.levels():
        for rule in rules:
            if rule.margin is not None and rule.score in (difference.key, HEADLINES):
                unit = (result.high - result.low) / 2 if rule.in_intervals else 1.0
                found.append((level, -rule.margin * unit / result.spread))
    return found


def _whisker(
    effect: float,
    sign: float,
    difference: Difference,
    reach: float,
    bounds: list[tuple[Level, float]],
) -> Whisker:
    def at(value: float) -> float:
        return round(_HALF_WIDTH + _HALF_WIDTH * 0.95 * value / reach, 1)

    ends = [at(end) for end in _ends(difference, sign)]
    return Whisker(
        title=describe(difference.key).title,
        better=difference.higher_is_better,
        point=at(effect),
        low=min(ends),
        high=max(ends),
        has_interval=difference.result.low is not None,
        outcome=difference.outcome,
        display=f"{effect:+.2f} standard deviations",
        bounds=tuple((level, at(bound)) for level, bound in bounds if abs(bound) <= reach),
    )


def _standardised(one: ItemRecord, other: ItemRecord, difference: Difference) -> float | None:
    before, after = value_of(one, difference.key), value_of(other, difference.key)
    spread = difference.result.spread
    if before is None or after is None or spread is None:
        return None
    return (after - before) / spread


def _largest_change(one: ItemRecord, other: ItemRecord, difference: Difference) -> str:
    ends = [value_of(item, difference.key) for item in (one, other)]
    before, after = (DASH if value is None else significant(value) for value in ends)
    unit = f" {difference.unit}" if difference.unit else ""
    return f"most in {describe(difference.key).title}: {before} to {after}{unit}"
