"""Recompute a run's numbers from its item records and lock alone: no video, network or torch.

Verification, checks of submissions and evaluation itself use it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.video_pass.tools import Tools
from lvbench.environment import made_by
from lvbench.features.base import Extractor
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.features.registry import build as build_extractor
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.identity import protocol_identity, signature
from lvbench.protocol.lock import differing_keys
from lvbench.protocol.locked import Locked
from lvbench.results.equal import equal_videos
from lvbench.results.files import canonical_json
from lvbench.results.schema import ItemRecord, RunRecord, Score
from lvbench.video.decoding.decode import DECODER_ID
from lvbench.video.frames import Products

_FEWER = re.compile(r"only \d{1,9} of (\d{1,9}) videos were requested")


def recompute_scores(
    items: Sequence[ItemRecord],
    locked: Locked,
    *,
    sets: Mapping[str, FeatureSet] | None = None,
    references: Mapping[str, RealSetStatistics] | None = None,
) -> dict[str, Score]:
    """Return the scores of a run by key, gates attached, as evaluation writes them.

    Left out are the scores of metrics that no item has (their weights were missing), and of set
    metrics whose features `sets` lacks.

    Args:
        items: The item records, in any order; of each series the last point is enough.
        locked: The run's lock.
        sets: Windows' features of the run's videos, by extractor.
        references: Features of the real set; without them, a metric that needs one is not
            applicable.

    Raises:
        LvbenchError: The lock names a metric or a parameter that this lvbench does not have.
    """
    tools = tools_of(locked, items)
    given = sets or {}
    metrics = {
        key: metric
        for key, metric in tools.metrics.items()
        if not metric.of_sets or metric.needs[0] in given
    }
    slim = [item.without_curves() for item in items]
    return aggregate(replace(tools, metrics=metrics), slim, given, references)


def tools_of(locked: Locked, items: Sequence[ItemRecord]) -> Tools:
    """Return the lock's metrics that the items have, and their extractors without networks.

    Args:
        locked: The lock.
        items: The item records.

    Raises:
        LvbenchError: The lock names what this lvbench does not have.
    """
    protocol = locked.protocol
    present = {key for item in items for key in item.metrics}
    wanted = [build_metric(entry.name, dict(entry.parameters)) for entry in protocol.metrics]
    metrics = {metric.key: metric for metric in wanted if metric.key in present}
    needed = sorted({need for metric in metrics.values() for need in metric.needs})
    extractors = {name: _extractor(name, locked) for name in needed}
    return Tools(protocol, metrics, {}, extractors, Products(), locked.identity)


def keys_of_another_lvbench(locked: Locked) -> list[str]:
    """Return the dotted keys in which a lock differs from what this lvbench resolves.

    Weights and the digest of the real set are taken from the lock: neither is known here.

    Raises:
        LvbenchError: The lock names what this lvbench does not have.
    """
    protocol = locked.protocol
    metrics = {}
    for entry in protocol.metrics:
        metric = build_metric(entry.name, dict(entry.parameters))
        metrics[metric.key] = {"version": metric.info.version, "parameters": metric.parameters()}
    names = {
        need
        for entry in protocol.metrics
        for need in build_metric(entry.name, dict(entry.parameters)).needs
    }
    extractors = {name: _extractor(name, locked).spec.identity() for name in sorted(names)}
    # Another pinned version is a difference too, not an error.
    here = protocol.model_copy(
        update={
            "metrics": [
                entry.model_copy(update={"version": _version(entry.key, entry.name, metrics)})
                for entry in protocol.metrics
            ]
        }
    )
    own = protocol_identity(here, metrics, extractors, DECODER_ID, locked.identity.real)
    # Through JSON: a lock has lists where a constructor may have tuples.
    return differing_keys(locked.identity.content(), json.loads(canonical_json(own.content())))


def recompute_signature(locked: Locked, videos: int, environment: Mapping[str, Any]) -> str:
    """Return the signature of a complete run of `videos` videos, made in this environment."""
    return signature(locked.protocol, locked.identity, videos, made_by(environment))


def counts(items: Iterable[ItemRecord]) -> dict[str, int]:
    """Return the numbers of expected, failed and partly failed videos.

    The key `copies`, the number of videos of equal content, is present only where it is not 0.
    """
    items = list(items)
    failed = sum(item.video.status == "failed" for item in items)
    partly = sum(
        item.video.status == "ok" and any(s.status == "failed" for s in item.metrics.values())
        for item in items
    )
    copies = sum(len(ids) - 1 for ids in equal_videos(items))
    found = {"expected": len(items), "failed": failed, "with_failed_metrics": partly}
    return found | ({"copies": copies} if copies else {})


def too_few(scored: int, complete: int, minimum: int) -> list[str]:
    """Return why a run of `scored` videos is not complete; empty where it is."""
    if scored < complete:
        return [f"only {scored} of {complete} videos were requested"]
    if scored < minimum:
        return [f"the run has {scored} videos, the protocol requires {minimum}"]
    return []


def unavailable_headlines(scores: Mapping[str, Score]) -> list[str]:
    """Return a sentence for each headline that is unavailable, which makes a run partial."""
    missing = sorted(key for key, score in scores.items() if score.status == "unavailable")
    return [f"{key} is unavailable" for key in missing if "." not in key.partition("@")[0]]


def _extractor(name: str, locked: Locked) -> Extractor:
    """Return an extractor with the weights' checksum of the lock; nothing is loaded."""
    extractor = build_extractor(name, dict(locked.protocol.extractors.get(name, {})))
    weights = locked.identity.extractors.get(name, {}).get("weights")
    extractor.spec = replace(extractor.spec, weights_sha256=weights)
    return extractor


def _version(key: str, name: str, metrics: Mapping[str, Mapping[str, object]]) -> object:
    return metrics[key if key in metrics else name]["version"]


def expected_videos(record: RunRecord) -> int | None:
    """Return the number of videos of a complete run, where a run states that it has fewer."""
    for reason in record.reasons:
        match = _FEWER.search(reason)
        if match:
            return int(match[1])
    return None
