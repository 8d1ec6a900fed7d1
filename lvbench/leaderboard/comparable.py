"""Decide which rows of a board share clips, and which of their scores share a column."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from lvbench.engine.aggregation.score_identity import ScoreIdentities, reason
from lvbench.leaderboard.schema import Row
from lvbench.protocol.identity import Identity
from lvbench.results.files import canonical_json
from lvbench.results.schema import Score

UNKNOWN = "other identity"


class RowIdentities:
    """Identities of a row: of its clips, and of each of its scores.

    Args:
        row: The row.
    """

    def __init__(self, row: Row) -> None:
        self._row = row

    @property
    def clips(self) -> str:
        """Return the hash of the requested clips, which rows of one table share.

        It covers the protocol's name, version and prompts; for a row without a lock it is the
        hash of the run's protocol.
        """
        protocol, lock = self._row.run.protocol, self._row.lock.get("protocol")
        if not isinstance(lock, dict):
            return protocol.hash
        requested = [protocol.name, protocol.version, lock.get("prompts")]
        return hashlib.sha256(canonical_json(requested).encode()).hexdigest()

    def of(self, key: str, score: Score) -> str:
        """Return the identity of a score: from run.json, else from the lock."""
        if score.identity is not None:
            return score.identity
        return self._row.run.protocol.hash if self.scores is None else self.scores.short(key)

    @cached_property
    def scores(self) -> ScoreIdentities | None:
        """Return the identities that the row's lock gives; None where it has none."""
        lock = self._row.lock
        parts = [lock.get(name) for name in ("protocol", "metrics", "extractors")]
        if not all(isinstance(part, dict) for part in parts):
            return None
        protocol, metrics, extractors = (part or {} for part in parts)
        return ScoreIdentities(
            Identity(protocol, metrics, extractors, str(lock.get("decoder")), lock.get("real"))
        )


def other_identities(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return for each row the scores that are not comparable in their column, with the reason.

    A column has the identity of most rows; of equally frequent ones, the first.
    """
    known = [RowIdentities(row) for row in rows]
    found: list[dict[str, str]] = [{} for _ in rows]
    for key in sorted({key for row in rows for key in row.run.scores}):
        own = {
            i: known[i].of(key, score)
            for i, row in enumerate(rows)
            if (score := row.run.scores.get(key)) is not None and score.value is not None
        }
        counted = Counter(own.values())
        if len(counted) < 2:
            continue
        common = counted.most_common(1)[0][0]
        first = next(i for i, identity in own.items() if identity == common)
        for i, identity in own.items():
            if identity != common:
                found[i][key] = _why(known[first].scores, known[i].scores, key)
    return found


def _why(one: ScoreIdentities | None, other: ScoreIdentities | None, key: str) -> str:
    if one is None or other is None:
        return UNKNOWN
    return reason(one.content(key), other.content(key)) or UNKNOWN
