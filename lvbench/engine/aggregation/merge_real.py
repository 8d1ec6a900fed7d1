"""The real set of runs that are merged: its features lie in every part."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.real_set import REAL_FOLDER, RealSet, shipped_real_set
from lvbench.engine.aggregation.recompute import tools_of
from lvbench.errors import ConfigError, UsageError
from lvbench.features.feature_set import RealSetStatistics
from lvbench.protocol.locked import Locked
from lvbench.results.files import canonical_json
from lvbench.results.real_set_file import real_set_from
from lvbench.results.run import read_items
from lvbench.results.schema import ItemRecord


def united_real(
    locked: Locked, out: Path, folders: Sequence[Path], given: str | Path | None
) -> Mapping[str, RealSetStatistics]:
    """Return the real set's features by extractor; none where the runs had no real set.

    Args:
        locked: The lock of the runs.
        out: The merged run's folder, which gets the features that a part holds.
        folders: The parts.
        given: A file of statistics, where the parts hold no features.

    Raises:
        ConfigError: The features are nowhere (`reference_missing`), or are others
            (`reference_changed`).
        UsageError: `given` is no file of statistics.
    """
    wanted = locked.identity.real
    if wanted is None:
        return {}
    for folder in folders:
        kept = folder / REAL_FOLDER
        items = read_items(kept)
        if items and _digest(items) == wanted:
            if not (out / REAL_FOLDER).exists():
                shutil.copytree(kept, out / REAL_FOLDER)
            sets = feature_sets(tools_of(locked, items), kept, items)
            return {n: real_set_from(found, REAL_FOLDER, {}) for n, found in sets.items()}
    return _statistics(locked, wanted, given)


def _statistics(
    locked: Locked, wanted: str, given: str | Path | None
) -> Mapping[str, RealSetStatistics]:
    """Return the features in a file of statistics: the one given, else the shipped one."""
    path = None if given is None else Path(given)
    if path is not None and path.suffix != ".npz":
        raise UsageError(
            "compare with a real set",
            found="no file of statistics",
            where=str(path),
            fix="give the .npz by 'lvbench stats build'; a folder's features lie in the parts",
        )
    shipped = RealSet(path) if path is not None else shipped_real_set(locked.protocol)
    if shipped is None or shipped.digest != wanted:
        raise ConfigError(
            "compare with a real set",
            found="its features are in none of the parts" if shipped is None else "another set",
            where=f"the real set {wanted[:12]}",
            fix="give --real, the set that the parts were compared with",
            code="reference_missing" if shipped is None else "reference_changed",
        )
    reference = shipped.statistics
    return {} if reference is None else {str(reference.provenance.get("name")): reference}


def _digest(items: Sequence[ItemRecord]) -> str:
    told = [[item.video.id, item.video.sha256] for item in items]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()
