"""What cosines between embeddings of people mean, by extractor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Two cosines of an extractor's embeddings; where they come from: card of identity_drift.

    Attributes:
        same: From here on two embeddings are of one person.
        baseline: The median of people who have nothing to do with each other.
    """

    same: float
    baseline: float


SCALES = {
    "mobilefacenet": Scale(same=0.336, baseline=0.04),
    "sface": Scale(same=0.363, baseline=0.0),
}
