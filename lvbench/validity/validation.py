"""Prepare a validation from names, and keep what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from lvbench.engine.video_pass.tools import Setting, build_tools
from lvbench.errors import ConfigError, UsageError
from lvbench.metrics.verdicts import Verdict, Verdicts, has_passed
from lvbench.results.files import canonical_json, write_atomic
from lvbench.validity.cheats import CHEATS
from lvbench.validity.cheats_outcome import Outcome, Standing, gates_of, outcomes, standings
from lvbench.validity.condition import UNTOUCHED
from lvbench.validity.court import Court
from lvbench.validity.faults.catalogue import FAULTS, STANDARD
from lvbench.validity.findings import Finding
from lvbench.validity.instruments import Instruments, choose
from lvbench.validity.page import Page, write_page
from lvbench.validity.planting import Conditions
from lvbench.validity.presentations import PRESENTATIONS
from lvbench.validity.sources import WORLD, Source, find_sources
from lvbench.validity.table import Tried, by_source
from lvbench.validity.trials import TrialStore

FILE = "verdicts.json"
ALL, NONE = "all", "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to validate, by name; None takes the default.

    Attributes:
        metrics: Keys of metrics; empty for all that score a single clip.
        sources: Folders, files, or `world`; empty for the standard sources.
        faults: Names of faults, `all` or `none`. Default: those that the cards of the named metrics
            declare; without a metric, those that any card declares and the standard set, which is
            also taken where named ones declare none.
        cheats: Names of cheats, `all` or `none`. Default: all without a metric, else none.
        presentations: Names of presentations, `all` or `none`. Default: all.
        doses: Doses of each fault to which a metric declares a reaction.
    """

    metrics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    faults: tuple[str, ...] | None = None
    cheats: tuple[str, ...] | None = None
    presentations: tuple[str, ...] | None = None
    doses: int = 3


def prepare(wanted: Wanted, out: Path, setting: Setting) -> Court:
    """Return the validation, ready to run or to resume.

    Args:
        wanted: What to validate.
        out: Output folder.
        setting: Where weights are and networks run.

    Raises:
        UsageError: There is no fault, cheat, presentation or source of a name.
        RegistryError: There is no metric of a name.
    """
    cheats = _chosen("cheat", wanted.cheats, CHEATS, () if wanted.metrics else CHEATS)
    instruments = choose(wanted.metrics, with_gates=bool(cheats), setting=setting)
    faults = _chosen("fault", wanted.faults, FAULTS, _declared(instruments, wanted))
    presentations = _chosen("presentation", wanted.presentations, PRESENTATIONS, PRESENTATIONS)
    conditions = Conditions(
        {name: FAULTS[name] for name in faults}, cheats, presentations, wanted.doses
    )
    return Court(instruments, _sources(wanted.sources), conditions, TrialStore(out))


def _sources(places: Sequence[str]) -> tuple[Source, ...]:
    """Return the sources at places, each name once; the world only where it is named."""
    found: dict[str, Source] = {}
    for place in places or (None,):
        for source in find_sources(place).sources:
            if place not in (None, WORLD) and source.kind == WORLD:
                continue
            if found.setdefault(source.name, source) != source:
                raise UsageError(
                    "find sources",
                    found=f"two of the name '{source.name}'",
                    where=str(place),
                    fix="rename a file: records are kept by the name of the source",
                )
    return tuple(found.values())


def _declared(instruments: Instruments, wanted: Wanted) -> Sequence[str]:
    """Return the faults that the cards declare; with those of the standard set for all metrics."""
    own = [instruments.declarations[key] for key in instruments.keys]
    names = {reaction.fault for one in own for reaction in one.reactions}
    names |= {fault for one in own for fault in one.ignored}
    unknown = sorted(names - FAULTS.keys())
    if unknown:
        raise ConfigError(
            "read what a card declares",
            found=f"no fault is called {', '.join(unknown)}",
            where=f"the cards of {', '.join(instruments.keys)}",
            fix=f"the faults are {', '.join(FAULTS)}",
        )
    names |= set() if wanted.metrics else set(STANDARD)
    return [name for name in FAULTS if name in names] or STANDARD


def _chosen(
    kind: str, names: Sequence[str] | None, known: Mapping[str, object], default: Iterable[str]
) -> tuple[str, ...]:
    if names is None:
        return tuple(default)
    if list(names) in ([ALL], [NONE]):
        return tuple(known) if list(names) == [ALL] else ()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"plant the {kind} '{unknown[0]}'",
            found=f"no {kind} has that name",
            where=f"--{kind}s",
            fix=f"choose of {', '.join(known)}; or all, or none",
        )
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Result:
    """What a validation shows.

    Attributes:
        page: Everything, as the page has it.
        verdicts: Whether each score does what its card declares.
    """

    page: Page
    verdicts: Verdicts

    @classmethod
    def of(cls, court: Court, setting: Setting) -> Result:
        """Return what the trials of a validation show.

        Args:
            court: The validation, after its run.
            setting: Where weights are and networks run.
        """
        results = by_source(court.trials())
        tried = Tried(court.instruments, court.conditions.faults, results)
        findings = tried.findings()
        verdicts = tried.verdicts(findings)
        protocol = court.instruments.protocol
        cheats: list[Outcome] = []
        boards: list[Standing] = []
        if court.conditions.cheats:
            tools, passed = build_tools(protocol, setting), _may_rank(verdicts)
            cheats = outcomes(results, tools, passed)
            boards = standings(results, tools, passed)
        gates = gates_of(results, UNTOUCHED, protocol.gates)
        shown = Page(tried, court.sources, findings, verdicts.verdicts, cheats, boards, gates)
        return cls(shown, verdicts)

    @property
    def findings(self) -> Mapping[str, Finding]:
        """Return what the trials show about each score."""
        return self.page.findings

    @property
    def lost(self) -> bool:
        """Return whether a metric failed, or a declared reaction that was tried does not hold."""
        return any(finding.lost for finding in self.findings.values())

    def write(self, out: Path) -> Path:
        """Write verdicts.json into the output folder; return its path.

        Raises:
            StorageError: It cannot be written.
        """
        return _written(self.verdicts, out / FILE)

    def write_page(self, path: Path) -> None:
        """Write the tables and the heat map; see `lvbench.validity.page`."""
        write_page(self.page, path)

    def accept(self) -> Path:
        """Make the verdicts those that ship with lvbench; return the path of the file.

        Scores that this validation did not try keep their verdicts, unless their metric changed.
        """
        path = Path(str(files("lvbench") / "validity" / FILE))
        old = Verdicts.model_validate_json(path.read_text("utf-8"))
        both = joined(old.verdicts, self.verdicts.verdicts)
        return _written(Verdicts(sources=self.verdicts.sources, verdicts=both), path)


def _may_rank(verdicts: Verdicts) -> Callable[[str], bool]:
    """Return whether a score passed here, or, where its faults were not tried, when accepted."""

    def passed(score: str) -> bool:
        found = verdicts.verdicts.get(score)
        if found is None or found.status == "not tried":
            return has_passed(score)
        return found.status == "passed"

    return passed


def joined(old: Mapping[str, Verdict], new: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Return new verdicts, and old ones of scores that were not tried with the same metric."""
    kept = {
        score: verdict
        for score, verdict in old.items()
        if score not in new
        or (new[score].status == "not tried" and new[score].identity == verdict.identity)
    }
    return {**new, **kept}


def _written(verdicts: Verdicts, path: Path) -> Path:
    write_atomic(path, canonical_json(verdicts.model_dump(mode="json"), indent=1) + "\n")
    return path
