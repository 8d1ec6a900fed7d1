"""What a score does under faults and presentations: pure functions of a table of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.validity.condition import Condition
from lvbench.validity.declarations import Sign

FOUND_AT = 0.95
_HIDDEN = 0.1  # of the change by the middle dose
_FEWEST_FOUND = 2  # doses that an order needs, next to the untouched clip
_SIGN = {"rises": 1.0, "falls": -1.0, "grows": 1.0}


@dataclass(frozen=True, slots=True)
class Case:
    """One score under a condition, and without it.

    Attributes:
        value: The score; None where it has no value.
        base: The score of the untouched clip; None where it has no value.
    """

    value: float | None
    base: float | None

    @property
    def change(self) -> float | None:
        """Return the difference; None where either has no value."""
        return None if self.value is None or self.base is None else self.value - self.base


Cases = Mapping[Condition, Case]
"""One score on one source, by condition without its base; absent where not tried."""
Sources = Mapping[str, Cases]


def spearman(doses: Sequence[float], values: Sequence[float]) -> float:
    """Return Spearman's rank correlation, tied values with their mean rank; 0 if all are tied.

    Examples:
        >>> from lvbench.validity.measures import spearman
        >>> spearman([0, 1, 2, 3], [0.1, 0.2, 0.4, 0.8])
        1.0
        >>> round(spearman([0, 1, 2, 3], [0.0, 0.0, 0.4, 0.8]), 3)
        0.949
    """
    from scipy.stats import rankdata

    x, y = (rankdata(numbers) for numbers in (doses, values))
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return round(float(x @ y) / scale, 9) if scale > 0 else 0.0


def doses_of(cases: Cases, fault: str) -> list[float]:
    """Return the doses of a fault that were tried on a source, increasing."""
    return sorted(c.dose for c in cases if c.kind == "fault" and c.name == fault)


def middle_dose(doses: Sequence[float]) -> float:
    """Return the middle one of increasing doses; the lower of two."""
    return doses[(len(doses) - 1) // 2]


def at_dose(cases: Cases, fault: str, dose: float) -> Case:
    """Return the case of a fault at a dose that was tried."""
    return cases[Condition("fault", fault, dose)]


def correlation(
    cases: Cases, fault: str, sign: Sign, threshold: float | None = None
) -> float | None:
    """Return Spearman's correlation of dose and score, positive where it has the declared sign.

    Dose 0 is the untouched clip. `grows` reads the absolute value. A score that loses its value
    at a dose has 0: its reaction is lost. Doses below the smallest one that is found are left out
    where two doses or more are left and each changes the score by no more than the threshold, and
    by less than a tenth of what the middle dose does: changes of that size are no order.

    Args:
        cases: The score on one source.
        fault: The fault.
        sign: Declared sign.
        threshold: Change that presentations make (`noise`); None counts every dose.

    Returns:
        -1 to 1; None where the score does not apply to the source or the fault was not tried.
    """
    doses = doses_of(cases, fault)
    found = [at_dose(cases, fault, dose) for dose in doses]
    if not found or found[0].base is None:
        return None
    values = [value for value in (found[0].base, *(c.value for c in found)) if value is not None]
    if len(values) <= len(found):
        return 0.0
    read = [abs(value) for value in values] if sign == "grows" else values
    hidden = 0
    if threshold is not None:
        middle = abs(read[1 + doses.index(middle_dose(doses))] - read[0])
        changes = [abs(value - read[0]) for value in read[1:]]
        small = [change <= threshold and change < _HIDDEN * middle for change in changes]
        hidden = small.index(False) if False in small else len(small)
    if len(doses) - hidden < _FEWEST_FOUND:
        hidden = 0
    return spearman([0.0, *doses[hidden:]], [read[0], *read[1 + hidden :]]) * _SIGN[sign]


def moved(case: Case, sign: Sign) -> float | None:
    """Return the change, positive where it has the declared sign."""
    if case.value is None or case.base is None:
        return None
    if sign == "grows":
        return abs(case.value) - abs(case.base)
    return (case.value - case.base) * _SIGN[sign]


def against_own_drift(cases: Cases, fault: str, sign: Sign, usual: Mapping[float, float]) -> bool:
    """Return whether a clip drifts against a ramp, so that the score must fall before it rises.

    Of a drift of size b and a ramp of size r the other way about |b - r| is left, which is less
    than b until r is twice b. True where some dose lowers the score, each such dose usually moves
    it by less than twice the score of the untouched clip, and the score falls with each dose up to
    its lowest value and rises with each dose from there.

    Args:
        cases: The score on one source.
        fault: A ramp.
        sign: Declared sign, of a score that is 0 where nothing drifts.
        usual: By dose, the change on the median source.
    """
    doses = doses_of(cases, fault)
    found = [at_dose(cases, fault, dose) for dose in doses]
    moves = [by for case in found if (by := moved(case, sign)) is not None]
    base = found[0].base if found else None
    if base is None or len(moves) < len(found):
        return False
    lowest = int(np.argmin([0.0, *moves]))
    steps = np.diff([0.0, *moves])
    valley = lowest > 0 and (steps[:lowest] < 0).all() and (steps[lowest:] > 0).all()
    lowering = [dose for dose, by in zip(doses, moves, strict=True) if by < 0]
    return bool(valley) and all(usual[dose] < 2 * abs(base) for dose in lowering)


def usual_changes(sources: Sources, fault: str) -> dict[float, float]:
    """Return by dose the median over sources of the absolute change that a fault makes."""
    found: dict[float, list[float]] = {}
    for cases in sources.values():
        for dose in doses_of(cases, fault):
            change = at_dose(cases, fault, dose).change
            if change is not None:
                found.setdefault(dose, []).append(abs(change))
    return {dose: float(np.median(changes)) for dose, changes in found.items()}


def noise(sources: Sources) -> float | None:
    """Return the 95 % quantile of the changes that presentations make, over all sources.

    None where no presentation was tried.
    """
    changes = [
        abs(case.change)
        for cases in sources.values()
        for condition, case in cases.items()
        if condition.kind == "presentation" and case.change is not None
    ]
    return float(np.quantile(changes, FOUND_AT)) if changes else None


def smallest_found(cases: Cases, fault: str, sign: Sign, threshold: float) -> float | None:
    """Return the smallest dose from which on every dose moves the score beyond a threshold.

    None where not even the largest does.
    """
    found = None
    for dose in reversed(doses_of(cases, fault)):
        by = moved(at_dose(cases, fault, dose), sign)
        if by is None or by <= threshold:
            break
        found = dose
    return found


def own_reaction(cases: Cases, faults: Sequence[str], *, smallest: bool = False) -> float | None:
    """Return the largest change that a score's own faults make, each at its middle dose.

    Args:
        cases: The score on one source.
        faults: Faults that it declares to react to.
        smallest: Take each fault's smallest dose instead.

    Returns:
        The absolute change; None where no own fault was tried or had a value.
    """
    found = []
    for fault in faults:
        doses = doses_of(cases, fault)
        if doses:
            dose = doses[0] if smallest else middle_dose(doses)
            found.append(at_dose(cases, fault, dose).change)
    known = [abs(one) for one in found if one is not None]
    return max(known) if known else None


def ratio(by: float | None, own: float | None) -> float | None:
    """Return a change as a share of the own reaction; infinite where there is no own reaction.

    None where either is unknown.
    """
    if by is None or own is None:
        return None
    if by == 0:
        return 0.0
    return abs(by) / own if own > 0 else float("inf")


def fault_ratio(cases: Cases, fault: str, own: Sequence[str]) -> float | None:
    """Return the change at a fault's middle dose over that of the strongest own fault.

    None where the score has no value or either was not tried.
    """
    doses = doses_of(cases, fault)
    if not doses:
        return None
    return ratio(at_dose(cases, fault, middle_dose(doses)).change, own_reaction(cases, own))


def presentation_ratio(cases: Cases, name: str, own: Sequence[str]) -> float | None:
    """Return the change by a presentation over that of the smallest dose of an own fault.

    None where the score has no value or either was not tried.
    """
    case = cases.get(Condition("presentation", name))
    return None if case is None else ratio(case.change, own_reaction(cases, own, smallest=True))


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the cases hold.

    Attributes:
        held: Cases that hold.
        of: All cases.
    """

    held: int
    of: int

    @property
    def value(self) -> float:
        """Return the share; 0 without a case."""
        return self.held / self.of if self.of else 0.0

    def __str__(self) -> str:
        """Return it as `11 of 12`."""
        return f"{self.held} of {self.of}"
