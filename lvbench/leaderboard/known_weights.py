"""Whether the weights that a lock names are those of the catalogue."""

from __future__ import annotations

from lvbench.features.registry import build
from lvbench.protocol.locked import Locked
from lvbench.weights.catalogue import WeightsEntry, catalogue


def unknown_weights(locked: Locked) -> tuple[dict[str, str], list[str]]:
    """Return the checksums by extractor that are no file of the catalogue, and who cannot be told.

    Raises:
        LvbenchError: The lock names an extractor that this lvbench does not have.
    """
    unknown: dict[str, str] = {}
    untold: list[str] = []
    for name, spec in sorted(locked.identity.extractors.items()):
        extractor = build(name, dict(locked.protocol.extractors.get(name, {})))
        names: tuple[str, ...] = getattr(extractor, "weights", ())
        stated = str(spec.get("weights") or "")
        if not stated:
            if names:
                unknown[name] = "without a checksum, the network"
            continue
        checksums = stated.split("+")
        if len(names) != len(checksums):
            unknown[name] = stated
            continue
        for checksum, entry in zip(checksums, (catalogue().get(n) for n in names), strict=True):
            told = False if entry is None else _told(checksum, entry)
            if told is None:
                untold.append(name)
            elif not told:
                unknown[name] = checksum
    return unknown, untold


def _told(checksum: str, entry: WeightsEntry) -> bool | None:
    """Tell whether a checksum is a file's of the entry; None where a file states none."""
    stated = [file.sha256 for file in entry.files]
    return True if checksum in stated else None if None in stated else False
