"""What is done to a source before it is scored: one condition, one clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["untouched", "fault", "cheat", "presentation"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """One way to change a source.

    Attributes:
        kind: `untouched`, `fault`, `cheat` or `presentation`.
        name: Name of the fault, cheat or presentation.
        dose: Dose of a fault, in its unit; 0 for all others.
        base: What is added to the source first, for faults that need it: `subject` adds a
            walking figure. The clip with that alone is the untouched one.
    """

    kind: Kind
    name: str = ""
    dose: float = 0.0
    base: str = ""

    def __str__(self) -> str:
        """Return it in words, as `blur_ramp 2` or `subject: blur_ramp 2`."""
        words = f"{self.name} {self.dose:g}" if self.kind == "fault" else self.name or self.kind
        return f"{self.base}: {words}" if self.base else words

    @property
    def untouched(self) -> Condition:
        """Return the condition that it is compared with."""
        return Condition("untouched", base=self.base)


UNTOUCHED = Condition("untouched")
