"""Registry of the generators by name."""

from __future__ import annotations

from inspect import signature

from lvbench.errors import UsageError
from lvbench.generators.contract.base import Generator
from lvbench.registry import Registry

GENERATORS: Registry[type[Generator]] = Registry(
    "generator",
    {
        "command": "lvbench.generators.command.command:Command",
        "degraded-oracle": "lvbench.generators.baselines.degraded_oracle:DegradedOracle",
        "diffusers": "lvbench.generators.diffusers.diffusion:Diffusion",
        "folder": "lvbench.generators.folder:FolderGenerator",
        "http": "lvbench.generators.hosted.hosted:Hosted",
        "loop": "lvbench.generators.baselines.simple:LoopGenerator",
        "noise": "lvbench.generators.baselines.simple:Noise",
        "oracle": "lvbench.generators.baselines.oracle:Oracle",
        "procedural": "lvbench.generators.baselines.simple:Procedural",
        "reference": "lvbench.generators.reference:ReferenceModel",
        "static": "lvbench.generators.baselines.simple:Static",
    },
)


def build(reference: str) -> Generator:
    """Return the generator named `name` or `name:argument`, as in `command:PROGRAM ... {out}`.

    Raises:
        RegistryError: There is no generator of that name.
        UsageError: A required argument is missing, or the argument is invalid.

    Examples:
        >>> from lvbench.generators.registry import build
        >>> build("noise:64x48").info.size
        (64, 48)
    """
    name, colon, argument = reference.partition(":")
    kind = GENERATORS.get(name)
    given = [argument] if colon else []
    try:
        signature(kind).bind(*given)
    except TypeError as error:
        raise UsageError(
            f"set up the generator '{name}'",
            found=f"it takes no argument: {argument}" if colon else "it needs an argument",
            where=reference,
            fix=f"see its options with 'lvbench show {name}'",
        ) from error
    return kind(*given)
