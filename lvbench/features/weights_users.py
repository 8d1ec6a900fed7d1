"""Who reads which weights."""

from __future__ import annotations

from contextlib import suppress

from lvbench.errors import LvbenchError
from lvbench.features.network import NetworkExtractor
from lvbench.features.registry import EXTRACTORS, build
from lvbench.weights.catalogue import Entry, catalogue


def needed_by(user: str) -> list[Entry]:
    """Return the entries that an extractor, or a metric with a table of its own, reads.

    Args:
        user: Name of an extractor or a metric.
    """
    entries = catalogue()
    names = [entry.name for entry in entries.values() if user in entry.metrics]
    if user in EXTRACTORS and issubclass(EXTRACTORS.get(user), NetworkExtractor):
        # Built, for the weights of some depend on their parameters.
        extractor = build(user)
        assert isinstance(extractor, NetworkExtractor)
        names += [name for name in extractor.weights if name in entries]
    return [entries[name] for name in names]


def users() -> dict[str, list[str]]:
    """Return, for each entry, the extractors and metrics that read it."""
    found = {entry.name: list(entry.metrics) for entry in catalogue().values()}
    for name in EXTRACTORS:
        # A plugin that does not import hides no other.
        with suppress(LvbenchError):
            for entry in needed_by(name):
                found[entry.name].append(name)
    return found
