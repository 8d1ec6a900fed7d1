"""Every metric and network has well-formed entries, and no entry is there for nothing."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import bibtexparser
import pytest
import yaml

import lvbench
from lvbench.features.registry import EXTRACTORS
from lvbench.metrics.registry import METRICS
from lvbench.report.cite.references import Entry, escaped, extractor_keys, parse, plain, references

ROOT = Path(__file__).resolve().parents[3]
# What BibTeX's own styles insist on; the address of a thing without a year is enough.
REQUIRED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "techreport": {"author", "title", "institution", "number", "year"},
    "misc": {"author", "title"},
}
BUILT_IN = [name for name in METRICS if METRICS.get(name).__module__.startswith("lvbench.")]


def cited() -> dict[str, tuple[str, ...]]:
    """Return the keys by metric and by extractor."""
    found = {f"metric {name}": METRICS.get(name).info.cites for name in BUILT_IN}
    return found | {f"extractor {name}": tuple(keys) for name, keys in extractor_keys().items()}


def test_every_metric_and_extractor_resolves() -> None:
    extractors = [n for n in EXTRACTORS if EXTRACTORS.get(n).__module__.startswith("lvbench.")]
    assert sorted(extractor_keys()) == extractors
    for name, keys in cited().items():
        assert keys, f"{name} cites nothing"
        assert len(set(keys)) == len(keys), name
        assert set(keys) <= references().keys(), f"{name}: add the entry to references.bib"


def test_every_entry_is_used() -> None:
    assert {key for keys in cited().values() for key in keys} == references().keys()


def test_the_file_is_what_a_parser_of_bibtex_reads() -> None:
    text = files("lvbench.report.cite").joinpath("references.bib").read_text("utf-8")
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    read = {e.key: Entry(e.key, e.entry_type, dict(e.items())) for e in library.entries}
    assert len(read) == len(library.entries)
    for entry in references().values():
        assert read[entry.key].kind == entry.kind
        assert {f: read[entry.key].fields[f] for f in entry.fields} == entry.fields


@pytest.mark.parametrize("entry", references().values(), ids=references().keys())
def test_an_entry_is_well_formed(entry: Entry) -> None:
    fields = entry.fields
    assert REQUIRED[entry.kind] <= fields.keys()
    assert "year" in fields or "url" in fields
    for value in fields.values():
        assert value == value.strip() != ""
        assert value.isascii()
        depth = 0
        for mark in re.findall(r"(?<!\\)[{}]", value):
            depth += 1 if mark == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert not re.search(r"(?<!\\)[%#&_@]", re.sub("^https?://.*", "", value))
        assert "\\" not in plain(value)
    assert re.fullmatch(r"(19|20)\d\d", fields.get("year", "2000"))
    if not fields["author"].startswith("{"):
        names = fields["author"].split(" and ")
        assert all(name == "others" or re.fullmatch(r"[^,]+, [^,]+", name) for name in names)
    title = {re.sub(r"\W", "", other.fields["title"]).lower() for other in references().values()}
    assert len(title) == len(references())


def test_lvbenchs_entry_is_that_of_the_citation_file() -> None:
    stated = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    fields = references()["lvbench"].fields
    assert plain(fields["title"]) == stated["title"]
    assert [plain(fields["author"])] == [author["name"] for author in stated["authors"]]
    assert fields["year"] == str(stated["date-released"].year)
    assert stated["version"] == lvbench.__version__


def test_text_has_no_tex() -> None:
    assert references()["binkowski2018demystifying"].text() == (
        "Mikołaj Bińkowski, Danica J. Sutherland, Michael Arbel, Arthur Gretton. Demystifying MMD "
        "GANs. International Conference on Learning Representations, 2018."
    )
    assert "Joaquín" in references()["pechpacheco2000diatom"].text()
    assert "et al. VBench++" in references()["huang2025vbenchpp"].text()
    assert plain(escaped("a_b {50%} #1 & $")) == "a_b {50%} #1 & $"


def test_the_file_is_written_as_entries_are_printed() -> None:
    text = files("lvbench.report.cite").joinpath("references.bib").read_text("utf-8")
    assert "\n\n".join(entry.bibtex() for entry in parse(text)) + "\n" == text
    first, *others = references()
    assert first == "lvbench"
    assert others == sorted(others)


def test_a_citation_on_one_line_is_read_as_a_parser_reads_it() -> None:
    text = """@Article { a:1, Title = "A {"}quoted{"} {T}itle", author={M{\\"u}ller, {\\'E}va and
        others}, year = 2020 } @misc{b, title = {x \\{ y}, }"""
    first, second = parse(text)
    read = bibtexparser.parse_string(text).entries_dict["a:1"]
    assert (first.key, first.kind) == ("a:1", "article")
    assert {name: " ".join(str(read[name]).split()) for name in ("author", "year")} == {
        name: first.fields[name] for name in ("author", "year")
    }
    assert first.fields["title"] == 'A {"}quoted{"} {T}itle'
    assert second.fields == {"title": "x \\{ y"}
    assert first.text() == 'Éva Müller et al. A "quoted" Title. 2020.'


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title = {x},",
        "@misc{a, title = {x}, title = {y}}",
        "loose words",
        "@misc{a, title = {x}}, and more",
        "@misc{a, title = {x",
        "@string{a = {x}}",
    ],
)
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not BibTeX|twice|no end"):
        parse(text)
