"""Write a comparison as a table, with the notes that explain it."""

from __future__ import annotations

from dataclasses import replace

from lvbench.comparison.compare import Comparison
from lvbench.comparison.identity import in_words
from lvbench.comparison.pairing import ID, PROMPT
from lvbench.comparison.policy import FAILURES, LEVELS, Level
from lvbench.comparison.scores import Difference, LostScore, SetDifference
from lvbench.report.safe_text import names, printable
from lvbench.report.tables.describe import describe, gate_in_words, statistics_note
from lvbench.report.tables.rounding import DASH, bounds, significant, with_interval
from lvbench.report.tables.table import Cell, Column, Row, Table, reason
from lvbench.results.schema import Score

_SHOWN_KEYS = 20
_SMALLEST_P = 0.001
_COLUMNS = (
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
METHOD = (
    "Base and head are the same statistic as the runs report, here over the pairs, and the "
    "difference is head minus base. Its 95 % interval follows it (±, or both bounds where they are "
    "uneven; clustered by prompt: studentised bootstrap for means, percentile bootstrap "
    "for medians). d is the difference over the standard deviation of the paired differences. "
    "Detects: the smallest true difference that this many prompts find with 80 % power, one test "
    "alone at 5 %. p is of a permutation test (signs flipped per prompt: of the differences "
    "for means, of their signed ranks for medians, 1 where these point the other way) and adjusted "
    "for the number of scores tested (Westfall and Young, step-down). A score has "
    "regressed or improved where its interval excludes zero and p < 0.05; boards separate two "
    "models by the same test. Times of onset are censored and are not compared."
)
NO_PAIRS = (
    "A distance between sets has one value per run and no pairs: it has regressed or improved "
    "where the 95 % intervals of both runs do not touch, which is stricter than 5 % and not part "
    "of the correction."
)


def comparison_table(comparison: Comparison, *, worst_first: bool = False) -> Table:
    """Return the differences as a table: grouped as the runs' own, or worst first and ungrouped."""
    scored = [(_urgency(d), _paired_row(comparison, d)) for d in comparison.differences]
    scored += [(_urgency(d), _set_row(d)) for d in comparison.sets]
    scored += [(_urgency(lost), _lost_row(comparison, lost)) for lost in comparison.lost]
    if worst_first:
        rows = [row for _, row in sorted(scored, key=lambda s: (s[1].level, s[0], s[1].key))]
    else:
        rows = [row for _, row in sorted(scored, key=lambda s: describe(s[1].key).order)]
    return Table(heading(comparison), "Score", _COLUMNS, tuple(rows), tuple(notes(comparison)))


def units_in_titles(table: Table, *, without: str = "") -> Table:
    """Return a narrower table: units follow titles, and the column `without` is left out."""
    keys = [column.key for column in table.columns]
    keep = [i for i, key in enumerate(keys) if key not in ("unit", without)]
    rows = [
        replace(
            row,
            title=", ".join(filter(None, [row.title, row.cells[keys.index("unit")].display])),
            cells=tuple(row.cells[i] for i in keep),
        )
        for row in table.rows
    ]
    return replace(table, columns=tuple(table.columns[i] for i in keep), rows=tuple(rows))


def heading(comparison: Comparison) -> str:
    """Return the titles of both runs as a heading."""
    head, base = (printable(run.record.title) for run in (comparison.head, comparison.base))
    return f"{head} against {base}"


def summary(comparison: Comparison) -> str:
    """Return the outcome in one sentence."""
    tested = [d for d in comparison.differences if d.tested]
    worse = [describe(d.key).title for d in comparison.regressions]
    better = [describe(d.key).title for d in comparison.compared if d.outcome == "improvement"]
    few = [d for d in tested if d.outcome == "too few"]
    parts = [
        f"worse: {names(worse)}" if worse else "",
        f"better: {names(better)}" if better else "",
    ]
    text = "; ".join(part for part in parts if part) or "no difference found"
    over = f"over {len(comparison.pairing.pairs)} paired videos, {len(tested)} scores tested"
    if few:
        text += f"; {len(few)} scores have too few pairs for an interval"
    return f"{text[0].upper()}{text[1:]} ({over})."


def verdicts(comparison: Comparison, level: Level) -> list[str]:
    """Return, for one level, a sentence for each finding, worst first."""
    found = [d for d in comparison.compared if d.level == level]
    lines = [_verdict(d) for d in sorted(found, key=_urgency)]
    lines += [
        f"{_title(lost.key)}: the head has no value, {_why_lost(lost)}"
        for lost in comparison.lost
        if lost.level == level
    ]
    if comparison.failures and comparison.failures_level == level:
        count = len(comparison.failures)
        lines.append(f"Failed in head, not in base: {count} videos ({names(comparison.failures)})")
    if comparison.not_compared_level == level != "pass":
        lines += [f"Not compared: {line}" for line in in_words(comparison.not_compared)]
    if comparison.missing_level == level != "pass":
        lines.append(f"The head lacks {len(comparison.pairing.only_base)} videos of the base")
    return lines


def improvements(comparison: Comparison) -> list[str]:
    """Return a sentence for each score that got better."""
    better = [d for d in comparison.compared if d.outcome == "improvement"]
    return [_moved(found) for found in better]


def notes(comparison: Comparison) -> list[str]:
    """Return the notes that explain the table."""
    found = mismatch(comparison)
    if comparison.not_compared_level == "pass":
        found += [f"Not compared: {line}" for line in in_words(comparison.not_compared)]
    pairing = comparison.pairing
    for name, only in (("base", pairing.only_base), ("head", pairing.only_head)):
        if only:
            found.append(f"Only in {name}, left out: {names(only)}")
    for name, run in (("Base", comparison.base), ("Head", comparison.head)):
        if run.record.status == "partial":
            why = "; ".join(printable(reason) for reason in run.record.reasons[:3])
            found.append(f"{name} is a partial run{f': {why}' if why else ''}")
    if comparison.failures and comparison.failures_level == "pass":
        found.append(f"Failed in head, not in base ({FAILURES}): {names(comparison.failures)}")
    keys = [d.key for d in comparison.compared]
    found += [_paired_by(comparison), statistics_note(keys, "the pairs"), METHOD]
    if comparison.sets:
        found.append(NO_PAIRS)
    if any(comparison.head.scores[d.key].measured for d in comparison.differences):
        found.append(
            "Cost was measured while the videos were made: its differences compare models only "
            "where both ran on one machine that did nothing else. Only rules that name it "
            "apply to it."
        )
    return [*found, _rules(comparison)]


def mismatch(comparison: Comparison) -> list[str]:
    """Return the warning that the protocols differ; empty where they are the same."""
    if not comparison.mismatched:
        return []
    return [
        "The protocols differ, so a difference may come from the measurement: "
        + names(comparison.mismatched, _SHOWN_KEYS)
    ]


def _paired_by(comparison: Comparison) -> str:
    text = f"Videos are paired by {comparison.pairing.by}"
    if comparison.pairing.by == PROMPT:
        text += ": the runs share no seed, so each prompt's videos are taken in the order of theirs"
    elif comparison.pairing.by == ID:
        text += ": not every video has a prompt and a seed of its own"
    return f"{text}."


def _rules(comparison: Comparison) -> str:
    fail, warn = (
        names([rule.text for rule in rules], _SHOWN_KEYS) or "nothing"
        for rules in (comparison.policy.fail, comparison.policy.warn)
    )
    return f"Fails on: {fail}. Warns on: {warn}."


def _verdict(found: Difference | SetDifference) -> str:
    return f"{_moved(found)} ({'; '.join(found.reasons)})"


def _moved(found: Difference | SetDifference) -> str:
    """Return a score's title and by how much it moved."""
    if isinstance(found, Difference):
        result, unit = found.result, found.unit
        by = with_interval(result.difference, result.low, result.high)
    else:
        by, unit = significant(found.difference), found.head.unit
    sign = "" if by.startswith("\N{MINUS SIGN}") else "+"
    return f"{_title(found.key)}: {sign}{by}{f' {printable(unit)}' if unit else ''}"


def _urgency(found: Difference | SetDifference | LostScore) -> tuple[int, bool, float]:
    """Sort the worst first: by level, tested before untested, then by how clear it is."""
    level = -LEVELS.index(found.level)
    if not isinstance(found, Difference):
        return level, False, 0.0
    effect = found.result.effect_size or 0.0
    return level, not found.tested, effect if found.higher_is_better else -effect


def _outcome(found: Difference | SetDifference) -> str:
    return found.outcome if found.level == "pass" else f"{found.level}: {found.outcome}"


def _paired_row(comparison: Comparison, difference: Difference) -> Row:
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


def _set_row(found: SetDifference) -> Row:
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


def _lost_row(comparison: Comparison, lost: LostScore) -> Row:
    score = comparison.base.scores[lost.key]
    text = "lost in head" if lost.level == "pass" else f"{lost.level}: lost in head"
    assert score.value is not None
    cells = (
        Cell(significant(score.value), value=score.value),
        Cell(DASH, hover=_why_lost(lost), status="failed"),
        Cell(DASH),
        Cell(printable(score.unit)),
        *[Cell(DASH)] * 4,
        Cell(text),
    )
    return _titled(lost.key, cells, score.higher_is_better)


def _why_lost(lost: LostScore) -> str:
    return "the run has no such score" if lost.head is None else printable(reason(lost.head), 300)


def _titled(key: str, cells: tuple[Cell, ...], better: bool | None) -> Row:
    about = describe(key)
    level = 0 if about.component is None else 1
    return Row(
        key, printable(about.title), cells, group=about.group, level=level, higher_is_better=better
    )


def _title(key: str) -> str:
    """Return the title of a score outside its table."""
    about = describe(key)
    if about.component is None or about.title == about.metric_title:
        return printable(about.title)
    return printable(f"{about.metric_title}, {about.title[:1].lower()}{about.title[1:]}")
