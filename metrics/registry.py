"""The metrics by name: whatever has a card in one of the family folders."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from lvbench.metrics.base import AnyMetric
from lvbench.registry import Registry, construct


def _targets() -> dict[str, str]:
    """Return `module:class` of every metric by name, from the files alone: nothing is imported.

    A metric is `<family>/<name>.py` with its card `<family>/<name>.md`; its class is called like
    the metric, in capitals: `temporal_flicker` is `TemporalFlicker`.
    """
    found = {}
    for family in files("lvbench.metrics").iterdir():
        cards = (file.name for file in family.iterdir()) if family.is_dir() else ()
        for name in (card.removesuffix(".md") for card in cards if card.endswith(".md")):
            class_name = "".join(word.capitalize() for word in name.split("_"))
            found[name] = f"lvbench.metrics.{family.name}.{name}:{class_name}"
    return found


METRICS: Registry[type[AnyMetric]] = Registry("metric", _targets())


def build(name: str, parameters: dict[str, Any] | None = None) -> AnyMetric:
    """Return the metric `name` with the protocol's parameters for it.

    Raises:
        RegistryError: There is no metric of that name.
        ConfigError: It does not take one of the parameters, or not of that kind.

    Examples:
        >>> from lvbench.metrics.registry import build
        >>> build("sharpness_drift", {"floor": 0.1}).needs
        ('detail_statistics',)
    """
    return construct("metric", name, METRICS.get(name), parameters or {})
