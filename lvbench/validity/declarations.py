"""What the card of a metric declares: faults that it reacts to, faults that it ignores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Sign = Literal["rises", "falls", "grows"]

_REACTS, _IGNORES = "## Declared reactions", "## Declared to ignore"
_REACTION = re.compile(r"^- `(?P<fault>\w+)`: (?:`(?P<component>\w+)` )?(?P<sign>\w+)\b")
_IGNORED = re.compile(r"^- `(?P<fault>\w+)`")


@dataclass(frozen=True, slots=True)
class Reaction:
    """How a score changes when a fault grows.

    Attributes:
        fault: Name of the fault.
        component: The metric's component that reacts; empty for the headline.
        sign: `rises`, `falls`, or `grows` (its absolute value rises).
    """

    fault: str
    component: str
    sign: Sign


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a metric declares.

    Attributes:
        reactions: Its reactions, in the order of the card.
        ignored: Faults that its headline must not react to.
    """

    reactions: tuple[Reaction, ...] = ()
    ignored: tuple[str, ...] = ()

    def reacts_to(self, fault: str) -> bool:
        """Return whether it declares a reaction to a fault."""
        return any(reaction.fault == fault for reaction in self.reactions)


def read_declaration(card: str) -> Declaration:
    r"""Return what the text of a card declares.

    The card has two lists, each under its heading:

        ## Declared reactions
        - `blur_ramp`: falls
        - `noise_ramp`: `noise` rises, in levels

        ## Declared to ignore
        - `brightness_ramp`, up to the first clipped pixel

    Raises:
        ValueError: A line of a list has another form.

    Examples:
        >>> from lvbench.validity.declarations import read_declaration
        >>> read_declaration("## Declared reactions\n- `blur_ramp`: falls\n").reactions[0].sign
        'falls'
    """
    sections = _sections(card)
    reactions = tuple(_reaction(line) for line in sections.get(_REACTS, ()))
    return Declaration(reactions, tuple(_ignored(line) for line in sections.get(_IGNORES, ())))


def _sections(card: str) -> Mapping[str, list[str]]:
    """Return the list lines of a card by heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in card.splitlines():
        if line.startswith("#"):
            heading = line.strip()
        elif line.startswith("- "):
            found.setdefault(heading, []).append(line)
    return found


def _reaction(line: str) -> Reaction:
    found = _REACTION.match(line)
    if found is None or found["sign"] not in get_args(Sign):
        raise ValueError(f"declared reaction '{line}' is not '- `fault`: [`component`] SIGN'")
    sign: Sign = found["sign"]  # type: ignore[assignment]
    return Reaction(found["fault"], found["component"] or "", sign)


def _ignored(line: str) -> str:
    found = _IGNORED.match(line)
    if found is None:
        raise ValueError(f"ignored fault '{line}' is not '- `fault`'")
    return found["fault"]
