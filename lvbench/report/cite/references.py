"""The literature: entries of references.bib, and the keys that each extractor rests on."""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

_HEAD = re.compile(r"\s*@\s*(?P<kind>[A-Za-z]+)\s*\{\s*(?P<key>[^\s,{}@]+)\s*")
_FIELD = re.compile(r"\s*,\s*(?P<name>[A-Za-z]+)\s*=\s*(?P<value>\d+|(?=[{\"]))")
_END = re.compile(r"\s*,?\s*\}\s*")
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303"}
_ACCENT = re.compile(r"\\(['`^\"~])\{?([A-Za-z])\}?")
_LETTERS = {r"\l": "ł", r"\L": "Ł", r"\o": "ø", r"\ss": "ß"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one entry of a bibliography.

    Attributes:
        key: Citation key, the same in every version of lvbench.
        kind: `article`, `inproceedings`, `techreport`, `misc`.
        fields: Name to value in TeX, in the order in which they are printed.
    """

    key: str
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def bibtex(self) -> str:
        """Return the entry as BibTeX."""
        lines = [f"  {name} = {{{value}}}," for name, value in self.fields.items()]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])

    def text(self) -> str:
        """Return the entry as one line without TeX: who, what, where, when."""
        said = {name: plain(value) for name, value in self.fields.items()}
        place = next(
            (said[k] for k in ("journal", "booktitle", "institution", "howpublished") if k in said),
            "",
        )
        if place == said.get("author"):
            place = ""
        volume, number = said.get("volume", ""), said.get("number", "")
        issue = f"{volume}({number})" if volume and number else volume or number
        where = ", ".join(filter(None, [place, issue, said.get("pages", ""), said.get("year", "")]))
        parts = [_authors(said.get("author", "")), said["title"], where]
        parts += [said[key] for key in ("note", "url") if key in said]
        return ". ".join(part.rstrip(".") for part in parts if part) + "."


def parse(text: str) -> list[Entry]:
    """Return the entries of BibTeX without macros, with nothing but space between them.

    Raises:
        ValueError: The text is not of that kind, or an entry says a field twice.
    """
    entries: list[Entry] = []
    at = 0
    while at < len(text):
        head = _expect(_HEAD, text, at)
        at, fields = head.end(), dict[str, str]()
        while found := _FIELD.match(text, at):
            name, value = found["name"].lower(), found["value"]
            at = found.end()
            if not value:
                at = _closing(text, at)
                value = " ".join(text[found.end() + 1 : at - 1].split())
            if name in fields:
                raise ValueError(f"the entry {head['key']} says its {name} twice")
            fields[name] = value
        at = _expect(_END, text, at).end()
        entries.append(Entry(head["key"], head["kind"].lower(), fields))
    return entries


def _expect(what: re.Pattern[str], text: str, at: int) -> re.Match[str]:
    found = what.match(text, at)
    if found is None:
        raise ValueError(f"this is not BibTeX without macros: {text[at : at + 40]!r}")
    return found


def _closing(text: str, start: int) -> int:
    """Return the place after the brace or quotation mark that closes the one at `start`."""
    depth, quoted = 0, text[start] == '"'
    for at in range(start, len(text)):
        if text[at - 1] != "\\":
            depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0 and (not quoted or (at > start and text[at] == '"')):
            return at + 1
    raise ValueError(f"a value has no end: {text[start : start + 40]!r}")


@cache
def references() -> dict[str, Entry]:
    """Return the entries that ship with lvbench, by key."""
    text = files("lvbench.report.cite").joinpath("references.bib").read_text("utf-8")
    return {entry.key: entry for entry in parse(text)}


def brought(kind: type) -> dict[str, Entry]:
    """Return the entries of a plugin, by key: those of `references.bib` in its module's folder.

    A file that is not BibTeX without macros counts as none.
    """
    path = Path(inspect.getfile(kind)).with_name("references.bib")
    if not path.is_file():
        return {}
    with suppress(ValueError):
        return {entry.key: entry for entry in parse(path.read_text("utf-8"))}
    return {}


@cache
def extractor_keys() -> dict[str, list[str]]:
    """Return the keys that lvbench's own extractors rest on, by name."""
    text = files("lvbench.report.cite").joinpath("extractors.yaml").read_text("utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)
    return found


def plain(tex: str) -> str:
    """Return TeX as plain text: accents composed, braces and mathematics' marks gone."""
    said = _ACCENT.sub(lambda m: unicodedata.normalize("NFC", m[2] + _ACCENTS[m[1]]), tex)
    for command, letter in _LETTERS.items():
        said = re.sub(re.escape(command) + r"(?![A-Za-z])\s*", letter, said)
    said = re.sub(r"\\texttt\b", "", said)
    said = re.sub(r"\\([&%$#_{}])", r"\1", re.sub(r"(?<!\\)[{}$]", "", said))
    return said.replace("---", "—").replace("--", "–")


def escaped(text: str) -> str:
    """Return plain text as TeX."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text)


def _authors(names: str) -> str:
    """Turn `Last, First and Last, First` into `First Last, First Last`."""
    turned = [" ".join(reversed(name.split(", ", 1))) for name in names.split(" and ")]
    if turned[-1:] == ["others"]:
        return f"{', '.join(turned[:-1])} et al"
    return ", ".join(turned)
