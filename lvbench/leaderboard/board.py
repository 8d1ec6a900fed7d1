"""From entries to tables: one per question, ranked by intervals, ties kept together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.ranks import Rank, overall, score_ranks, ties
from lvbench.report.describe import describe
from lvbench.report.rounding import DASH
from lvbench.report.table import Cell, Column, Row, Table, score_cell
from lvbench.results.schema import Score

HOW_RANKED = (
    "A rank is a range: on each score, one place for every model whose whole interval is better. "
    "The range shown is the mean over the scores on which every ranked model can be ranked; a "
    "line separates groups that do not overlap. There is no composite score."
)


@dataclass(frozen=True, slots=True)
class Section:
    """The models that answered the same question.

    Attributes:
        heading: Protocol, identity and number of videos.
        table: Models in order of rank.
        entries: The same models, in the same order.
        ranks: Their ranks; None where unranked.
    """

    heading: str
    table: Table
    entries: tuple[Entry, ...]
    ranks: tuple[Rank | None, ...]


def sections(entries: Sequence[Entry]) -> list[Section]:
    """Return one section for each identity and number of videos; partial runs are only named."""
    complete = [entry for entry in entries if entry.record.status == "complete"]
    partial = [entry for entry in entries if entry.record.status != "complete"]
    questions = sorted({entry.question for entry in entries})
    return [
        _section(
            [entry for entry in complete if entry.question == question],
            [entry for entry in partial if entry.question == question],
            question,
        )
        for question in questions
    ]


def _section(entries: list[Entry], partial: list[Entry], question: tuple[str, int]) -> Section:
    keys = _headlines(entries)
    by_score = {
        key: score_ranks([entry.record.scores.get(key) for entry in entries]) for key in keys
    }
    directed = {key: ranks for key, ranks in by_score.items() if any(ranks)}
    means = overall(directed) if directed else [None] * len(entries)
    order = sorted(range(len(entries)), key=lambda i: _place(means[i], entries[i]))
    ranks = [means[i] for i in order]
    ordered = [entries[i] for i in order]
    rules = ties(ranks)
    rows = tuple(
        _row(entry, rank, rule, keys)
        for entry, rank, rule in zip(ordered, ranks, rules, strict=True)
    )
    protocol = (entries or partial)[0].record.protocol
    draft = " (draft)" if protocol.draft else ""
    heading = (
        f"{protocol.name} version {protocol.version}{draft}, id {question[0][:12]}, "
        f"{question[1]} videos"
    )
    columns = (
        Column("rank", "Rank"),
        *(_column(key, entries) for key in keys),
        Column("coverage", "Videos"),
        Column("source", "Source", numeric=False),
    )
    left_out = tuple(
        f"{_name(entry)} is left out, its run is partial: {'; '.join(entry.record.reasons)}"
        for entry in partial
    )
    table = Table(heading, "Model", columns, rows, (HOW_RANKED, *left_out) if rows else left_out)
    return Section(heading, table, tuple(ordered), tuple(ranks))


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


def _row(entry: Entry, rank: Rank | None, rule: bool, keys: list[str]) -> Row:
    scores = [entry.record.scores.get(key) for key in keys]
    cells = (
        _rank_cell(rank, scores),
        *(_score_cell(score) for score in scores),
        _coverage(entry),
        Cell("verified" if entry.row.verified else "self-reported"),
    )
    return Row(_key(entry), _name(entry), cells, rule=rule)


def _rank_cell(rank: Rank | None, scores: Sequence[Score | None]) -> Cell:
    if rank is None:
        gated = any(gate.failed for score in scores if score for gate in score.gates)
        why = "a gate has failed" if gated else "no score with a direction has an interval"
        return Cell(DASH, hover=f"not ranked: {why}", status="not_ranked")
    ends = dict.fromkeys((f"{rank.best:.2g}", f"{rank.worst:.2g}"))
    display = DASH.join(ends)
    return Cell(display, value=rank.middle, low=rank.best, high=rank.worst)


def _score_cell(score: Score | None) -> Cell:
    if score is None:
        return Cell(DASH, hover="the run does not hold this score", status="unavailable")
    return score_cell(score)


def _coverage(entry: Entry) -> Cell:
    videos = entry.record.videos
    judged = videos["expected"] - videos["failed"]
    full = judged == videos["expected"]
    return Cell(str(judged) if full else f"{judged}/{videos['expected']}", value=float(judged))


def _place(rank: Rank | None, entry: Entry) -> tuple[float, float, str]:
    if rank is None:
        return float("inf"), float("inf"), _key(entry)
    return rank.middle, rank.best, _key(entry)


def _name(entry: Entry) -> str:
    return f"{entry.row.model} ({entry.row.organisation}, {entry.row.revision})"


def _key(entry: Entry) -> str:
    return f"{entry.row.organisation}/{entry.row.model}/{entry.row.revision}".lower()
