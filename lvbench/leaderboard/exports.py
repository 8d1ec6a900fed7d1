"""Write a board as data: one line per model and score (CSV), and everything (JSON)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lvbench.leaderboard.board import Section
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.ranks import Rank
from lvbench.printing import csv_text, visible
from lvbench.report.tables.describe import describe, gate_in_words
from lvbench.results.files import canonical_json
from lvbench.results.schema import Score

Model = tuple[Entry, Rank | None, dict[str, str], Mapping[str, str]]

_ABOUT = (
    "protocol", "version", "draft", "id", "videos", "organisation", "model", "revision", "source",
    "open_weights", "bound", "rank_best", "rank_worst", "signature",
)  # fmt: skip
_SCORE = (
    "score", "statistic", "value", "ci_low", "ci_high", "ci_method", "unit", "higher_is_better",
    "n_scored", "n_expected", "status", "code", "not_ranked", "mark", "identity",
    "not_comparable",
)  # fmt: skip


def board_csv(found: Sequence[Section]) -> str:
    """Return one line per model and score, components included; None is an empty field."""
    rows = (
        {**_about(entry, rank), **_score(key, score, marked, other)}
        for section in found
        for entry, rank, marked, other in _models(section)
        for key, score in _ordered(entry)
    )
    return csv_text((*_ABOUT, *_SCORE), rows)


def board_json(found: Sequence[Section]) -> str:
    """Return every section with its models, their scores, curves and marks."""
    content = [
        {
            "heading": section.heading,
            "short": section.table.short,
            "notes": list(section.table.notes),
            "models": [
                {
                    **_about(entry, rank),
                    "url": entry.row.url,
                    "verification": entry.row.verification.model_dump()
                    if entry.row.verification
                    else None,
                    "scores": [_score(key, score, marked, other) for key, score in _ordered(entry)],
                    "curves": {k: c.model_dump() for k, c in entry.row.curves.items()},
                }
                for entry, rank, marked, other in _models(section)
            ],
        }
        for section in found
    ]
    return visible(canonical_json({"schema": 1, "sections": content}, indent=1)) + "\n"


def _models(section: Section) -> list[Model]:
    found = []
    rows = zip(section.entries, section.ranks, section.table.rows, section.others, strict=True)
    for entry, rank, row, other in rows:
        cells = row.cells[1 : 1 + len(section.keys)]
        marked = {key: cell.mark for key, cell in zip(section.keys, cells, strict=True)}
        found.append((entry, rank, marked, other))
    return found


def _ordered(entry: Entry) -> list[tuple[str, Score]]:
    return sorted(entry.record.scores.items(), key=lambda pair: describe(pair[0]).order)


def _about(entry: Entry, rank: Rank | None) -> dict[str, Any]:
    row, protocol = entry.row, entry.record.protocol
    values = (
        protocol.name, protocol.version, row.draft, protocol.hash[:12],
        entry.record.videos["expected"], row.organisation, row.model, row.revision,
        entry.source, row.open_weights, row.baseline,
        rank.best if rank else None, rank.worst if rank else None, entry.record.signature,
    )  # fmt: skip
    return dict(zip(_ABOUT, values, strict=True))


def _score(
    key: str, score: Score, marked: dict[str, str], other: Mapping[str, str]
) -> dict[str, Any]:
    values = (
        key, describe(key).statistic, score.value, score.ci_low, score.ci_high, score.ci_method,
        score.unit, score.higher_is_better, score.n_scored, score.n_expected, score.status,
        score.code, gate_in_words(score), marked.get(key, ""), score.identity,
        other.get(key, ""),
    )  # fmt: skip
    return dict(zip(_SCORE, values, strict=True))
