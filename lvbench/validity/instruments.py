"""Choose the metrics that are tried, with their parameters, and say which cannot run here."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.errors import LvbenchError, UsageError
from lvbench.metrics.base import AnyMetric
from lvbench.metrics.registry import METRICS
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import GateEntry, MetricEntry, Protocol
from lvbench.results.files import canonical_json
from lvbench.validity.code_hash import code_hash
from lvbench.validity.declarations import Declaration, read_declaration
from lvbench.video.decoding.decode import DECODER_ID

PROTOCOL = "lvb-open"
"""Where a metric is in this protocol, its parameters there are used."""
FORMULAS = ("vbench_subject_consistency@mobilenet_v2",)
"""Published formulas on a network that ships with lvbench, for machines without the original."""
# Groups of metrics that need more than one clip without an original.
_OTHER_GROUPS = ("paired", "sets", "cost")


@dataclass(frozen=True, slots=True)
class Instruments:
    """Metrics under test.

    Attributes:
        protocol: Their names, parameters and gates, as a protocol.
        keys: Keys of the metrics under test; the protocol also has those that they derive from.
        identities: By key, a hash that changes when the metric may give other numbers.
        unavailable: By key, why a metric cannot run on this machine.
        declarations: By key, what the metric's card declares.
        metrics: By key, the metric.
    """

    protocol: Protocol
    keys: tuple[str, ...]
    identities: Mapping[str, str]
    unavailable: Mapping[str, str]
    declarations: Mapping[str, Declaration]
    metrics: Mapping[str, AnyMetric]

    @property
    def runnable(self) -> tuple[str, ...]:
        """Return the keys of all metrics that run here, sources of others included."""
        return tuple(key for key in self.metrics if key not in self.unavailable)

    def scores(self) -> list[str]:
        """Return the keys of all scores under test: each headline, then its declared components."""
        found = []
        for key in self.keys:
            reacting = {reaction.component for reaction in self.declarations[key].reactions}
            parts = [part for part in self.metrics[key].info.components if part in reacting]
            found += [score_key(key, part) for part in ("", *parts)]
        return found

    def only(self, keys: Iterable[str]) -> Protocol:
        """Return a protocol of these metrics, and those that they derive from, alone."""
        wanted = _with_sources(keys, self.metrics)
        entries = [entry for entry in self.protocol.metrics if _key_of(entry) in wanted]
        return _narrowed(self.protocol, entries, [])


def score_key(metric: str, component: str) -> str:
    """Return the key of a metric's component: `name.component@extractor`."""
    name, at, extractor = metric.partition("@")
    return f"{name}.{component}{at}{extractor}" if component else metric


def choose(
    names: Sequence[str] = (),
    *,
    protocol: str = PROTOCOL,
    with_gates: bool = True,
    setting: Setting | None = None,
) -> Instruments:
    """Return the metrics of these names, ready to be tried.

    Args:
        names: Keys of metrics; all that score a single clip if empty.
        protocol: Protocol whose parameters and gates are used.
        with_gates: Run the metrics of the gates as well.
        setting: Where weights are and networks run.

    Raises:
        RegistryError: There is no metric of that name.
        UsageError: A metric needs a paired reference or a real set.
    """
    base = load_protocol(protocol)
    entries: dict[str, MetricEntry] = {}
    asked = [_entry(name, base, refuse=bool(names)) for name in names or _all_names(base)]
    for entry in asked:
        _add(entries, entry, base)
    gates = base.gates if with_gates else []
    for gate in gates:
        _add(entries, _entry(gate.metric, base, refuse=True), base)
    narrowed = _narrowed(base, list(entries.values()), gates)
    tools = build_tools(narrowed, setting)
    metrics = dict(tools.metrics) | {key: metric for key, (metric, _) in tools.unavailable.items()}
    return Instruments(
        narrowed,
        tuple(dict.fromkeys(map(_key_of, asked))),
        _identities(metrics, tools, narrowed),
        {key: _reason(error) for key, (_, error) in tools.unavailable.items()},
        {key: declaration_of(metric) for key, metric in metrics.items()},
        metrics,
    )


