"""Parse a generator's options: `switch=value,switch=value`."""

from __future__ import annotations

import re
from dataclasses import replace

from lvbench.errors import UsageError
from lvbench.generators.contract.types import GeneratorInfo


def read_options(generator: str, argument: str) -> dict[str, str]:
    """Return the switches by name, in order; none for an empty argument.

    Raises:
        UsageError: A part is not `switch=value`, or a switch is repeated.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in argument.split(","))):
        name, mark, value = (piece.strip() for piece in part.partition("="))
        if not (name and mark and value) or name in found:
            raise UsageError(
                f"set up the generator '{generator}'",
                found=f"'{part}' is given twice" if name in found else f"'{part}'",
                where=f"{generator}:{argument}",
                fix=f"write {generator}:switch=value,switch=value; "
                f"see its options with 'lvbench show {generator}'",
            )
        found[name] = value
    return found


def refuse_unknown(generator: str, given: dict[str, str], known: tuple[str, ...]) -> None:
    """Refuse switches that a generator does not have.

    Raises:
        UsageError: One is not among `known`.
    """
    for name in given:
        if name not in known:
            import difflib

            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise UsageError(
                f"set up the generator '{generator}'",
                found=f"no switch '{name}'; nearest: {near}",
                where=f"{generator}:{name}={given[name]}",
                fix=f"its switches are {', '.join(known)}",
            )


def as_number(generator: str, name: str, text: str) -> float:
    """Return a switch's value as a finite number.

    Raises:
        UsageError: It is not a finite number.
    """
    try:
        value = float(text)
        if abs(value) < float("inf"):
            return value
    except ValueError:
        pass
    raise UsageError(
        f"set up the generator '{generator}'",
        found=f"{name} = {text}",
        where=f"{generator}:{name}={text}",
        fix="give a number",
    )


def with_fixed_size(info: GeneratorInfo, argument: str) -> GeneratorInfo:
    """Return the info with a fixed size such as `64x64`; unchanged for an empty argument.

    Raises:
        UsageError: The argument is not a size.
    """
    if not argument:
        return info
    found = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", argument.strip())
    if found is None:
        raise UsageError(
            f"set up the generator '{info.name}'",
            found=f"'{argument}'",
            where=f"{info.name}:{argument}",
            fix=f"write {info.name}, or {info.name}:WIDTHxHEIGHT",
        )
    width, height = map(int, found.groups())
    revision = f"{info.revision} {width}x{height}"
    return replace(info, size=(width, height), revision=revision)
