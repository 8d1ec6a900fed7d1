"""Turn entries into tables: one per set of clips, ranked by intervals, ties grouped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.comparable import other_identities
from lvbench.leaderboard.ranks import Rank, marks, overall, rankable, ties
from lvbench.leaderboard.separation import (
    INTERVALS,
    PAIRED,
    Separation,
    separate,
)
from lvbench.metrics.verdicts import has_passed
from lvbench.protocol.identity import short_signature
from lvbench.report.safe_text import printable
from lvbench.report.tables.describe import describe, failure, gates_in_words, statistics_note
from lvbench.report.tables.rounding import DASH
from lvbench.report.tables.table import (
    Cell,
    Column,
    Row,
    Table,
    denominator,
    is_worse,
    score_cell,
)
from lvbench.results.schema import Score

HOW_RANKED = (
    "A rank is a range. A model is above another if it is significantly better on more scores than "
    "it is worse, directly or through models between them; models in a circle are tied. A model "
    "without a score on which another has one is last there. A line separates groups that do not "
    "overlap. There is no composite score."
)
DYNAMICS = "dynamics"
STILLNESS = (
    "Stillness improves most scores: wins of a model against one that moves more than one and a "
    "half times as much do not count, and against one that moves a little more only where they are "
    "larger than the lack of motion."
)
INTERVAL = (
    "Values have 95 % intervals: ± where both halves are equal to the digits shown, else both "
    "bounds."
)
_LONGEST = 40
Passed = Callable[[str], bool]
BOUNDS = {"lower": "lower bound", "upper": "upper bound", "real": "real video"}


@dataclass(frozen=True, slots=True)
class Section:
    """The models with the same clips and number of videos.

    Attributes:
        heading: Protocol, identity and number of videos.
        table: Models in order of rank, bounds last.
        entries: The same models, in the same order.
        ranks: Their ranks; None where unranked.
        keys: The scores of the table's columns.
        others: For each model, its scores that are not comparable in their column, each with the
            reason.
    """

    heading: str
    table: Table
    entries: tuple[Entry, ...]
    ranks: tuple[Rank | None, ...]
    keys: tuple[str, ...] = ()
    others: tuple[Mapping[str, str], ...] = ()

    @property
    def comparable(self) -> tuple[Entry, ...]:
        """Return the entries without the scores and curves that are not comparable."""
        return tuple(map(_without, self.entries, self.others))


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The marks of one score, and how models were distinguished."""

    marks: list[str]
    separation: Separation


def sections(entries: Sequence[Entry], passed: Passed | None = None) -> list[Section]:
    """Return one section for each set of clips and number of videos; partial runs are only named.

    Rows of a draft have a separate section.

    Args:
        entries: The rows.
        passed: Whether the score of a key may rank; the accepted validation decides if left out.
    """
    complete = [entry for entry in entries if entry.record.status == "complete"]
    partial = [entry for entry in entries if entry.record.status != "complete"]
    questions = sorted({entry.question for entry in entries}, key=lambda q: (q[2], *q))
    return [
        _section(
            [entry for entry in complete if entry.question == question],
            [entry for entry in partial if entry.question == question],
            question,
            passed or has_passed,
        )
        for question in questions
    ]


def _section(
    entries: list[Entry],
    partial: list[Entry],
    question: tuple[str, int, bool],
    passed: Passed,
) -> Section:
    keys = _headlines(entries)
    ranking_keys = [key for key in keys if passed(key)]
    others = other_identities([entry.row for entry in entries])
    own = [_without(entry, other) for entry, other in zip(entries, others, strict=True)]
    rankings = _rankings(ranking_keys, own, others)
    places = overall(
        {key: r.separation.worse for key, r in rankings.items()},
        [any(_ranked_on(entry, key) for key in ranking_keys) for entry in own],
    )
    order = sorted(range(len(entries)), key=lambda i: _place(places[i], entries[i]))
    ranks, ordered = [places[i] for i in order], [entries[i] for i in order]
    rules = _rules(ranks, ordered)
    rows = tuple(
        _row(
            entries[i],
            places[i],
            rule,
            {key: rankings[key].marks[i] if key in rankings else "" for key in keys},
            others[i],
        )
        for i, rule in zip(order, rules, strict=True)
    )
    shown = entries or partial
    protocol = shown[0].record.protocol
    ids = ", ".join(sorted({entry.record.protocol.hash[:12] for entry in shown}))
    draft = " (draft: its numbers may still change)" if question[2] else ""
    heading = f"{protocol.name} version {protocol.version}{draft}, id {ids}, {question[1]} videos"
    columns = (
        Column("rank", "Rank"),
        *(_column(key, entries) for key in keys),
        Column("coverage", "Videos"),
        Column("gates", "Gates", numeric=False),
        Column("source", "Source", numeric=False),
    )
    left_out = tuple(
        f"{entry.name} is left out, its run is partial: {'; '.join(entry.record.reasons)}"
        for entry in partial
    )
    stillness = (STILLNESS,) if DYNAMICS in keys else ()
    ranking = (HOW_RANKED, *stillness, *_tests_in_words(rankings)) if any(ranks) else ()
    ranking = (*ranking, *_not_validated(keys, passed, own))
    notes = (
        (
            statistics_note(keys),
            INTERVAL,
            *ranking,
            *_worse_real_video(keys, own),
            *_not_comparable(others),
            *left_out,
        )
        if rows
        else left_out
    )
    signatures = sorted({short_signature(entry.record) for entry in shown})
    short = "; ".join(printable(one) for one in signatures)
    table = Table(heading, "Model", columns, rows, notes, short=short)
    apart = tuple(others[i] for i in order)
    return Section(heading, table, tuple(ordered), tuple(ranks), tuple(keys), apart)