def declaration_of(metric: AnyMetric) -> Declaration:
    """Return what the card of a metric declares; nothing where it has no card."""
    card = Path(inspect.getfile(type(metric))).with_suffix(".md")
    return read_declaration(card.read_text("utf-8")) if card.is_file() else Declaration()


def _reason(error: LvbenchError) -> str:
    return f"{error.found}; {error.fix}"


def _all_names(base: Protocol) -> list[str]:
    """Return every metric of a single clip, and the variants that the protocol has of it."""
    variants: dict[str, list[str]] = {}
    for entry in base.metrics:
        variants.setdefault(entry.name, []).append(entry.key)
    return [
        key
        for name in METRICS
        if not _outside(METRICS.get(name))
        for key in variants.get(name, [name])
    ] + list(FORMULAS)


def _outside(metric: type[AnyMetric]) -> bool:
    """Return whether a metric needs more than one clip."""
    alone = metric.info.group not in _OTHER_GROUPS and metric.info.name != "cost"
    return not alone or metric.of_sets or metric.asks_for_real


def _entry(key: str, base: Protocol, *, refuse: bool) -> MetricEntry:
    """Return the entry of a key: the protocol's, or one with default parameters."""
    for entry in base.metrics:
        if entry.key == key:
            return entry
    name, _, extractor = key.partition("@")
    metric = METRICS.get(name)
    if refuse and _outside(metric):
        raise UsageError(
            f"validate the metric '{name}'",
            found="it needs a paired reference, a real set or facts of the generation",
            where="--metrics",
            fix="name metrics that score a single clip; 'lvbench list metrics' lists all",
        )
    parameters: dict[str, Any] = {"extractor": extractor} if extractor else {}
    return MetricEntry(name=name, version=metric.info.version, parameters=parameters)


def _add(entries: dict[str, MetricEntry], entry: MetricEntry, base: Protocol) -> None:
    """Add an entry after the metrics that it derives from."""
    metric = build_metric(entry.name, dict(entry.parameters))
    for source in metric.sources:
        if source not in entries:
            _add(entries, _entry(source, base, refuse=False), base)
    entries.setdefault(metric.key, entry)


def _key_of(entry: MetricEntry) -> str:
    return build_metric(entry.name, dict(entry.parameters)).key


def _with_sources(keys: Iterable[str], metrics: Mapping[str, AnyMetric]) -> set[str]:
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += [source for source in metrics[key].sources if source in metrics]
    return found


def _narrowed(base: Protocol, entries: list[MetricEntry], gates: list[GateEntry]) -> Protocol:
    """Return the protocol with these metrics alone, and the extractors that they read."""
    built = [build_metric(entry.name, dict(entry.parameters)) for entry in entries]
    read = {need for metric in built for need in metric.needs}
    return base.model_copy(
        update={
            "name": "validity",
            "metrics": entries,
            "gates": gates,
            "extractors": {k: v for k, v in base.extractors.items() if k in read},
            "prompts": None,
            "real": None,
            "summary": None,
        }
    )


def _identities(
    metrics: Mapping[str, AnyMetric], tools: Tools, protocol: Protocol
) -> dict[str, str]:
    """Return the identity of every metric; that of a derived one covers its sources."""
    from lvbench.features.registry import build as build_extractor

    found: dict[str, str] = {}
    for key, metric in metrics.items():
        extractors = {}
        for need in metric.needs:
            parameters = dict(protocol.extractors.get(need, {}))
            extractor = tools.extractors.get(need) or build_extractor(need, parameters)
            extractors[need] = [extractor.spec.identity(), code_hash((type(extractor).__module__,))]
        content = {
            "metric": [metric.info.name, metric.info.version, metric.parameters()],
            "code": code_hash((type(metric).__module__,)),
            "extractors": extractors,
            "decoder": DECODER_ID,
            "segment": protocol.segment_seconds,
            "sources": [found.get(source) for source in metric.sources],
        }
        found[key] = hashlib.sha256(canonical_json(content).encode()).hexdigest()[:16]
    return found
