"""Find the faults of a submission: its row and items compared with each other and with lvbench."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lvbench.engine.aggregation.feature_sets import gathered
from lvbench.engine.aggregation.recompute import (
    counts,
    keys_of_another_lvbench,
    recompute_scores,
    recompute_signature,
    too_few,
    tools_of,
)
from lvbench.errors import LvbenchError
from lvbench.features.feature_set import RealSetStatistics
from lvbench.features.registry import build
from lvbench.leaderboard.items import Items, unpack_items
from lvbench.leaderboard.schema import Row
from lvbench.protocol.load import load_protocol, protocols_folder
from lvbench.protocol.lock import differing_keys
from lvbench.protocol.locked import Locked, lock_of
from lvbench.protocol.schema import metric_key
from lvbench.report.tables.describe import describe, metric_info
from lvbench.results.real_set_file import read_real_set
from lvbench.results.schema import Score
from lvbench.verify.lock import too_costly
from lvbench.weights.catalogue import catalogue

_NOT_COMPARED = {"detail", "ci_low", "ci_high"}
# A fit through LAPACK may differ in its last digits on another machine; means and medians not.
_FITTED = 1e-9


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a submission: its code, and what was found and expected."""

    code: str
    message: str


def find_faults(row: Row, items: bytes | None) -> tuple[list[Fault], list[str]]:
    """Return the faults of a submission, and notes on what could not be checked.

    Args:
        row: The row.
        items: The bytes of its `.items.parquet`; None where there is no such file.
    """
    found = list(_incomplete(row))
    try:
        locked = lock_of(dict(row.lock), draft=row.run.protocol.draft, where="the row's lock")
    except LvbenchError as error:
        return [*found, Fault(error.code, error.found)], []
    notes: list[str] = []
    found += _identity(row, locked, notes)
    found += _resolution(row, locked, notes)
    found += _weights(locked, notes)
    if items is None:
        message = "the row has no .items.parquet: nothing can be recomputed"
        return [*found, Fault("items_missing", message)], notes
    if too_costly(locked):
        message = f"{locked.protocol.interval.resamples} resamples: nothing is recomputed"
        return [*found, Fault("lock_absurd", message)], notes
    if hashlib.sha256(items).hexdigest() != row.items_sha256:
        found.append(Fault("items_changed", "the .items.parquet is not the one the row names"))
    try:
        unpacked = unpack_items(items, row.run.protocol.hash, "the .items.parquet")
        found += _recomputed(row, locked, unpacked, notes)
    except LvbenchError as error:
        found.append(Fault(error.code, error.found))
    return found, notes


def _incomplete(row: Row) -> Iterator[Fault]:
    run = row.run
    if run.status != "complete" or run.reasons:
        reasons = "; ".join(run.reasons) or "no reason given"
        yield Fault("run_partial", f"the run is partial: {reasons}")
    own = row.organisation.casefold()
    if row.verification is not None and row.verification.by.casefold() == own:
        yield Fault("verified_by_owner", f"{row.organisation} verified its own row")


def _identity(row: Row, locked: Locked, notes: list[str]) -> Iterator[Fault]:
    stated, protocol = row.run.protocol, locked.protocol
    own = locked.identity.hash
    for what, hash_ in (("lock", locked.stated), ("run", stated.hash)):
        if hash_ != own:
            message = f"the {what} states {hash_[:12]}, the lock's content gives {own[:12]}"
            yield Fault("hash_differs", message)
    if (stated.name, stated.version) != (protocol.name, protocol.version):
        message = f"the run states {stated.name} v{stated.version}, the lock {protocol.name} v" \
                  f"{protocol.version}"  # fmt: skip
        yield Fault("protocol_differs", message)
    try:
        shipped = load_protocol(f"{protocol.name}@{protocol.version}")
    except LvbenchError as error:
        yield Fault("protocol_unknown", f"{error.asked}: {error.found}")
        return
    keys = ", ".join(differing_keys(shipped.content(), protocol.content()))
    if keys and row.draft:
        notes.append(f"of an earlier state of the draft, the protocol differs in: {keys}")
    elif keys:
        message = f"it is not the released {shipped.name} v{shipped.version}: {keys}"
        yield Fault("protocol_edited", message)
    if shipped.draft and not row.draft:
        message = f"{shipped.name} v{shipped.version} is a draft, and the row is not marked so"
        yield Fault("protocol_draft", message)


def _resolution(row: Row, locked: Locked, notes: list[str]) -> Iterator[Fault]:
    try:
        keys = keys_of_another_lvbench(locked)
    except LvbenchError as error:
        yield Fault(error.code, f"{error.asked}: {error.found}")
        return
    message = f"this lvbench resolves the protocol differently: {', '.join(keys[:8])}"
    if keys and row.draft:
        notes.append(f"of an earlier state of the draft, {message}")
    elif keys:
        yield Fault("resolved_differently", message)
    real = locked.protocol.real
    pinned = None if real is None else real.sha256
    if pinned is not None and locked.identity.real != pinned:
        yield Fault("real_set_differs", "its real set is not the one that ships")


