"""Compute the identity of a score: everything that can move this number, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lvbench.errors import LvbenchError
from lvbench.metrics.base import AnyMetric
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import differing_keys
from lvbench.protocol.schema import metric_key
from lvbench.results.files import canonical_json

SHORT = 12
"""Hexadecimal digits of an identity in run.json."""

# Keys of `prompts` that decide which clips are requested; the file's name and revision do not.
_PROMPTS = ("sha256", "categories", "seconds", "fps", "width", "height", "seeds", "samples")
_CLIPS = ("fps", "size")
_WORDS = {
    "segment_seconds": "other segment length",
    "decoder": "other decoder",
    "real": "other real set",
    "version": "other version of the metric",
    "metrics": "other protocol",
}


class ScoreIdentities:
    """The identities of the scores of a run, from its lock alone.

    Args:
        identity: The identity in the run's lock.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._metrics = _metrics(identity.protocol)

    def content(self, score: str) -> dict[str, Any]:
        """Return everything that can move a score, as plain JSON.

        Args:
            score: Key of the score.

        Returns:
            Its metric with version and parameters; the specs of the extractors that the metric
            reads, weights' checksums included; the length of a segment where the metric has
            segments; the metrics that it is derived from; the requested clips; the decoder; the
            method of the intervals; its gates; the real set's digest where the score reads one.
            Of a metric that is not installed here, the entire content of the lock.
        """
        key = metric_key(score)
        metric = self._metrics.get(key)
        identity, protocol = self._identity, self._identity.protocol
        if metric is None:
            return {"score": score, **identity.content()}
        prompts, clips = protocol.get("prompts"), protocol.get("clips") or {}
        found = {
            "score": score,
            **self._metric(key, score),
            "prompts": prompts and {k: prompts[k] for k in _PROMPTS if k in prompts},
            "clips": {k: clips.get(k, "as_made") for k in _CLIPS},
            "decoder": identity.decoder,
            "interval": protocol.get("interval"),
            "gates": {
                gate["metric"]: {
                    "value": gate["value"],
                    "share": gate["share"],
                    **self._metric(gate["metric"], gate["metric"]),
                }
                for gate in protocol.get("gates") or []
                if gate["metric"] in metric.info.gates
            },
        }
        return found | ({"real": identity.real} if metric.reads_real(score) else {})

    def short(self, score: str) -> str:
        """Return the identity of a score as in run.json: 12 hexadecimal digits."""
        content = canonical_json(self.content(score))
        return hashlib.sha256(content.encode()).hexdigest()[:SHORT]

    def _metric(self, key: str, score: str) -> dict[str, Any]:
        """Return version and parameters of a metric, and what it reads."""
        metric, identity = self._metrics.get(key), self._identity
        if metric is None:
            return {"absent": key}  # a source that the protocol does not run
        found = {
            **identity.metrics.get(key, {}),
            "extractors": {need: identity.extractors.get(need) for need in metric.needs},
        }
        if metric.reads_segments:
            found["segment_seconds"] = identity.protocol.get("segment_seconds")
        if metric.sources:
            found["sources"] = {
                source: self._metric(source, source) for source in metric.sources_of(score)
            }
        return found


def differing_scores(one: Identity, other: Identity, scores: Iterable[str]) -> dict[str, str]:
    """Return the scores whose identities differ between two locks, each with the reason in words.

    Args:
        one: Identity in the first lock.
        other: Identity in the second lock.
        scores: Keys of scores that both runs have.
    """
    if one.hash == other.hash:
        return {}
    ours, theirs = ScoreIdentities(one), ScoreIdentities(other)
    found = {}
    for score in scores:
        contents = ours.content(score), theirs.content(score)
        if canonical_json(contents[0]) != canonical_json(contents[1]):
            found[score] = reason(*contents)
    return found


def reason(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return in words why two identities of a score differ."""
    keys = differing_keys(dict(one), dict(other))
    # A change that moves both a score and its gates is stated once.
    keys = [key for key in keys if not key.startswith("gates.")] or keys
    return ", ".join(dict.fromkeys(_words(key.split("."), one, other) for key in keys))


def _words(path: list[str], one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    first, rest = path[0], path[1:]
    if first == "sources" and rest:
        inner = one.get("sources", {}).get(rest[0]) or {}
        outer = other.get("sources", {}).get(rest[0]) or {}
        return f"{rest[0]}: {_words(rest[1:], inner, outer) if rest[1:] else 'other source'}"
    if first == "gates" and rest:
        return f"other gate {rest[0]}"
    if first == "parameters" and rest:
        return f"other parameter {'.'.join(rest)}"
    if first == "extractors" and rest:
        return _extractor(rest, one, other)
    if first in ("prompts", "clips", "interval") and rest:
        return f"other {first} ({'.'.join(rest)})"
    return _WORDS.get(first, f"other {first}")


def _extractor(path: list[str], one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    name, part = path[0], ".".join(path[1:])
    if part != "weights":
        return f"other {name}{f' ({part})' if part else ''}"
    both = [(side.get("extractors", {}).get(name) or {}).get("weights") for side in (one, other)]
    return f"weights of {name} missing in one run" if None in both else f"other weights of {name}"


def _metrics(protocol: Mapping[str, Any]) -> dict[str, AnyMetric]:
    """Return the installed metrics of a protocol by key."""
    found = {}
    for entry in protocol.get("metrics") or []:
        try:
            metric = build_metric(entry["name"], dict(entry.get("parameters") or {}))
        except LvbenchError:
            continue
        found[metric.key] = metric
    return found
