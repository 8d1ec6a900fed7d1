"""The extractors by name."""

from __future__ import annotations

from typing import Any

from lvbench.features.base import Extractor
from lvbench.registry import Registry, construct

EXTRACTORS: Registry[type[Extractor]] = Registry(
    "extractor",
    {
        "dis": "lvbench.features.dis:DenseInverseSearchFlow",
        "fingerprint": "lvbench.features.fingerprint:Fingerprint",
        "lab_statistics": "lvbench.features.lab_statistics:LabStatistics",
        "luma_statistics": "lvbench.features.luma_statistics:LumaStatistics",
        "rgb_difference": "lvbench.features.rgb_difference:RgbDifference",
        "shots": "lvbench.features.shots:Shots",
    },
)


def build(name: str, parameters: dict[str, Any] | None = None) -> Extractor:
    """Return the extractor `name` with the protocol's parameters for it.

    Raises:
        RegistryError: There is no extractor of that name.
        ConfigError: It does not take one of the parameters, or not of that kind.
    """
    return construct("extractor", name, EXTRACTORS.get(name), parameters or {})
