"""The generators by name."""

from __future__ import annotations

from lvbench.generators.base import Generator
from lvbench.registry import Registry

GENERATORS: Registry[type[Generator]] = Registry(
    "generator",
    {
        "command": "lvbench.generators.command:Command",
        "procedural": "lvbench.generators.procedural:Procedural",
    },
)


def build(reference: str) -> Generator:
    """Return the generator named `name` or `name:argument`, as in `command:PROGRAM ... {out}`.

    Raises:
        RegistryError: There is no generator of that name.
        UsageError: It needs an argument, or the argument does not serve.
    """
    name, colon, argument = reference.partition(":")
    kind = GENERATORS.get(name)
    return kind(*[argument] if colon else [])
