"""Read the trials of a validation as one table per score, and draw the findings from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lvbench.metrics.common.frame_drift import EntireChange
from lvbench.metrics.verdicts import Verdict, Verdicts
from lvbench.validity.condition import Condition
from lvbench.validity.faults.fault import Fault
from lvbench.validity.findings import Finding, find, verdict
from lvbench.validity.instruments import Instruments, score_key
from lvbench.validity.measures import Case, Sources
from lvbench.validity.onsets import Onset, is_onset, onset_error
from lvbench.validity.planting import home_of, need_of
from lvbench.validity.trials import Trial

Results = Mapping[str, Mapping[Condition, Trial]]
"""The trials by source and condition."""


def by_source(trials: Iterable[Trial]) -> dict[str, dict[Condition, Trial]]:
    """Return trials by source and condition."""
    found: dict[str, dict[Condition, Trial]] = {}
    for trial in trials:
        found.setdefault(trial.source, {})[trial.condition] = trial
    return found


@dataclass(frozen=True, slots=True)
class Tried:
    """Everything that a validation shows.

    Attributes:
        instruments: The metrics.
        faults: The faults.
        results: The trials.
    """

    instruments: Instruments
    faults: Mapping[str, Fault]
    results: Results

    def findings(self) -> dict[str, Finding]:
        """Return what the trials show about each score, by key."""
        found = {}
        for key in self.instruments.keys:
            declaration = self.instruments.declarations[key]
            errors = tuple(self._errors(key))
            parts = dict.fromkeys(("", *(one.component for one in declaration.reactions)))
            for part in parts:
                score = score_key(key, part)
                found[score] = replace(
                    find(
                        score,
                        self.cases(key, part),
                        [one for one in declaration.reactions if one.component == part],
                        () if part else declaration.ignored,
                        () if part else self._cancelled(key),
                    ),
                    unavailable=self.instruments.unavailable.get(key, ""),
                    errors=errors,
                )
        return found

    def _cancelled(self, key: str) -> tuple[str, ...]:
        """Return the faults that a clip's own drift may cancel in a metric's headline."""
        if not isinstance(self.instruments.metrics[key], EntireChange):
            return ()
        return tuple(name for name, fault in self.faults.items() if fault.shape == "ramp")

    def _errors(self, key: str) -> Iterator[str]:
        """Yield where a metric failed, with the reason."""
        for source, trials in self.results.items():
            for condition, trial in trials.items():
                score = trial.scores[key].score if key in trial.scores else None
                if score is not None and score.status == "failed":
                    yield f"{source}, {condition}: {score.code}, {score.detail}"

    def cases(self, key: str, part: str) -> Sources:
        """Return the cases of a metric's headline or component, by source."""
        home = home_of(self.instruments.declarations[key], self.faults)
        found: dict[str, dict[Condition, Case]] = {}
        for source, trials in self.results.items():
            own = found.setdefault(source, {})
            for condition, trial in trials.items():
                if condition.kind in ("untouched", "cheat") or key not in trial.scores:
                    continue
                plain = replace(condition, base="")
                at_home = condition.base == self._base(condition, home)
                # What the card does not declare is tried on the plain clip alone.
                if at_home or (condition.base == "" and plain not in own):
                    before = trials.get(condition.untouched)
                    own[plain] = Case(_value(trial, key, part), _value(before, key, part))
        return found

    def _base(self, condition: Condition, home: str) -> str:
        """Return the base on which a metric with this home is tried under a condition."""
        need = need_of(self.faults[condition.name]) if condition.kind == "fault" else ""
        return need or home

    def verdicts(self, findings: Mapping[str, Finding]) -> Verdicts:
        """Return whether each score does what its card declares."""
        found: dict[str, Verdict] = {}
        for key in self.instruments.keys:
            own = {s: f for s, f in findings.items() if _metric_of(s) == key}
            for score, finding in own.items():
                found[score] = verdict(
                    finding,
                    version=self.instruments.metrics[key].info.version,
                    identity=self.instruments.identities[key],
                )
        return Verdicts(sources=tuple(sorted(self.results)), verdicts=found)

    def onsets(self, key: str) -> list[Onset]:
        """Return where a metric places the faults that it declares, each at its largest dose.

        Empty for a metric with neither an onset nor events.
        """
        trials = [trial for found in self.results.values() for trial in found.values()]
        scores = [trial.scores[key].score for trial in trials if key in trial.scores]
        places = any(map(is_onset, self.instruments.metrics[key].info.components))
        if not places and not any(score.events for score in scores):
            return []
        declaration = self.instruments.declarations[key]
        home = home_of(declaration, self.faults)
        found = []
        for fault in dict.fromkeys(one.fault for one in declaration.reactions):
            for source in self.results:
                trial = self._strongest(source, fault, home)
                # A ramp from the first frame on has no onset within the clip.
                if trial is None or not trial.start or key not in trial.scores:
                    continue
                score = trial.scores[key].score
                if score.status == "ok":
                    found.append(Onset(fault, source, onset_error(score, trial.start)))
        return found

    def _strongest(self, source: str, fault: str, home: str) -> Trial | None:
        """Return the trial of a fault's largest dose on a source."""
        if fault not in self.faults:
            return None
        own = ("fault", fault, need_of(self.faults[fault]) or home)
        trials = self.results[source]
        doses = [c for c in trials if (c.kind, c.name, c.base) == own]
        return trials[max(doses)] if doses else None


def _metric_of(score: str) -> str:
    name, at, extractor = score.partition("@")
    return f"{name.partition('.')[0]}{at}{extractor}"


def _value(trial: Trial | None, key: str, part: str) -> float | None:
    if trial is None or key not in trial.scores:
        return None
    score = trial.scores[key].score
    return score.components.get(part) if part else score.value
