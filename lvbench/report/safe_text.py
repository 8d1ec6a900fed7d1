"""Make text from outside (titles, names, prompts) safe to show."""

from __future__ import annotations

import unicodedata

LONGEST = 120
LONGEST_SIGNATURE = 400
_SHOWN_NAMES = 10
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINER = "\N{WORD JOINER}"


def printable(text: str, longest: int = LONGEST) -> str:
    """Return text on one line without control or direction characters, cut where too long.

    It can then not move a cursor, reverse the text that follows, or fill a page.
    """
    flat = " ".join(text.split())
    clean = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _HIDDEN else c
                    for c in flat[: longest + 1])  # fmt: skip
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def names(found: tuple[str, ...] | list[str], most: int = _SHOWN_NAMES) -> str:
    """Return names as a list in words; of many the first ones and the number of the others."""
    shown = ", ".join(printable(name) for name in found[:most])
    return f"{shown} and {len(found) - most} more" if len(found) > most else shown


def unlinked(markdown: str) -> str:
    """Return Markdown in which a name is no mention and an address no link."""
    for mark in ("@", "://", "www."):
        markdown = markdown.replace(mark, f"{mark[0]}{_JOINER}{mark[1:]}")
    return markdown


def annotation(text: str, *, of_property: bool = False) -> str:
    """Return text as the argument of a workflow command, line ends escaped."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if of_property else text
