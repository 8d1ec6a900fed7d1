"""Plan the conditions of a source, and write the clip of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lvbench.validity.condition import Condition
from lvbench.validity.declarations import Declaration
from lvbench.validity.faults.fault import Fault

_ORDERED = frozenset({"prompts", "audio"})


@dataclass(frozen=True, slots=True)
class Planned:
    """A condition, and the metrics that are needed under it.

    Attributes:
        condition: The condition.
        metrics: Keys of metrics; empty for all.
    """

    condition: Condition
    metrics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Conditions:
    """Everything that is done to the sources.

    Attributes:
        faults: Faults by name.
        cheats: Names of cheats.
        presentations: Names of presentations.
        doses: Doses of a fault for the metrics that declare a reaction to it; for the others the
            middle one is enough.
    """

    faults: Mapping[str, Fault]
    cheats: Sequence[str] = ()
    presentations: Sequence[str] = ()
    doses: int = 3


def need_of(fault: Fault) -> str:
    """Return what must be added to a source first; empty for a fault of any clip."""
    return next(iter(sorted(fault.needs)), "")


def home_of(declaration: Declaration, faults: Mapping[str, Fault]) -> str:
    """Return what a source needs for a metric to apply: what its first such own fault needs.

    A metric of the subject is tried on clips with a subject, also with faults of any clip.
    """
    own = (reaction.fault for reaction in declaration.reactions)
    return next((need for name in own if name in faults and (need := need_of(faults[name]))), "")


def some_doses(doses: Sequence[float], count: int) -> list[float]:
    """Return at most `count` of increasing doses: the middle one, then the largest, then others.

    Examples:
        >>> from lvbench.validity.planting import some_doses
        >>> some_doses([1.0, 2.0, 4.0], 2), some_doses([1.0, 2.0, 4.0], 1)
        ([2.0, 4.0], [2.0])
    """
    middle = (len(doses) - 1) // 2
    order = [middle, *range(len(doses) - 1, middle, -1), *range(middle)]
    return [doses[i] for i in sorted(order[:count])]


def plan(
    conditions: Conditions, declarations: Mapping[str, Declaration], needs: frozenset[str]
) -> list[Planned]:
    """Return the conditions under which a source is scored, in order, each once.

    Args:
        conditions: What is done to the sources.
        declarations: What each metric declares, by key.
        needs: What can be added to the source.
    """
    found: dict[Condition, frozenset[str]] = {}
    # A source with prompts and audio is small and serves their faults alone.
    bases = needs & _ORDERED or {"", *needs}
    for condition, metrics in _wanted(conditions, declarations):
        if condition.base not in bases:
            continue
        for one in (condition.untouched, condition):
            both = found.get(one, metrics)
            found[one] = both | metrics if both and metrics else frozenset()
    return [Planned(condition, metrics) for condition, metrics in found.items()]


def _wanted(
    conditions: Conditions, declarations: Mapping[str, Declaration]
) -> Iterator[tuple[Condition, frozenset[str]]]:
    everything: frozenset[str] = frozenset()
    yield Condition("untouched"), everything
    for name, fault in conditions.faults.items():
        (middle,) = some_doses(fault.doses, 1)
        reacting = frozenset(key for key, one in declarations.items() if one.reacts_to(name))
        for dose in some_doses(fault.doses, conditions.doses if reacting else 1):
            wanted = everything if dose == middle else reacting
            yield Condition("fault", name, dose, need_of(fault)), wanted
    for name in conditions.presentations:
        yield Condition("presentation", name), everything
    for name in conditions.cheats:
        yield Condition("cheat", name), everything
    for key, declaration in declarations.items():
        home = home_of(declaration, conditions.faults)
        if home:
            yield from ((one, frozenset({key})) for one in _at_home(home, declaration, conditions))


def _at_home(home: str, declaration: Declaration, conditions: Conditions) -> Iterator[Condition]:
    """Yield what a metric with a home declares of faults of any clip, and the presentations."""
    own = [reaction.fault for reaction in declaration.reactions]
    for name in dict.fromkeys((*own, *declaration.ignored)):
        fault = conditions.faults.get(name)
        if fault is not None and not need_of(fault):
            for dose in some_doses(fault.doses, conditions.doses if name in own else 1):
                yield Condition("fault", name, dose, home)
    for name in conditions.presentations:
        yield Condition("presentation", name, base=home)
