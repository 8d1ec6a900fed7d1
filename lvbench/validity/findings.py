"""What the trials show about one score, and whether that is what its card declares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lvbench.metrics.verdicts import Status, Verdict
from lvbench.validity.declarations import Reaction, Sign
from lvbench.validity.measures import (
    Cases,
    Share,
    Sources,
    against_own_drift,
    correlation,
    doses_of,
    fault_ratio,
    noise,
    presentation_ratio,
    smallest_found,
    usual_changes,
)

CORRELATION, RATIO, ENOUGH = 0.95, 0.1, 0.9
_NAMED = 4  # faults that a reason names


@dataclass(frozen=True, slots=True)
class Reacts:
    """A declared reaction on every source to which it applies.

    Attributes:
        fault: Name of the fault.
        sign: Declared sign.
        correlations: Spearman's correlation over doses by source, positive as declared; without
            the sources in `opposed`.
        smallest: Smallest dose found by source; None where none was, empty without presentations.
        doses: The doses that were tried.
        opposed: Sources that drift against the fault by themselves
            (`measures.against_own_drift`); neither held nor lost.
    """

    fault: str
    sign: Sign
    correlations: Mapping[str, float]
    smallest: Mapping[str, float | None]
    doses: tuple[float, ...] = ()
    opposed: tuple[str, ...] = ()

    @property
    def share(self) -> Share:
        """Return on how many sources it holds."""
        values = self.correlations.values()
        return Share(sum(value >= CORRELATION for value in values), len(values))

    @property
    def tried(self) -> bool:
        """Return whether it was tried on a source to which it applies."""
        return bool(self.correlations or self.opposed)

    @property
    def holds(self) -> bool:
        """Return whether it holds on enough sources, of which at least half must count."""
        return self.share.value >= ENOUGH and len(self.correlations) >= len(self.opposed)

    @property
    def smallest_dose(self) -> float | None:
        """Return the smallest dose that is found on at least half of the sources."""
        found = sorted(dose for dose in self.smallest.values() if dose is not None)
        needed = -(-len(self.smallest) // 2)
        return found[needed - 1] if 0 < needed <= len(found) else None


@dataclass(frozen=True, slots=True)
class Finding:
    """All that the trials show about one score.

    Attributes:
        score: Its key.
        reactions: Declared reactions.
        ratios: By fault and source: change at the middle dose over that of the strongest own
            fault; for every fault that was tried.
        ignored: Faults that it must not react to.
        presentations: By presentation and source: change over that of the smallest own dose.
        noise: The 95 % quantile of the changes by presentations; None where none was tried.
        unavailable: Why the metric does not run on this machine; empty where it does.
        errors: Conditions under which the metric failed, each with its reason.
    """

    score: str
    reactions: tuple[Reacts, ...] = ()
    ratios: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    presentations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    noise: float | None = None
    unavailable: str = ""
    errors: tuple[str, ...] = ()

    @property
    def lost(self) -> bool:
        """Return whether the metric failed, or a declared reaction that was tried does not hold."""
        return bool(self.errors) or any(r.tried and not r.holds for r in self.reactions)

    @property
    def ignored_share(self) -> Share:
        """Return for how many pairs of ignored fault and source the reaction is small."""
        ratios = [r for fault in self.ignored for r in self.ratios.get(fault, {}).values()]
        return Share(sum(ratio < RATIO for ratio in ratios), len(ratios))

    @property
    def still_share(self) -> Share:
        """Return for how many pairs of presentation and source the change is small."""
        ratios = [r for found in self.presentations.values() for r in found.values()]
        return Share(sum(ratio < RATIO for ratio in ratios), len(ratios))

    def worst_ignored(self) -> list[tuple[str, float, Share]]:
        """Return ignored faults that it reacts to, the worst first.

        Returns:
            Fault, median ratio, and the sources on which the ratio is small, of each fault with a
            ratio that is not small on more than a tenth of the sources.
        """
        found = []
        for fault in self.ignored:
            ratios = list(self.ratios.get(fault, {}).values())
            share = Share(sum(ratio < RATIO for ratio in ratios), len(ratios))
            if ratios and share.value < ENOUGH:
                found.append((fault, float(np.median(ratios)), share))
        return sorted(found, key=lambda one: (one[2].value, -one[1]))

    @property
    def own(self) -> tuple[str, ...]:
        """Return the faults that it declares to react to."""
        return tuple(reaction.fault for reaction in self.reactions)


def find(
    score: str,
    sources: Sources,
    reactions: Sequence[Reaction],
    ignored: Sequence[str] = (),
    cancelled: Collection[str] = (),
) -> Finding:
    """Return what the trials show about a score.

    Args:
        score: Its key.
        sources: Its cases by source.
        reactions: Its declared reactions.
        ignored: Faults that it declares to ignore.
        cancelled: Faults that the clip's own drift may cancel: ramps, for a score of drift.
    """
    own = [reaction.fault for reaction in reactions]
    threshold = noise(sources)
    conditions = {c for cases in sources.values() for c in cases}
    faults = sorted({c.name for c in conditions if c.kind == "fault"})
    presentations = sorted({c.name for c in conditions if c.kind == "presentation"})
    return Finding(
        score,
        tuple(
            _reacts(reaction, sources, threshold, cancelled=reaction.fault in cancelled)
            for reaction in reactions
        ),
        {fault: _by_source(sources, fault_ratio, fault, own) for fault in faults} if own else {},
        tuple(ignored),
        {name: _by_source(sources, presentation_ratio, name, own) for name in presentations}
        if own
        else {},
        threshold,
    )


def _reacts(
    reaction: Reaction, sources: Sources, threshold: float | None, *, cancelled: bool
) -> Reacts:
    correlations, smallest, doses, opposed = {}, {}, set[float](), []
    usual = usual_changes(sources, reaction.fault)
    for source, cases in sources.items():
        found = correlation(cases, reaction.fault, reaction.sign, threshold)
        if found is None:
            continue
        if cancelled and against_own_drift(cases, reaction.fault, reaction.sign, usual):
            opposed.append(source)
            continue
        correlations[source] = found
        doses |= set(doses_of(cases, reaction.fault))
        if threshold is not None:
            smallest[source] = smallest_found(cases, reaction.fault, reaction.sign, threshold)
    return Reacts(
        reaction.fault, reaction.sign, correlations, smallest, tuple(sorted(doses)), tuple(opposed)
    )


_Measure = Callable[[Cases, str, Sequence[str]], float | None]


def _by_source(
    sources: Sources, measure: _Measure, name: str, own: Sequence[str]
) -> dict[str, float]:
    found = {source: measure(cases, name, own) for source, cases in sources.items()}
    return {source: value for source, value in found.items() if value is not None}


def verdict(finding: Finding, *, version: int, identity: str) -> Verdict:
    """Return whether a score does what its card declares.

    It passed where each declared reaction has a correlation of at least 0.95 on at least 90 % of
    the sources to which it applies (a source that drifts against a ramp by itself does not count),
    and its reaction to ignored faults is under 0.1 of that to its
    own for at least 90 % of the pairs of ignored fault and source.

    Args:
        finding: What the trials show.
        version: Version of the metric.
        identity: Its identity.
    """
    untried = list(_untried(finding))
    failures = list(_failures(finding))
    status: Status = "failed" if failures else "not tried" if untried else "passed"
    reasons = tuple(failures or untried)
    return Verdict(status=status, reasons=reasons, version=version, identity=identity)


def _untried(finding: Finding) -> Iterable[str]:
    if finding.unavailable:
        yield finding.unavailable
    elif not finding.reactions:
        yield "its card declares no reaction"
    else:
        missing = [reaction.fault for reaction in finding.reactions if not reaction.tried]
        missing += [fault for fault in finding.ignored if fault not in finding.ratios]
        if missing:
            yield f"not tried with {', '.join(missing)}"


def _failures(finding: Finding) -> Iterable[str]:
    if finding.errors:
        yield f"it failed on {len(finding.errors)} clips, as on {finding.errors[0]}"
    for reaction in finding.reactions:
        if reaction.tried and not reaction.holds:
            yield (
                f"{reaction.fault}: {reaction.sign} in the order of the doses on "
                f"{reaction.share} sources{_opposed(reaction)}"
            )
    share = finding.ignored_share
    if share.of and share.value < ENOUGH:
        worst = "; ".join(
            f"{fault} {median:.2g} of its own reaction (small on {small} sources)"
            for fault, median, small in finding.worst_ignored()[:_NAMED]
        )
        yield f"reacts to what it must ignore, {share} pairs are small: {worst}"


def _opposed(reaction: Reacts) -> str:
    count = len(reaction.opposed)
    return f", and {count} drift against it" if count else ""
