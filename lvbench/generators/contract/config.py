"""Read the configuration file of a generator."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lvbench.errors import ConfigError
from lvbench.generators.contract.plan import Limits
from lvbench.generators.contract.types import GeneratorInfo, Schedule

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]

# Fields that a configuration file and `GeneratorInfo` have in common.
_DESCRIBED = (
    *("licence", "conditions_on", "chunk_seconds", "fps", "size"),
    *("schedule", "seedable", "deterministic"),
)


class Strict(BaseModel):
    """Refuse unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class LimitsConfig(Strict):
    """Supported lengths and sizes; see `Limits`."""

    frames_multiple: Count = 1
    frames_plus: Annotated[int, Field(ge=0)] = 0
    most_frames: Count | None = None
    size_multiple: Count = 1

    def limits(self) -> Limits:
        """Return the limits for a plan."""
        return Limits(**self.model_dump())


class GeneratorConfig(Strict):
    """Fields of every configuration file; see `GeneratorInfo`.

    `HARMLESS` names the keys that cannot change a pixel, such as time limits.
    """

    HARMLESS: ClassVar[frozenset[str]] = frozenset()

    name: str | None = None
    revision: str = "unknown"
    licence: str = "unknown"
    conditions_on: tuple[Literal["text", "image", "audio"], ...] = ("text",)
    schedule: Schedule = "unknown"
    chunk_seconds: Positive | None = None
    fps: Positive | None = None
    size: tuple[Count, Count] | None = None
    seedable: bool = True
    deterministic: bool = True
    limits: LimitsConfig = LimitsConfig()

    def info(self, default_name: str, *, streams: bool = False) -> GeneratorInfo:
        """Return the generator's info; its revision changes with the configuration."""
        own = {name: getattr(self, name) for name in _DESCRIBED}
        return GeneratorInfo(
            self.name or default_name, f"{self.revision}+{self.digest}", streams=streams, **own
        )

    @property
    def digest(self) -> str:
        """Return 8 hex digits that identify every setting that can change a pixel."""
        said = self.model_dump_json(exclude=set(self.HARMLESS))
        return hashlib.sha256(said.encode()).hexdigest()[:8]


C = TypeVar("C", bound=Strict)


def is_config(argument: str) -> bool:
    """Return whether a generator's argument is the path of a configuration file."""
    return argument.endswith((".yaml", ".yml", ".json"))


def read_config(path: str | Path, kind: type[C]) -> C:
    """Return the configuration in a YAML or JSON file.

    Raises:
        ConfigError: The file is missing or invalid (`generator_config_invalid`).
    """
    from lvbench.plain_yaml import read_yaml

    path = Path(path)
    try:
        data = read_yaml(path)
        # Via JSON, lists become tuples in strict mode.
        return kind.model_validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        found = f"{key}: {first['msg']}"
        fix = f"keys are {', '.join(kind.model_fields)}"
    except OSError as error:
        found, fix = error.strerror or str(error), "check the path"
    except (TypeError, ValueError) as error:
        found, fix = f"not YAML ({' '.join(str(error).split())})", "write one mapping"
    raise ConfigError(
        "set up the generator",
        found=found,
        where=str(path),
        fix=fix,
        code="generator_config_invalid",
    )
