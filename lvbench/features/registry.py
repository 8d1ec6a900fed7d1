"""The extractors by name."""

from __future__ import annotations

from typing import Any

from lvbench.errors import ConfigError
from lvbench.features.base import Extractor
from lvbench.registry import Registry

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
        ConfigError: It does not take one of the parameters.
    """
    kind = EXTRACTORS.get(name)
    try:
        return kind(**(parameters or {}))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"set up the extractor '{name}'",
            found=str(error),
            where=f"parameters {parameters}",
            mend=f"see its parameters with 'lvbench show {name}'",
        ) from error
