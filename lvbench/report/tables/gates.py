"""Say why a score is not ranked: what broke a gate, and which videos failed."""

from __future__ import annotations

from collections.abc import Iterable

from lvbench.report.tables.describe import describe
from lvbench.results.schema import Gate, Score


def gate_in_words(score: Score) -> str:
    """Say which gates of a score have failed, or return an empty string."""
    return gates_in_words(score.gates)


def gates_in_words(gates: Iterable[Gate]) -> str:
    """Say which gates have failed, or return an empty string; what several share stands once."""
    reasons = dict.fromkeys(failure(gate) for gate in gates if gate.failed)
    return f"not ranked: {'; '.join(reasons)}" if reasons else ""


def failure(gate: Gate) -> str:
    """Say what a gate has failed of: videos that break it, videos that failed, or both."""
    allowed = f"{100 * gate.limit:.0f} % allowed"
    if gate.share > gate.limit:
        return f"{broken(gate)}, {allowed}"
    if gate.n_failed > gate.limit * (gate.n + gate.n_failed):
        return f"{lost(gate)}, {allowed}"
    return f"{broken(gate)} and {lost(gate)}, {allowed} in all"


def broken(gate: Gate) -> str:
    """Say how many of the judged videos break a gate."""
    title = describe(gate.metric).metric_title.lower()
    return f"{title} in {gate.n_broken} of {gate.n} judged videos"


def lost(gate: Gate) -> str:
    """Say how many videos could not be judged because something failed."""
    return f"{gate.n_failed} of {gate.n + gate.n_failed} videos failed"
