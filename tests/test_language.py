"""The banned words of docs/style.md are absent from code, cards and docs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("lvbench", "metrics", "benchmarks", "docs", "design")
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "Makefile",
    "protocols/index.yaml",
)
ENDINGS = (".py", ".md", ".j2", ".yaml")
# Path ending and the text around the word: names and quotations.
ALLOWED = (
    ("docs/style.md", r"(?s).*"),
    ("", r"\.tell\(\)"),  # of file objects
    ("features/world/networks.py", r"self\.told\b"),  # name of tensors in the shipped weights
    ("", r"(?i)\bLLM judges?\b"),
)


def banned(page: str) -> dict[str, re.Pattern[str]]:
    """Return each banned word of the style guide with the pattern that finds it."""
    table = page.partition("## Banned words")[2]
    words = [
        word
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for word in re.findall(r"`([^`]+)`", row)
    ]
    return {word: pattern(word) for word in words}


def pattern(word: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in word.replace(" ... ", " \0 ").split(" ")]
    text = r"\s+".join(parts).replace("\0" + r"\s+", r"(?:[\w-]+\s+){0,5}?")
    return re.compile(rf"\b{text}\b".replace(r"\*\b", r"\w*\b"), re.IGNORECASE)


def texts() -> Iterator[Path]:
    """Yield the files that the rule covers; `lvbench/metrics` is a link to `metrics`."""
    yield from (ROOT / page for page in PAGES)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in ENDINGS and path.is_file():
                yield path


def breaches(path: Path, text: str, words: dict[str, re.Pattern[str]]) -> Iterator[str]:
    name = path.relative_to(ROOT).as_posix()
    allowed = [
        found.span()
        for ending, around in ALLOWED
        if name.endswith(ending)
        for found in re.finditer(around, text)
    ]
    lower = text.lower()
    for word, wanted in words.items():
        # Most words are in no file: a plain search first is much faster.
        if word.split(" ")[0].rstrip("*") not in lower:
            continue
        for found in wanted.finditer(text):
            if not any(start <= found.start() < end for start, end in allowed):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{name}:{line}: '{found.group()}' ({word})"


def test_no_banned_word_is_used() -> None:
    words = banned((ROOT / "docs/style.md").read_text())
    found = [line for path in texts() for line in breaches(path, path.read_text(), words)]
    rooms = Counter("/".join(line.partition(":")[0].split("/")[:2]) for line in found)
    counts = "\n".join(f"{count:5} {room}" for room, count in sorted(rooms.items()))
    assert not found, "see docs/style.md, 'Banned words'\n" + "\n".join([*found, counts])


@pytest.mark.parametrize(
    ("word", "text", "matches"),
    [
        ("mend*", "It mends the file.", True),
        ("mend*", "We recommend it.", False),
        ("hold ... against", "Hold the first\nvideo against it.", True),
        ("hold ... against", "hold against", True),
        ("hold ... against", "hold one two three four five six against", False),
        ("asked for", "as asked\n    for", True),
        ("kin", "KIN and kind", True),
        ("kin", "kind", False),
    ],
)
def test_a_pattern_matches_words(word: str, text: str, matches: bool) -> None:
    assert bool(pattern(word).search(text)) is matches


def test_the_page_has_its_words() -> None:
    words = banned((ROOT / "docs/style.md").read_text())
    assert {"beside", "judged", "told", "mend*", "hold ... against", "the very"} <= set(words)
    assert "say" not in words
