"""Show a score in a unit whose numbers people can read."""

from __future__ import annotations

from lvbench.results.schema import Score

_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def readable(score: Score) -> Score:
    """Return a score of bytes in the largest unit below its value; any other as it is."""
    value = score.value
    if score.unit != "bytes" or value is None:
        return score
    scale, unit = next(((s, u) for s, u in _BYTES if value >= s), (1.0, "bytes"))

    def scaled(number: float | None) -> float | None:
        return None if number is None else number / scale

    return score.model_copy(
        update={
            "value": scaled(value),
            "ci_low": scaled(score.ci_low),
            "ci_high": scaled(score.ci_high),
            "unit": unit,
        }
    )
