"""One number of ours beside the one that another implementation gives on the same input."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A row of docs/parity.md.

    Attributes:
        name: What is compared.
        ours: Our number.
        theirs: The reference's number.
        tolerance: Largest relative difference that passes.
        source: Where the reference's number comes from.
        note: Why a tolerance is wider than 1e-4: a debt.
    """

    name: str
    ours: float
    theirs: float
    tolerance: float
    source: str
    note: str = ""

    @property
    def difference(self) -> float:
        """Return the relative difference; the absolute one where the reference is 0."""
        gap = abs(self.ours - self.theirs)
        return gap / abs(self.theirs) if self.theirs else gap

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance and bool(self.tolerance <= 1e-4 or self.note)
