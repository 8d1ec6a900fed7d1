"""What a paper cites that reports numbers of a protocol or a run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lvbench import __version__
from lvbench.errors import ConfigError, LvbenchError
from lvbench.features.registry import EXTRACTORS
from lvbench.metrics.base import AnyMetric
from lvbench.metrics.registry import METRICS
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.load import load_protocol, protocol_path, protocol_prose
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import read_lock
from lvbench.protocol.schema import Protocol
from lvbench.report.cite.references import Entry, brought, escaped, extractor_keys, references
from lvbench.report.tables.describe import metric_info
from lvbench.results.run import Run


@dataclass(frozen=True, slots=True)
class Use:
    """Say what one metric or extractor of a protocol rests on.

    Attributes:
        what: Kind, name and version, in words.
        keys: Of the entries; empty for a plugin that brings none.
        where: The card, or where else to look.
    """

    what: str
    keys: tuple[str, ...]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Hold all that is to be cited.

    Attributes:
        title: What it is about, in words.
        uses: What each metric and extractor rests on, in the protocol's order.
        entries: The protocol's, lvbench's, then the others by key; each once.
    """

    title: str
    uses: list[Use]
    entries: list[Entry]

    def bibtex(self) -> str:
        """Return BibTeX; what each entry is for stands before the entries, where TeX skips it."""
        about = [f"What numbers of {self.title} rest on."]
        about += [
            f"{use.what}: {'; '.join(filter(None, [', '.join(use.keys), use.where]))}"
            for use in self.uses
        ]
        # An at sign begins an entry wherever it stands.
        comments = [f"% {line.replace('@', ' on ')}" for line in about]
        return "\n\n".join(["\n".join(comments), *(e.bibtex() for e in self.entries)]) + "\n"

    def text(self) -> str:
        """Return plain text: what rests on what, then the list of references."""
        number = {entry.key: i for i, entry in enumerate(self.entries, 1)}
        wide = max((len(use.what) for use in self.uses), default=0)
        lines = [f"What numbers of {self.title} rest on", ""]
        for use in self.uses:
            marks = "".join(f"[{number[key]}]" for key in use.keys)
            lines.append("  ".join(filter(None, [use.what.ljust(wide), marks, use.where])))
        lines += ["", *(f"[{number[e.key]}] {e.text()}" for e in self.entries)]
        return "\n".join(lines) + "\n"


def cite_protocol(reference: str) -> Citation:
    """Return what a protocol named `name`, `name@version`, or by its path rests on."""
    protocol = load_protocol(reference)
    # The hash of a run also knows which weights and real videos lay there: it is not the file's.
    sha256 = hashlib.sha256(protocol_path(reference).read_bytes()).hexdigest()
    metrics = [build_metric(m.name, dict(m.parameters)) for m in protocol.metrics]
    needs = sorted({need for metric in metrics for need in metric.needs})
    settings = {need: dict(protocol.extractors.get(need, {})) for need in needs}
    versions = {metric.key: metric.info.version for metric in metrics}
    note = f"Protocol file, sha256 {_code(sha256)}"
    return _citation(protocol, note, versions, settings, __version__)


def cite_run(run: Run) -> Citation:
    """Return what a run rests on, by its lock; the protocol's note bears its signature.

    Raises:
        ConfigError: The run folder has no lock, or one that cannot be read.
    """
    path = run.folder / LOCK_FILE
    record = run.record
    if not path.is_file():
        raise ConfigError(
            "say what the run rests on",
            found=f"there is no {LOCK_FILE}",
            where=str(run.folder),
            fix=f"run the evaluation again, or 'lvbench cite {record.protocol.name}'",
            code="lock_invalid",
        )
    locked = read_lock(path, draft=record.protocol.draft)
    versions = {key: metric["version"] for key, metric in locked.identity.metrics.items()}
    settings = {name: spec["parameters"] for name, spec in locked.identity.extractors.items()}
    signed = f"signature {_code(record.signature)}" if record.signature else "partial: no signature"
    note = f"Hash {_code(record.protocol.hash)}; {signed}"
    made_by = str(record.environment.get("packages", {}).get("lvbench", __version__))
    return _citation(locked.protocol, note, versions, settings, made_by)


def _citation(
    protocol: Protocol,
    note: str,
    versions: Mapping[str, int],
    settings: Mapping[str, Mapping[str, Any]],
    lvbench: str,
) -> Citation:
    known = dict(references())
    uses = [_metric_use(key, version, known) for key, version in versions.items()]
    uses += [_extractor_use(name, parameters) for name, parameters in settings.items()]
    own = known["lvbench"]
    first = _protocol_entry(protocol, note, own)
    tool = Entry(own.key, own.kind, {**own.fields, "note": f"Version {lvbench}"})
    cited = sorted({key for use in uses for key in use.keys} - {own.key})
    title = f"{protocol.name} v{protocol.version}{' (draft)' if protocol.draft else ''}"
    return Citation(title, uses, [first, tool, *(known[key] for key in cited)])


def _protocol_entry(protocol: Protocol, note: str, lvbench: Entry) -> Entry:
    """Return the protocol's own entry; only of one that ships with lvbench are authors known."""
    draft = ", a draft" if protocol.draft else ""
    name = f"{{{escaped(protocol.name)}}}, version {protocol.version}{draft}"
    fields = {"title": f"{name}: a protocol for long-video generation"}
    if _ships(protocol):
        prose = escaped(str(protocol_prose(protocol.name).get("title", "")))
        fields = {
            "title": f"{name}: {prose}",
            "author": lvbench.fields["author"],
            "year": lvbench.fields["year"],
            "howpublished": f"Protocol of {lvbench.key}",
        }
    return Entry(f"{protocol.name}-v{protocol.version}", "misc", {**fields, "note": note})


def _ships(protocol: Protocol) -> bool:
    """Tell whether the very protocol ships with lvbench."""
    with suppress(LvbenchError):
        shipped = load_protocol(f"{protocol.name}@{protocol.version}")
        return shipped.content() == protocol.content()
    return False


def _metric_use(key: str, version: int, known: dict[str, Entry]) -> Use:
    """Return a metric's use; entries that a plugin brings join the known ones."""
    name = key.partition("@")[0]
    what = f"metric {key} version {version}"
    info = metric_info(name)
    if info is None:
        return Use(what, (), "not installed here; see the package that brings it")
    known.update({k: entry for k, entry in brought(METRICS.get(name)).items() if k not in known})
    keys = tuple(k for k in info.cites if k in known)
    if not keys:
        return Use(what, (), "see the package that brings it")
    return Use(what, keys, f"card {_card(METRICS.get(name))}" if "lvbench" in keys else "")


def _card(metric: type[AnyMetric]) -> str:
    """Return the path of a metric's card in the repository."""
    return f"{metric.__module__.removeprefix('lvbench.').replace('.', '/')}.md"


def _extractor_use(name: str, parameters: Mapping[str, Any]) -> Use:
    """Return an extractor's use, with that of a network that it is told to read."""
    inner = [v for v in parameters.values() if isinstance(v, str) and v in EXTRACTORS]
    found = _once(key for one in [name, *inner] for key in extractor_keys().get(one, ()))
    return Use(f"extractor {name}", found, "" if found else "see the package that brings it")


def _once(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _code(text: str) -> str:
    return f"\\texttt{{{escaped(text)}}}"
