"""Are the aggregates of a run those that its item records give?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lvbench.engine.aggregation.recompute import (
    counts,
    expected_videos,
    recompute_signature,
    too_few,
    unavailable_headlines,
)
from lvbench.protocol.locked import Locked
from lvbench.results.schema import ItemRecord, RunRecord, Score
from lvbench.verify.finding import RunFinding

ACROSS_MACHINES = 1e-9
"""Largest relative difference of an aggregate between machines.

Sums of float64 in another order, and other builds of LAPACK, move the last bits alone.
"""

_RUN = "run.json"


def check_scores(
    stated: Mapping[str, Score],
    recomputed: Mapping[str, Score],
    left_out: Sequence[str],
    tolerances: Mapping[str, float] | None = None,
    prose: Sequence[str] = (),
) -> Iterator[RunFinding]:
    """Yield where scores are not those that the items give.

    Args:
        stated: The scores in run.json.
        recomputed: Those from the items.
        left_out: Keys of scores that could not be recomputed.
        tolerances: Relative difference that a score's numbers may have; 0 where it says nothing.
        prose: Keys of scores whose `detail` may differ: it names the real set's folder.
    """
    for key in sorted(stated.keys() | recomputed.keys()):
        if key in left_out:
            continue
        if key not in recomputed:
            yield from _without_items(key, stated[key])
        elif key not in stated:
            value = recomputed[key].value
            yield RunFinding("score_missing", _RUN, f"scores.{key}", None, value)
        else:
            tolerance = (tolerances or {}).get(key, 0.0)
            silent = {"detail"} if key in prose else set()
            yield from _differing(key, stated[key], recomputed[key], tolerance, silent)


def check_header(
    record: RunRecord, locked: Locked, items: Sequence[ItemRecord]
) -> Iterator[RunFinding]:
    """Yield where status, reasons, counts or signature are not those that the items give."""
    found = counts(items)
    if record.videos != found:
        for key in sorted(record.videos.keys() | found.keys()):
            if record.videos.get(key) != found.get(key):
                cell = f"videos.{key}"
                yield RunFinding(
                    "counts_differ", _RUN, cell, record.videos.get(key), found.get(key)
                )
    yield from _reasons(record, len(items), locked.protocol.clips.minimum)
    made = record.environment
    wanted = None if record.reasons else recompute_signature(locked, len(items), made)
    if record.signature != wanted:
        yield RunFinding("signature_differs", _RUN, "signature", record.signature, wanted)


def check_identities(items: Sequence[ItemRecord], locked: Locked) -> Iterator[RunFinding]:
    """Yield the items that were judged by something else than the lock says."""
    computed = locked.identity.hash
    for item in items:
        if item.identity != computed:
            where = f"items/{item.video.id}"
            yield RunFinding("identity_differs", where, "identity", item.identity, computed)


def _reasons(record: RunRecord, items: int, minimum: int) -> Iterator[RunFinding]:
    """Yield where a run is said to be whole and is not, or the other way round."""
    if (record.status == "partial") != bool(record.reasons):
        yield RunFinding(
            "status_differs", _RUN, "status", record.status, detail=str(record.reasons)
        )
    wanted = too_few(items, expected_videos(record) or items, minimum)
    wanted += unavailable_headlines(record.scores)
    if record.reasons != wanted:
        yield RunFinding("status_differs", _RUN, "reasons", record.reasons, wanted)


def _without_items(key: str, score: Score) -> Iterator[RunFinding]:
    """Yield a score that no item stands behind and that still says something."""
    told = score.n_expected or score.n_scored or score.n_failed or score.ci_low or score.ci_high
    if score.status != "unavailable" or told:
        yield RunFinding(
            "score_unfounded", _RUN, f"scores.{key}", score.value, detail="no item has this metric"
        )


def _differing(
    key: str, stated: Score, found: Score, tolerance: float, silent: set[str]
) -> Iterator[RunFinding]:
    ours, theirs = stated.model_dump(exclude=silent), found.model_dump(exclude=silent)
    for part in sorted(ours.keys() | theirs.keys()):
        if part == "gates":
            yield from _gates(key, stated, found, tolerance)
            continue
        one, other = ours.get(part), theirs.get(part)
        difference = _difference(one, other)
        if one == other or (difference is not None and difference <= tolerance):
            continue
        cell = f"scores.{key}.{part}"
        yield RunFinding("score_differs", _RUN, cell, one, other, difference, tolerance or None)


def _gates(key: str, stated: Score, found: Score, tolerance: float) -> Iterator[RunFinding]:
    ours = {gate.metric: gate for gate in stated.gates}
    theirs = {gate.metric: gate for gate in found.gates}
    for name in sorted(ours.keys() | theirs.keys()):
        for part in ("share", "limit", "n", "n_failed"):
            one, other = getattr(ours.get(name), part, None), getattr(theirs.get(name), part, None)
            if one != other:
                cell = f"scores.{key}.gates.{name}.{part}"
                apart = _difference(one, other)
                yield RunFinding("gate_differs", _RUN, cell, one, other, apart, tolerance or None)


def _difference(one: Any, other: Any) -> float | None:
    """Return the relative difference of two numbers; None for what is none."""
    if not (isinstance(one, float) and isinstance(other, float)):
        return None
    largest = max(abs(one), abs(other))
    return abs(one / largest - other / largest) if largest else 0.0
