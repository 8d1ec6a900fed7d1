"""Words of prompts: content, nearness, quotations."""

from __future__ import annotations

from lvbench.protocol.prompt_words import content, jaccard, quoted, shingles, unquoted, words


def test_content_is_what_is_seen() -> None:
    assert content("A goat with a red collar, in the rain.") == {"goat", "red", "collar", "rain"}
    assert words("A doll's Kitchen; 2 cats") == ["a", "doll's", "kitchen", "2", "cats"]


def test_shingles_are_runs_of_words() -> None:
    assert shingles("One red goat. One hen") == {
        ("one", "red", "goat"),
        ("red", "goat", "one"),
        ("goat", "one", "hen"),
    }
    assert shingles("One goat") == frozenset()


def test_jaccard_is_the_share_that_both_hold() -> None:
    a, b = frozenset("abc"), frozenset("bcd")
    assert jaccard(a, b) == 0.5
    assert jaccard(a, frozenset()) == 0.0
    assert jaccard(frozenset(), frozenset()) == 1.0


def test_quoted_text_is_separated_from_the_rest() -> None:
    text = 'A sign that reads "TEA ROOM" hangs above "NO".'
    assert quoted(text) == ["TEA ROOM", "NO"]
    assert unquoted(text) == "A sign that reads  hangs above ."
