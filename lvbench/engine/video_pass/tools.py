"""Build the metrics and extractors of a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lvbench.errors import ConfigError, LvbenchError, MissingDependencyError, WeightsError
from lvbench.features.base import Extractor
from lvbench.features.network import NetworkExtractor, Place
from lvbench.features.registry import build as build_extractor
from lvbench.metrics.base import AnyMetric, Metric
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.metrics.registry import build as build_metric
from lvbench.metrics.set_metric import SetMetric
from lvbench.protocol.identity import Identity, protocol_identity
from lvbench.protocol.schema import Protocol
from lvbench.video.decoding.decode import DECODER_ID
from lvbench.video.frames import Products


class Setting(BaseModel):
    """Settings of a run outside its protocol; sent to the workers as JSON.

    Attributes:
        weights: A weights file, or a folder of them; None for the cache.
        device: Where networks run. Numbers change within the cards' tolerances at most.
        real: Digest of the real set that distances between sets use.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: str | None = None
    device: str = "auto"
    real: str | None = None

    @property
    def place(self) -> Place:
        """Return where networks find their weights and run."""
        return Place(None if self.weights is None else Path(self.weights), self.device)


@dataclass(frozen=True, slots=True)
class Tools:
    """Metrics and extractors of one pass, each extractor once for all metrics that read it.

    Attributes:
        protocol: The protocol.
        metrics: Metrics that can be computed here, by key, in the protocol's order.
        unavailable: Metrics that cannot, by key, each with its error.
        extractors: Extractors by name, sorted.
        products: The pictures that the decoder must make.
        identity: Everything in them that can move a number.
    """

    protocol: Protocol
    metrics: dict[str, AnyMetric]
    unavailable: dict[str, tuple[AnyMetric, LvbenchError]]
    extractors: dict[str, Extractor]
    products: Products
    identity: Identity

    @property
    def video_metrics(self) -> dict[str, Metric[Any]]:
        """Return the metrics that read the features of one video, by key."""
        return {key: m for key, m in self.metrics.items() if isinstance(m, Metric)}

    @property
    def derived_metrics(self) -> dict[str, DerivedMetric]:
        """Return the metrics that read the scores of others, by key."""
        return {key: m for key, m in self.metrics.items() if isinstance(m, DerivedMetric)}

    @property
    def set_metrics(self) -> dict[str, SetMetric]:
        """Return the metrics of sets of videos, by key."""
        return {key: m for key, m in self.metrics.items() if isinstance(m, SetMetric)}

    @property
    def paired(self) -> set[str]:
        """Return the names of the extractors that compare the video with its original."""
        return {name for name, e in self.extractors.items() if e.spec.products.reference}


def build_tools(protocol: Protocol, setting: Setting | None = None) -> Tools:
    """Return the metrics of a protocol and the extractors that they need.

    A metric whose weights or extra are missing is unavailable; the others run.

    Args:
        protocol: The protocol.
        setting: Where weights are and networks run, and the real set.

    Raises:
        RegistryError: The protocol names a metric or extractor that does not exist.
        ConfigError: It sets a parameter that does not exist, or pins another version.
    """
    setting = setting or Setting()
    wanted = [build_metric(m.name, dict(m.parameters)) for m in protocol.metrics]
    metrics = {metric.key: metric for metric in wanted}
    if len(metrics) < len(wanted):
        raise _invalid(protocol, "a metric twice with its default extractor", "metrics")
    needed = sorted({need for metric in wanted for need in metric.needs})
    _refuse_unread(protocol, needed)
    extractors: dict[str, Extractor] = {}
    missing: dict[str, LvbenchError] = {}
    for name in needed:
        extractor = build_extractor(name, dict(protocol.extractors.get(name, {})))
        extractors[name] = extractor
        try:
            extractor.require()
            if isinstance(extractor, NetworkExtractor):
                extractor.attach(setting.place)
        except (MissingDependencyError, WeightsError) as error:
            missing[name] = error
    unavailable = _unavailable(metrics, missing)
    identity = protocol_identity(
        protocol,
        {key: _pinned(metric) for key, metric in metrics.items()},
        {name: extractor.spec.identity() for name, extractor in extractors.items()},
        DECODER_ID,
        setting.real,
    )
    available = {key: metric for key, metric in metrics.items() if key not in unavailable}
    read = {need for metric in available.values() for need in metric.needs}
    used = {name: extractor for name, extractor in extractors.items() if name in read}
    products = Products()
    for extractor in used.values():
        products |= extractor.spec.products
    return Tools(protocol, available, unavailable, used, products, identity)


def _refuse_unread(protocol: Protocol, needed: list[str]) -> None:
    unread = sorted(set(protocol.extractors) - set(needed))
    if unread:
        found = f"parameters for {', '.join(unread)}, which no metric of it reads"
        raise _invalid(protocol, found, "extractors", f"its metrics read {', '.join(needed)}")


def _invalid(
    protocol: Protocol, found: str, where: str, fix: str = "name each metric and extractor once"
) -> ConfigError:
    return ConfigError(
        f"set up the protocol {protocol.name}",
        found=found,
        where=where,
        fix=fix,
        code="protocol_invalid",
    )


def _pinned(metric: AnyMetric) -> dict[str, Any]:
    return {"version": metric.info.version, "parameters": metric.parameters()}


def _unavailable(
    metrics: dict[str, AnyMetric], missing: dict[str, LvbenchError]
) -> dict[str, tuple[AnyMetric, LvbenchError]]:
    """Return the metrics that lack an extractor, or a metric that they are derived from."""
    found: dict[str, tuple[AnyMetric, LvbenchError]] = {}
    for key, metric in metrics.items():
        reasons = [missing[need] for need in metric.needs if need in missing]
        if reasons:
            found[key] = (metric, reasons[0])
    for key, metric in metrics.items():
        lacking = [found[source][1] for source in metric.required if source in found]
        if lacking:
            found[key] = (metric, lacking[0])
    return found
