"""Compare run.json with the item records: header, identities, prompts and scores."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lvbench import __version__
from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.aggregation.recompute import (
    counts,
    expected_videos,
    recompute_scores,
    recompute_signature,
    too_few,
    unavailable_headlines,
)
from lvbench.environment import made_by
from lvbench.errors import ConfigError, UsageError
from lvbench.features.feature_set import FeatureSet
from lvbench.generators.contract.requests import requests
from lvbench.protocol.schema import metric_key
from lvbench.results.schema import Score
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding, Unverified
from lvbench.verify.sets import RealFeatures, out_of_reach, real_features, set_keys

ACROSS_MACHINES = 1e-9
"""Largest relative difference of an aggregate between machines.

Another order of float64 sums, or another build of LAPACK, changes the last bits alone.
"""

_RUN = "run.json"
_MOST_NAMED = 5


def check_header(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield where status, reasons, counts or signature differ from what the items give."""
    record, locked, items = context.record, context.locked, context.items
    made = made_by(record.environment)
    if made != __version__:
        context.result.notes.append(f"the run was made by lvbench {made}, this is {__version__}")
    found = counts(items)
    for key in sorted(record.videos.keys() | found.keys()):
        if record.videos.get(key) != found.get(key):
            cell = f"videos.{key}"
            yield RunFinding("counts_differ", _RUN, cell, record.videos.get(key), found.get(key))
    if (record.status == "partial") != bool(record.reasons):
        detail = str(record.reasons)
        yield RunFinding("status_differs", _RUN, "status", record.status, detail=detail)
    minimum = locked.protocol.clips.minimum
    reasons = too_few(len(items), expected_videos(record) or len(items), minimum)
    reasons += unavailable_headlines(record.scores)
    if record.reasons != reasons:
        yield RunFinding("status_differs", _RUN, "reasons", record.reasons, reasons)
    signed = None
    if not record.reasons:
        signed = recompute_signature(locked, len(items), record.environment)
    if record.signature != signed:
        yield RunFinding("signature_differs", _RUN, "signature", record.signature, signed)


