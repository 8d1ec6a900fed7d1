"""The metrics and extractors that a protocol runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lvbench.errors import ConfigError
from lvbench.features.base import Extractor
from lvbench.features.registry import build as build_extractor
from lvbench.metrics.base import Metric
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.identity import Identity, protocol_identity
from lvbench.protocol.schema import Protocol
from lvbench.video.decode import DECODER_ID
from lvbench.video.frames import Products


@dataclass(frozen=True, slots=True)
class Tools:
    """What one pass over a video needs, each extractor once however many metrics read it.

    Attributes:
        protocol: The protocol.
        metrics: Metrics by name, in the protocol's order.
        extractors: Extractors by name, sorted.
        products: The pictures that the decoder must make.
        identity: Everything of these that can move a number.
    """

    protocol: Protocol
    metrics: dict[str, Metric[Any]]
    extractors: dict[str, Extractor]
    products: Products
    identity: Identity


def build_tools(protocol: Protocol) -> Tools:
    """Return the metrics of a protocol and the extractors that they need together.

    Raises:
        RegistryError: The protocol names a metric or extractor that does not exist.
        ConfigError: It sets a parameter that does not exist, or pins another version.
    """
    metrics = {m.name: build_metric(m.name, dict(m.parameters)) for m in protocol.metrics}
    needed = sorted({need for metric in metrics.values() for need in metric.needs})
    unread = sorted(set(protocol.extractors) - set(needed))
    if unread:
        raise ConfigError(
            f"set up the protocol {protocol.name}",
            found=f"parameters for {', '.join(unread)}, which no metric of it reads",
            where="extractors",
            mend=f"its metrics read {', '.join(needed)}",
            code="protocol_invalid",
        )
    extractors = {
        name: build_extractor(name, dict(protocol.extractors.get(name, {}))) for name in needed
    }
    products = Products()
    for extractor in extractors.values():
        products |= extractor.spec.products
    identity = protocol_identity(
        protocol,
        {
            name: {"version": m.info.version, "parameters": m.parameters()}
            for name, m in metrics.items()
        },
        {name: e.spec.identity() for name, e in extractors.items()},
        DECODER_ID,
    )
    return Tools(protocol, metrics, extractors, products, identity)