def takes_part(entry: Entry, score: Score | None) -> bool:
    """Return whether a row is ranked on a score: bounds and models with a failed gate are not.

    A failed gate of one score excludes the model from all ranks: a still picture would rank high
    on the scores without a gate.
    """
    return rankable(score) and not _outside(entry)


def _outside(entry: Entry) -> bool:
    return entry.row.baseline is not None or entry.gate_failed


def _ranked_on(entry: Entry, key: str) -> Score | None:
    """Return the entry's score where it is ranked on it."""
    score = entry.record.scores.get(key)
    return score if takes_part(entry, score) else None


def _rankings(
    keys: Sequence[str], entries: Sequence[Entry], others: Sequence[Mapping[str, str]]
) -> dict[str, _Ranking]:
    scores = {key: [_ranked_on(entry, key) for entry in entries] for key in keys}
    # A score that is not comparable is unknown there, not absent.
    last = {
        key: [not _outside(entry) and key not in other
              for entry, other in zip(entries, others, strict=True)]
        for key in keys
    }  # fmt: skip
    items = [entry.spread.items for entry in entries]
    # Like a gate, the rule on stiller models does not wait for the court.
    dynamics = [_ranked_on(entry, DYNAMICS) for entry in entries]
    return {
        key: _Ranking(marks(scores[key], one.worse), one)
        for key, one in separate(scores, items, last, dynamics).items()
    }


def _tests_in_words(rankings: dict[str, _Ranking]) -> list[str]:
    """Return which scores distinguish models by paired videos and which by intervals."""
    by = {
        method: [describe(k).title for k, r in rankings.items() if method in r.separation.methods]
        for method in (PAIRED, INTERVALS)
    }
    notes = []
    if by[PAIRED]:
        notes.append(
            "Compared by the test of 'lvbench compare' (paired videos, permutation test corrected "
            "over all scores of two models, and a 95 % interval without zero; 5 % for each pair "
            f"of models, without correction over pairs): {', '.join(by[PAIRED])}."
        )
    if by[INTERVALS]:
        notes.append(
            "Compared by intervals, different where they do not overlap: "
            f"{', '.join(by[INTERVALS])}."
        )
    if any(mark for r in rankings.values() for mark in r.marks):
        notes.append("Bold: no model is significantly better; underlined: only models in bold are.")
    return notes


def _not_validated(keys: Sequence[str], passed: Passed, entries: Sequence[Entry]) -> list[str]:
    """Return which scores have a direction and do not rank."""
    found = [
        describe(key).title
        for key in keys
        if not passed(key) and any(_ranked_on(entry, key) for entry in entries)
    ]
    if not found:
        return []
    return [
        f"Not ranked, as validation has not shown that they measure what they claim: "
        f"{', '.join(found)}."
    ]


def _worse_real_video(keys: Sequence[str], entries: Sequence[Entry]) -> list[str]:
    """Return on which scores real video is worse than a model."""
    found = []
    for key in keys:
        models = [score for entry in entries if (score := _ranked_on(entry, key)) is not None]
        real = [
            score for entry in entries
            if entry.row.baseline == "real"
            and (score := entry.record.scores.get(key)) is not None
        ]  # fmt: skip
        count = sum(any(is_worse(one, model) for one in real) for model in models)
        if count:
            found.append(f"{describe(key).title} ({count} of {len(models)} models)")
    return [f"Real video is worse than generated video on: {', '.join(found)}."] if found else []


def _not_comparable(others: Sequence[Mapping[str, str]]) -> list[str]:
    """Return which scores of some rows are not comparable, by reason."""
    found: dict[str, list[str]] = {}
    for key in sorted({key for other in others for key in other}, key=lambda k: describe(k).order):
        if describe(key).component is None:
            reasons = {other[key] for other in others if key in other}
            found.setdefault(", ".join(sorted(reasons)), []).append(describe(key).title)
    return [
        f"Measured differently in some rows ({why}), and ranked only among comparable rows: "
        f"{', '.join(titles)}."
        for why, titles in found.items()
    ]