def check_identities(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield the items whose identity is not that of the lock."""
    computed = context.locked.identity.hash
    for item in context.items:
        if item.identity != computed:
            where = f"items/{item.video.id}"
            yield RunFinding("identity_differs", where, "identity", item.identity, computed)


def check_prompts(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield clips missing from a complete run, and clips made for another prompt or seed.

    Where no video has an id of the protocol's prompts, the videos came from elsewhere: a note.
    """
    entry, notes = context.locked.protocol.prompts, context.result.notes
    if entry is None:
        return
    try:
        requested = {request.id: request for request in requests(entry, context.protocol_folder)}
    except ConfigError as error:
        notes.append(f"the protocol's prompts are not here: {error.found}")
        return
    videos = {item.video.id: item.video for item in context.items}
    if not videos.keys() & requested.keys():
        notes.append("its videos are not named by the protocol's prompts: they were given by hand")
        return
    missing = sorted(requested.keys() - videos.keys())
    if missing and context.record.status == "complete":
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        detail = f"no item of {', '.join(missing[:_MOST_NAMED])}{more}"
        counted = len(videos), len(requested)
        yield RunFinding("prompts_missing", "items", "", *counted, detail=detail)
    for name in sorted(videos.keys() & requested.keys()):
        request, video = requested[name], videos[name]
        prompts = [prompt.model_dump(mode="json") for prompt in request.prompts]
        if video.prompts != prompts:
            yield RunFinding("prompt_differs", name, "prompts", video.prompts, prompts)
        if video.seed != request.seed:
            yield RunFinding("prompt_differs", name, "seed", video.seed, request.seed)


def check_scores(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield where the scores differ from those that the items give.

    The item records decide, whatever networks are installed: aggregation needs none.
    """
    locked, items, stated = context.locked, context.items, context.record.scores
    sets: Mapping[str, FeatureSet] = {}
    real = RealFeatures()
    try:
        # Numbers chosen to overflow become findings, not warnings on the terminal.
        with np.errstate(all="ignore"), tempfile.TemporaryDirectory() as scratch:
            tools = context.lock_tools
            of_sets = set_keys(tools, stated)
            if of_sets and not context.broken:
                real = real_features(context, Path(scratch))
                sets = feature_sets(tools, context.files.folder, items)
            found = recompute_scores(items, locked, sets=sets, references=real.found)
    except UsageError:
        raise
    except Exception as error:  # whatever hostile numbers do to the arithmetic
        detail = f"{type(error).__name__}: {error}"[:300]
        yield RunFinding("scores_unfounded", _RUN, "scores", detail=detail)
        return
    available = [key for key in of_sets if stated[key].status != "unavailable"]
    lost = out_of_reach(tools, available, sets, real)
    for reason in dict.fromkeys(lost.values()):
        keys = ", ".join(key for key, why in lost.items() if why == reason)
        context.result.unverifiable.append(Unverified(keys, "features_missing", reason))
    tolerances: dict[str, float] = {}
    if not context.result.exact:
        tolerances = dict.fromkeys(stated, ACROSS_MACHINES)
        tolerances |= {key: tools.metrics[metric_key(key)].info.tolerance for key in of_sets}
    for key in sorted((stated.keys() | found.keys()) - lost.keys()):
        if key not in found:
            yield from _without_items(key, stated[key])
        elif key not in stated:
            yield RunFinding("score_missing", _RUN, f"scores.{key}", None, found[key].value)
        else:
            # The detail of a distance names the real set's folder.
            ignored = {"detail"} if key in of_sets else set[str]()
            tolerance = tolerances.get(key, 0.0)
            yield from _differences(key, stated[key], found[key], tolerance, ignored)


def _without_items(key: str, score: Score) -> Iterator[RunFinding]:
    """Yield a score that no item supports, unless it is unavailable and empty."""
    filled = score.n_expected or score.n_scored or score.n_failed or score.ci_low or score.ci_high
    if score.status != "unavailable" or filled:
        cell, detail = f"scores.{key}", "no item has this metric"
        yield RunFinding("score_unfounded", _RUN, cell, score.value, detail=detail)


def _differences(
    key: str, stated: Score, found: Score, tolerance: float, ignored: Collection[str]
) -> Iterator[RunFinding]:
    ours, theirs = stated.model_dump(), found.model_dump()
    for part in sorted((ours.keys() | theirs.keys()) - set(ignored)):
        if part == "gates":
            yield from _gates(key, stated, found, tolerance)
            continue
        one, other = ours.get(part), theirs.get(part)
        difference = _relative(one, other)
        if one == other or (difference is not None and difference <= tolerance):
            continue
        cell = f"scores.{key}.{part}"
        yield RunFinding("score_differs", _RUN, cell, one, other, difference, tolerance or None)


def _gates(key: str, stated: Score, found: Score, tolerance: float) -> Iterator[RunFinding]:
    ours = {gate.metric: gate for gate in stated.gates}
    theirs = {gate.metric: gate for gate in found.gates}
    for name in sorted(ours.keys() | theirs.keys()):
        for part in ("share", "limit", "n", "n_failed"):
            one, other = getattr(ours.get(name), part, None), getattr(theirs.get(name), part, None)
            if one != other:
                cell = f"scores.{key}.gates.{name}.{part}"
                apart = _relative(one, other)
                yield RunFinding("gate_differs", _RUN, cell, one, other, apart, tolerance or None)


def _relative(one: Any, other: Any) -> float | None:
    """Return the relative difference of two floats; None for anything else."""
    if not (isinstance(one, float) and isinstance(other, float)):
        return None
    largest = max(abs(one), abs(other))
    return abs(one / largest - other / largest) if largest else 0.0