def _weights(locked: Locked, notes: list[str]) -> Iterator[Fault]:
    """Compare the checksums of weights in a lock with the catalogue."""
    unchecked = []
    for name, spec in sorted(locked.identity.extractors.items()):
        extractor = build(name, dict(locked.protocol.extractors.get(name, {})))
        names: tuple[str, ...] = getattr(extractor, "weights", ())
        stated = str(spec.get("weights") or "")
        if not stated and not names:
            continue
        checksums = stated.split("+") if stated else []
        if len(names) != len(checksums):
            wrong = stated or "without a checksum, the network"
            yield Fault("weights_unknown", _unknown(name, wrong))
            continue
        for checksum, entry in zip(checksums, (catalogue().get(n) for n in names), strict=True):
            known = [] if entry is None else [file.sha256 for file in entry.files]
            if checksum not in known and None in known:
                unchecked.append(name)
            elif checksum not in known:
                yield Fault("weights_unknown", _unknown(name, checksum))
    if unchecked:
        notes.append(f"weights not checked, the catalogue has no sha256: {', '.join(unchecked)}")


def _unknown(extractor: str, checksum: str) -> str:
    return f"{extractor}: {checksum} is no file of lvbench/weights/weights.yaml"


def _recomputed(row: Row, locked: Locked, items: Items, notes: list[str]) -> Iterator[Fault]:
    run, number = row.run, len(items.records)
    videos = counts(items.records)
    if videos != run.videos:
        yield Fault("videos_differ", f"the items give {videos}, the row states {run.videos}")
    missing = too_few(number, number, locked.protocol.clips.minimum)
    yield from (Fault("videos_missing", message) for message in missing)
    signature = recompute_signature(locked, number, run.environment)
    if run.signature != signature:
        yield Fault("signature_differs", f"the signature should be {signature}")
    tools = tools_of(locked, items.records)
    lacking = sorted(
        entry.key for entry in locked.protocol.metrics if entry.key not in tools.metrics
    )
    if lacking:
        yield Fault("metrics_missing", f"no item contains {', '.join(lacking)}")
    real_sets = real_sets_of(locked)
    sets = dict(gathered(tools, items.records, lambda r: items.arrays.get(r.video.id, {})))
    unknown = set()
    if real_sets is None:
        unknown = {
            k for k in run.scores if (m := tools.metrics.get(metric_key(k))) and m.reads_real(k)
        }
        if unknown:
            notes.append(
                f"not recomputed, their real set does not ship: {', '.join(sorted(unknown))}"
            )
    scores = recompute_scores(items.records, locked, sets=sets, references=real_sets or {})
    for key in sorted((run.scores.keys() | scores.keys()) - unknown):
        if key not in scores:
            yield Fault("score_unfounded", f"{key}: the items give no such score")
        elif key not in run.scores:
            yield Fault("score_missing", f"{key}: the items give it, the row lacks it")
        else:
            yield from _compare(key, run.scores[key], scores[key])


def real_sets_of(locked: Locked) -> Mapping[str, RealSetStatistics] | None:
    """Return the real set that a lock names; None if it does not ship with lvbench."""
    if locked.identity.real is None:
        return {}
    entry = locked.protocol.real
    if entry is None or entry.sha256 != locked.identity.real:
        return None
    file = protocols_folder() / entry.file
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != entry.sha256:
        return None
    real_set = read_real_set(file)
    return {str(real_set.provenance.get("name")): real_set}


def _compare(key: str, stated: Score, own: Score) -> Iterator[Fault]:
    info = metric_info(describe(key).record)
    tolerance = _FITTED if own.measured else 0.0
    if describe(key).of_sets and info is not None:
        tolerance = info.tolerance
    one, other = stated.model_dump(exclude=_NOT_COMPARED), own.model_dump(exclude=_NOT_COMPARED)
    differing = [
        name for name in sorted(one.keys() | other.keys())
        if name != "value" and one.get(name) != other.get(name)
    ]  # fmt: skip
    for name, allowed in (
        ("value", tolerance),
        ("ci_low", max(tolerance, _FITTED)),
        ("ci_high", max(tolerance, _FITTED)),
    ):
        if not _same(getattr(stated, name), getattr(own, name), allowed):
            differing.append(name)
    if differing:
        parts = [f"{n} {_shown(getattr(stated, n))}, the items give {_shown(getattr(own, n))}"
                 for n in differing if hasattr(own, n)]  # fmt: skip
        yield Fault("score_differs", f"{key}: {'; '.join(parts)}")


def _same(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0 if tolerance == 0 else 1e-12)


def _shown(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)
