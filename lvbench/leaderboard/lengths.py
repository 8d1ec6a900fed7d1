"""Quality at several lengths: of boards that differ in length alone, and of runs that have many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from lvbench.leaderboard.board import Section
from lvbench.leaderboard.collect import Entry
from lvbench.report.tables.describe import describe
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import statistic_interval

Timed = tuple[float, Entry, Mapping[str, Score]]

_RESAMPLES = 500
_NAME = re.compile(r"^lvb-(\d+)s$")


def seconds_of(protocol: str) -> float | None:
    """Return the length that a protocol's name states; None where it is not of the family."""
    match = _NAME.match(protocol)
    return float(match[1]) if match else None


def by_length(found: Mapping[str, Sequence[Section]]) -> list[Timed]:
    """Return the rows of lvb-30s, lvb-60s and lvb-180s, newest versions, with seconds."""
    timed: list[Timed] = []
    for protocol, sections in found.items():
        seconds = seconds_of(protocol)
        entries = [e for section in sections for e in section.comparable]
        if seconds is None or not entries:
            continue
        newest = max(entry.record.protocol.version for entry in entries)
        timed += [
            (seconds, entry, entry.record.scores)
            for entry in entries
            if entry.record.protocol.version == newest
        ]
    return timed


def split_by_length(entries: Iterable[Entry]) -> list[Timed]:
    """Return the rows whose videos have several lengths, with their scores at each."""
    return [
        (seconds, entry, _scores(entry, values))
        for entry in entries
        for seconds, values in sorted(entry.spread.by_length.items())
    ]


def _scores(entry: Entry, values: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, Score]:
    found = {}
    for metric, own in values.items():
        whole = entry.record.scores.get(metric)
        if whole is None or whole.higher_is_better is None:
            continue
        statistic = describe(metric).statistic
        if statistic not in ("mean", "median", "median_absolute"):
            continue
        interval = statistic_interval(
            [value for _, value in own],
            [cluster for cluster, _ in own],
            statistic,
            resamples=_RESAMPLES,
        )
        found[metric] = whole.model_copy(
            update={
                "value": interval.value,
                "ci_low": interval.low,
                "ci_high": interval.high,
                "n_scored": len(own),
                "n_expected": len(own),
                "n_failed": 0,
            }
        )
    return found
