"""What is wrong with a submission: the row and its items against each other and against lvbench."""

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
from lvbench.verify.lock import absurd
from lvbench.weights.catalogue import Entry, catalogue

_NOT_COMPARED = {"detail", "ci_low", "ci_high"}
# A fit through LAPACK may differ in its last digits on another machine; means and medians not.
_FITTED = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a submission.

    Attributes:
        code: What kind.
        says: What was found, and what was expected.
    """

    code: str
    says: str


def findings(row: Row, items: bytes | None) -> tuple[list[Finding], list[str]]:
    """Return the faults of a submission, and what could not be checked.

    Args:
        row: The row.
        items: The bytes of its `.items.parquet`; None where there is no such file.
    """
    found = list(_complete(row))
    try:
        locked = lock_of(dict(row.lock), draft=row.run.protocol.draft, where="the row's lock")
    except LvbenchError as error:
        return [*found, Finding(error.code, error.found)], []
    notes: list[str] = []
    found += _identity(row, locked, notes)
    found += _resolved(row, locked, notes)
    found += _weights(locked, notes)
    if items is None:
        missing = "there is no .items.parquet beside the row: nothing can be recomputed"
        return [*found, Finding("items_missing", missing)], notes
    if absurd(locked):
        says = f"{locked.protocol.interval.resamples} resamples: nothing is recomputed"
        return [*found, Finding("lock_absurd", says)], notes
    if hashlib.sha256(items).hexdigest() != row.items_sha256:
        found.append(Finding("items_changed", "the .items.parquet is not the one the row names"))
    try:
        unpacked = unpack_items(items, row.run.protocol.hash, "the .items.parquet")
        found += _recomputed(row, locked, unpacked, notes)
    except LvbenchError as error:
        found.append(Finding(error.code, error.found))
    return found, notes


def _complete(row: Row) -> Iterator[Finding]:
    run = row.run
    if run.status != "complete" or run.reasons:
        yield Finding("run_partial", f"the run is partial: {'; '.join(run.reasons) or 'it says'}")
    own = row.organisation.casefold()
    if row.verification is not None and row.verification.by.casefold() == own:
        yield Finding("verified_by_owner", f"{row.organisation} verified its own row")


def _identity(row: Row, locked: Locked, notes: list[str]) -> Iterator[Finding]:
    said, protocol = row.run.protocol, locked.protocol
    own = locked.identity.hash
    for what, stated in (("lock", locked.stated), ("run", said.hash)):
        if stated != own:
            says = f"the {what} states {stated[:12]}, the lock's content gives {own[:12]}"
            yield Finding("hash_differs", says)
    if (said.name, said.version) != (protocol.name, protocol.version):
        says = f"the run says {said.name} v{said.version}, the lock {protocol.name} v" \
               f"{protocol.version}"  # fmt: skip
        yield Finding("protocol_differs", says)
    try:
        shipped = load_protocol(f"{protocol.name}@{protocol.version}")
    except LvbenchError as error:
        yield Finding("protocol_unknown", f"{error.asked}: {error.found}")
        return
    keys = differing_keys(shipped.said(), protocol.said())
    if keys:
        if row.draft:
            notes.append(
                f"of an earlier state of the draft, the protocol differs in: {', '.join(keys)}"
            )
        else:
            says = f"it is not the released {shipped.name} v{shipped.version}: {', '.join(keys)}"
            yield Finding("protocol_edited", says)
    if shipped.draft and not row.draft:
        says = f"{shipped.name} v{shipped.version} is a draft, and the row is not marked so"
        yield Finding("protocol_draft", says)


def _resolved(row: Row, locked: Locked, notes: list[str]) -> Iterator[Finding]:
    try:
        keys = keys_of_another_lvbench(locked)
    except LvbenchError as error:
        yield Finding(error.code, f"{error.asked}: {error.found}")
        return
    if keys:
        says = f"this lvbench resolves the protocol otherwise: {', '.join(keys[:8])}"
        if row.draft:
            notes.append(f"of an earlier state of the draft, {says}")
        else:
            yield Finding("resolved_differently", says)
    protocol = locked.protocol
    pinned = None if protocol.real is None else protocol.real.sha256
    if pinned is not None and locked.identity.real != pinned:
        yield Finding("real_set_differs", "it was held against another real set than ships")


def _weights(locked: Locked, notes: list[str]) -> Iterator[Finding]:
    unknown, untold = unknown_weights(locked)
    for name, checksum in unknown.items():
        says = f"{name}: {checksum} is no file of lvbench/weights/weights.yaml"
        yield Finding("weights_unknown", says)
    if untold:
        notes.append(f"weights not checked, the catalogue has no sha256: {', '.join(untold)}")


def _recomputed(row: Row, locked: Locked, items: Items, notes: list[str]) -> Iterator[Finding]:
    run = row.run
    told = counts(items.records)
    if told != run.videos:
        yield Finding("videos_differ", f"the items give {told}, the row says {run.videos}")
    number = len(items.records)
    missing = too_few(number, number, locked.protocol.clips.minimum)
    yield from (Finding("videos_missing", says) for says in missing)
    signature = recompute_signature(locked, len(items.records), run.environment)
    if run.signature != signature:
        yield Finding("signature_differs", f"the signature should be {signature}")
    tools = tools_of(locked, items.records)
    wanted = {entry.key for entry in locked.protocol.metrics}
    lacking = sorted(wanted - tools.metrics.keys() - {e.name for e in locked.protocol.metrics
                                                     if e.name in tools.metrics})  # fmt: skip
    if lacking:
        yield Finding("metrics_missing", f"no item holds {', '.join(lacking)}")
    references = real_sets_of(locked)
    sets = dict(gathered(tools, items.records, lambda r: items.arrays.get(r.video.id, {})))
    unknown = set()
    if references is None:
        unknown = {
            k for k in run.scores if (m := tools.metrics.get(metric_key(k))) and m.reads_real(k)
        }
        if unknown:
            notes.append(
                f"not recomputed, their real set does not ship: {', '.join(sorted(unknown))}"
            )
    scores = recompute_scores(items.records, locked, sets=sets, references=references or {})
    stated = {key: score for key, score in run.scores.items() if key not in unknown}
    own = {key: score for key, score in scores.items() if key not in unknown}
    yield from _compared(stated, own)


def real_sets_of(locked: Locked) -> Mapping[str, RealSetStatistics] | None:
    """Return the real set that a lock names; None where it is none that ships."""
    if locked.identity.real is None:
        return {}
    entry = locked.protocol.real
    if entry is None or entry.sha256 != locked.identity.real:
        return None
    file = protocols_folder() / entry.file
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != entry.sha256:
        return None
    reference = read_real_set(file)
    return {str(reference.provenance.get("name")): reference}


def _compared(stated: Mapping[str, Score], own: Mapping[str, Score]) -> Iterator[Finding]:
    for key in sorted(stated.keys() | own.keys()):
        if key not in own:
            yield Finding("score_unfounded", f"{key}: the items give no such score")
            continue
        if key not in stated:
            yield Finding("score_missing", f"{key}: the items give it, the row lacks it")
            continue
        yield from _one(key, stated[key], own[key])


def _one(key: str, stated: Score, own: Score) -> Iterator[Finding]:
    info = metric_info(describe(key).record)
    tolerance = _FITTED if own.measured else 0.0
    if describe(key).of_sets and info is not None:
        tolerance = info.tolerance
    one, other = stated.model_dump(exclude=_NOT_COMPARED), own.model_dump(exclude=_NOT_COMPARED)
    differing = [
        name for name in sorted(one.keys() | other.keys())
        if name != "value" and one.get(name) != other.get(name)
    ]  # fmt: skip
    differing += [] if _same(stated.value, own.value, tolerance) else ["value"]
    room = max(tolerance, _FITTED)
    differing += [
        name for name in ("ci_low", "ci_high")
        if not _same(getattr(stated, name), getattr(own, name), room)
    ]  # fmt: skip
    if differing:
        parts = [f"{n} {_shown(getattr(stated, n))}, the items give {_shown(getattr(own, n))}"
                 for n in differing if hasattr(own, n)]  # fmt: skip
        yield Finding("score_differs", f"{key}: {'; '.join(parts)}")


def _same(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0 if tolerance == 0 else 1e-12)


def _shown(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


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


def _told(checksum: str, entry: Entry) -> bool | None:
    """Tell whether a checksum is a file's of the entry; None where a file states none."""
    stated = [file.sha256 for file in entry.files]
    return True if checksum in stated else None if None in stated else False
