"""What the last accepted validation found for each score, as it ships with lvbench."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from lvbench.errors import LvbenchError
from lvbench.metrics.registry import METRICS
from lvbench.reading import parse_json
from lvbench.results.schema import Record

Status = Literal["passed", "failed", "not tried"]


class Verdict(Record):
    """Whether a score does what its card declares.

    Attributes:
        status: `passed`, `failed` or `not tried`.
        reasons: Why it did not pass, one sentence each.
        version: Version of the metric that was tried; None where none was.
        identity: Digest of the metric's code, parameters and extractors at that time.
    """

    status: Status
    reasons: tuple[str, ...] = ()
    version: int | None = None
    identity: str | None = None


class Verdicts(Record):
    """The verdicts of one validation.

    Attributes:
        sources: Names of the sources on which the scores were tried.
        verdicts: By key of the score.
    """

    sources: tuple[str, ...]
    verdicts: Mapping[str, Verdict]


def verdict_of(score: str) -> Verdict:
    """Return the shipped verdict of a score; that of another version of its metric is none.

    Args:
        score: Key of the score, as `exposure_drift` or `clip_consistency.lowest@mobilenet_v2`.

    Examples:
        >>> from lvbench.metrics.verdicts import verdict_of
        >>> verdict_of("a_metric_of_mine").status
        'not tried'
    """
    found = _shipped().verdicts.get(score)
    if found is None:
        return Verdict(status="not tried", reasons=("no validation has tried it",))
    version = _version(score.partition("@")[0].partition(".")[0])
    if version != found.version:
        why = f"version {found.version} was tried, this is version {version}"
        return Verdict(status="not tried", reasons=(why,))
    return found


def has_passed(score: str) -> bool:
    """Return whether a score passed the shipped validation, so that it ranks."""
    return verdict_of(score).status == "passed"


def _version(metric: str) -> int | None:
    try:
        return METRICS.get(metric).info.version
    except LvbenchError:
        return None


@cache
def _shipped() -> Verdicts:
    file = files("lvbench") / "validity" / "verdicts.json"
    return Verdicts.model_validate(parse_json(file.read_text("utf-8")))
