"""The literature: entries of references.bib, and which metric or extractor rests on which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Part = Literal["metrics", "extractors"]

_HEAD = re.compile(r"^@(?P<kind>[a-z]+)\{(?P<key>[^\s,{}]+),$")
_FIELD = re.compile(r"^  (?P<name>[a-z]+) = \{(?P<value>.*)\},$")
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
    """Return the entries of a file in lvbench's form: one field a line, each value in braces.

    Raises:
        ValueError: A line is not of that form.
    """
    entries: list[Entry] = []
    kind, key, fields = "", "", dict[str, str]()
    for number, line in enumerate(text.splitlines(), 1):
        head, pair = _HEAD.match(line), _FIELD.match(line)
        if head and not key:
            kind, key, fields = head["kind"], head["key"], {}
        elif pair and key and pair["name"] not in fields:
            fields[pair["name"]] = pair["value"]
        elif line == "}" and key:
            entries.append(Entry(key, kind, fields))
            key = ""
        elif line.strip():
            raise ValueError(f"line {number} is not of an entry: {line}")
    if key:
        raise ValueError(f"the entry {key} has no end")
    return entries


@cache
def references() -> dict[str, Entry]:
    """Return the entries that ship with lvbench, by key."""
    text = files("lvbench.report").joinpath("references.bib").read_text("utf-8")
    return {entry.key: entry for entry in parse(text)}


@cache
def sources() -> dict[Part, dict[str, list[str]]]:
    """Return the keys that lvbench's own metrics and extractors rest on, by name."""
    text = files("lvbench.report").joinpath("sources.yaml").read_text("utf-8")
    found: dict[Part, dict[str, list[str]]] = yaml.safe_load(text)
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
