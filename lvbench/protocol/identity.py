"""Compute the identity of a protocol, a hash of all that can move a number, and the signature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvbench import __version__
from lvbench.errors import ConfigError
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json
from lvbench.results.schema import RunRecord


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that can move a number of a protocol, as plain JSON.

    Attributes:
        protocol: The protocol without its draft mark.
        metrics: Version and parameters of every metric, defaults included.
        extractors: Spec of every extractor, with checksums of weights.
        decoder: Identifier of the decoder's conversion recipe.
        real: Digest of the real set that the run is compared with; None without one.
    """

    protocol: Mapping[str, Any]
    metrics: Mapping[str, Any]
    extractors: Mapping[str, Any]
    decoder: str
    real: str | None = None

    def content(self) -> dict[str, Any]:
        """Return the identity as one JSON object."""
        return {
            "protocol": dict(self.protocol),
            "metrics": dict(self.metrics),
            "extractors": dict(self.extractors),
            "decoder": self.decoder,
            "real": self.real,
        }

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the canonical JSON."""
        return _digest(self.content())


def protocol_identity(
    protocol: Protocol,
    metrics: Mapping[str, Any],
    extractors: Mapping[str, Any],
    decoder: str,
    real: str | None = None,
) -> Identity:
    """Return the identity of a protocol run with these metrics, extractors and decoder.

    Args:
        protocol: The protocol.
        metrics: Key to `{"version", "parameters"}`.
        extractors: Name to `ExtractorSpec.identity()`.
        decoder: Identifier of the conversion recipe.
        real: Digest of the real set, if there is one.

    Raises:
        ConfigError: The protocol pins a version of a metric that this lvbench does not have.
    """
    for entry in protocol.metrics:
        # A metric with its default extractor named is listed under its own name.
        have = metrics[entry.key if entry.key in metrics else entry.name]["version"]
        if have != entry.version:
            raise ConfigError(
                f"run the protocol {protocol.name} v{protocol.version}",
                found=f"it pins {entry.name} version {entry.version}, this lvbench has "
                f"version {have}",
                where=f"lvbench {__version__}",
                fix="install the lvbench that the protocol was released with, or use its newest "
                "version",
                code="metric_version",
            )
    return Identity(protocol.content(), metrics, extractors, decoder, real)


def signature(
    protocol: Protocol, identity: Identity, videos: int, lvbench: str = __version__
) -> str:
    """Return the line that identifies the numbers of a complete run.

    `fps` is the requested rate of clips; `any` without a request.

    Args:
        protocol: The protocol.
        identity: Its identity.
        videos: Number of videos in the run.
        lvbench: The version that made the run.
    """
    weights = {n: e["weights"] for n, e in identity.extractors.items() if e["weights"]}
    preprocessing = {n: e["preprocessing"] for n, e in identity.extractors.items()}
    parts = {
        "v": f"{protocol.version}{'-draft' if protocol.draft else ''}",
        "n": videos,
        "fps": f"{protocol.prompts.fps:g}" if protocol.prompts else "any",
        "pre": _digest({"decoder": identity.decoder, "extractors": preprocessing})[:8],
        "metrics": _digest(identity.metrics)[:8],
        "weights": _digest(weights)[:8] if weights else "none",
        "ci": f"{protocol.interval.method}{protocol.interval.resamples}",
        "seed": protocol.interval.seed,
        "id": identity.hash[:12],
        "lvbench": lvbench,
    }
    return "|".join([protocol.name, *(f"{key}:{value}" for key, value in parts.items())])


def short_signature(record: RunRecord) -> str:
    """Return a short form of the signature, as `lvb-60s v1 n:240 id:0f1e...`.

    The version of a draft reads `v1-draft`; a partial run has no signature, which is stated.
    """
    protocol = record.protocol
    named = f"{protocol.name} v{protocol.version}{'-draft' if protocol.draft else ''}"
    id_ = f"id:{protocol.hash[:12]}"
    if record.signature is None:
        return f"{named} partial: no signature, {id_}"
    return f"{named} n:{record.videos['expected']} {id_}"


def signature_line(record: RunRecord) -> str:
    """Return the signature, or a line that there is none, with the id."""
    return record.signature or short_signature(record)


def _digest(content: Any) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