def _without(entry: Entry, other: Mapping[str, str]) -> Entry:
    """Return an entry without some of its scores, and without their curves."""
    if not other:
        return entry
    scores = {key: score for key, score in entry.record.scores.items() if key not in other}
    curves = {key: curve for key, curve in entry.row.curves.items() if key not in other}
    run = entry.record.model_copy(update={"scores": scores})
    return replace(entry, row=entry.row.model_copy(update={"run": run, "curves": curves}))


def _headlines(entries: list[Entry]) -> list[str]:
    keys = {key for entry in entries for key in entry.record.scores}
    return sorted(
        (key for key in keys if describe(key).component is None), key=lambda k: describe(k).order
    )


def _column(key: str, entries: list[Entry]) -> Column:
    score = next(s for e in entries if (s := e.record.scores.get(key)) is not None)
    return Column(
        key, describe(key).title, unit=score.unit, higher_is_better=score.higher_is_better
    )


def _row(
    entry: Entry, rank: Rank | None, rule: bool, marked: dict[str, str], other: Mapping[str, str]
) -> Row:
    scores = {key: entry.record.scores.get(key) for key in marked}
    cells = (
        _rank_cell(rank, entry),
        *(_score_cell(score, marked[key], other.get(key, "")) for key, score in scores.items()),
        _coverage(entry),
        _gates(scores),
        Cell(entry.source, hover=_verified_by(entry)),
    )
    return Row(entry.key, entry.row.model, cells, rule=rule, detail=entry.detail)


def _verified_by(entry: Entry) -> str:
    by = entry.row.verification
    return "" if by is None else f"by {by.by} on {by.date}, lvbench {by.lvbench}, {by.digest[:12]}"


def _rank_cell(rank: Rank | None, entry: Entry) -> Cell:
    if rank is not None:
        ends = dict.fromkeys((str(rank.best), str(rank.worst)))
        return Cell(DASH.join(ends), value=rank.middle, low=rank.best, high=rank.worst)
    if entry.row.baseline is not None:
        bound = BOUNDS[entry.row.baseline]
        return Cell(bound, hover=f"{bound}, not ranked", status="bound")
    if entry.gate_failed:
        gates = {g.metric: g for s in entry.record.scores.values() for g in s.gates}
        return Cell(DASH, hover=gates_in_words(gates.values()), status="not_ranked")
    why = "not ranked: no score that may rank has an interval"
    return Cell(DASH, hover=why, status="not_ranked")


def _score_cell(score: Score | None, mark: str, other: str) -> Cell:
    if score is None:
        return Cell(DASH, hover="the run does not contain this score", status="unavailable")
    cell, videos = score_cell(score), denominator(score)
    if score.value is None:
        return cell
    part = f" ({videos.display})" if "/" in videos.display else ""
    count = f"{videos.display} video{'s' if score.n_scored != 1 else ''}"
    if other:
        # Without a value, so that it is not sorted among numbers that it is not comparable with.
        return Cell(
            f"{cell.display}{part} ({printable(other, _LONGEST)})",
            hover=f"{cell.hover}; {count}; not ranked with the others: {printable(other)}",
        )
    return replace(cell, display=cell.display + part, hover=f"{cell.hover}; {count}", mark=mark)


def _coverage(entry: Entry) -> Cell:
    videos = entry.record.videos
    scored = videos["expected"] - videos["failed"]
    full = not videos["failed"]
    return Cell(str(scored) if full else f"{scored}/{videos['expected']}", value=float(scored))


def _gates(scores: dict[str, Score | None]) -> Cell:
    gates = {gate.metric: gate for score in scores.values() if score for gate in score.gates}
    failed = [gate for gate in gates.values() if gate.failed]
    if not gates:
        return Cell(DASH, hover="the protocol has no gates")
    if not failed:
        return Cell("pass")
    words = dict.fromkeys(failure(gate).rpartition(",")[0] for gate in failed)
    return Cell(f"fail: {', '.join(words)}", hover=gates_in_words(failed))


def _rules(ranks: Sequence[Rank | None], entries: Sequence[Entry]) -> list[bool]:
    """Return before which rows a new group begins: of ties, of unranked rows, of bounds."""
    bounds = [entry.row.baseline is not None for entry in entries]
    return [
        rule or (i > 0 and bounds[i] != bounds[i - 1]) for i, rule in enumerate(ties(ranks))
    ]  # fmt: skip


def _place(rank: Rank | None, entry: Entry) -> tuple[bool, str, float, float, str]:
    bound = entry.row.baseline or ""
    middle, best = (rank.middle, rank.best) if rank else (float("inf"), float("inf"))
    return bound != "", bound, middle, best, entry.key
