"""Find the scores of two runs that may be compared: those of equal identity."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from lvbench.engine.aggregation.score_identity import differing_scores
from lvbench.errors import LvbenchError
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import parse_lock
from lvbench.protocol.schema import metric_key
from lvbench.results.run import Run

UNKNOWN = "other identity"


def not_comparable(base: Run, head: Run) -> dict[str, str]:
    """Return the scores of both runs whose identities differ, each with the reason in words.

    The locks decide; where one cannot be read, the identities in run.json.
    """
    if base.record.protocol.hash == head.record.protocol.hash:
        return {}
    both = sorted(base.scores.keys() & head.scores.keys())
    ours, theirs = _identity(base), _identity(head)
    if ours is not None and theirs is not None:
        return differing_scores(ours, theirs, both)
    return {
        key: UNKNOWN
        for key in both
        if base.scores[key].identity is None
        or base.scores[key].identity != head.scores[key].identity
    }


def left_out(reasons: Mapping[str, str], base: Run, head: Run) -> dict[str, str]:
    """Return the scores that have a value in one run and are not lost.

    A score that the head could not compute (weights or an extra missing) is a lost score.
    """
    return {
        key: why
        for key, why in reasons.items()
        if any(run.scores[key].value is not None for run in (base, head))
        and not (base.scores[key].value is not None and head.scores[key].status == "unavailable")
    }


def in_words(reasons: Mapping[str, str]) -> list[str]:
    """Return one line for each reason: the scores, then why they are not compared.

    A component is listed only where its metric's headline has another reason.
    """
    shown = {
        key: why
        for key, why in reasons.items()
        if key == metric_key(key) or reasons.get(metric_key(key)) != why
    }
    return [
        f"{', '.join(key for key, why in shown.items() if why == reason)}: {reason}"
        for reason in dict.fromkeys(shown.values())
    ]


def _identity(run: Run) -> Identity | None:
    """Return the identity in the run's lock; None where it cannot be read."""
    with suppress(LvbenchError, OSError, UnicodeDecodeError):
        text = (run.folder / LOCK_FILE).read_text("utf-8")
        return parse_lock(text, draft=run.record.protocol.draft).identity
    return None
