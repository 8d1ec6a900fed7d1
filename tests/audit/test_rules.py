"""Of copies the best file stays, and a dropped file keeps no copy out."""

from __future__ import annotations

from typing import Any

from lvbench.audit.duplicates import Duplicate
from lvbench.audit.row import Row
from lvbench.audit.rules import Rules, apply_rules


def row(name: str, height: int = 720, **more: Any) -> Row:
    size = {"width": height * 16 // 9, "height": height, "seconds": 9.0}
    return Row(name, name, "ok", **size | more)


def same(first: str, second: str, share: float = 1.0) -> Duplicate:
    return Duplicate(first, second, 0.0, 0.0, 9.0, 0.95, share, "frame_survey")


def dropped(rows: list[Row], pairs: list[Duplicate]) -> dict[str, list[str]]:
    return {r.id: list(r.reasons) for r in apply_rules(rows, pairs, Rules()) if r.reasons}


def test_the_largest_of_copies_stays() -> None:
    rows = [row("a", 480), row("b", 1080), row("c", 720)]
    pairs = [same("a", "b"), same("b", "c"), same("a", "c")]
    assert dropped(rows, pairs) == {"a": ["near_duplicate"], "c": ["near_duplicate"]}


def test_a_shared_passage_is_no_copy() -> None:
    assert dropped([row("a"), row("b")], [same("a", "b", share=0.4)]) == {}


def test_a_file_that_goes_for_another_reason_keeps_no_copy_out() -> None:
    rows = [row("a", 1080, black_bars=0.2), row("b", 720)]
    assert dropped(rows, [same("a", "b")]) == {"a": ["black_bars", "near_duplicate"]}


def test_every_reason_stands_in_the_rules() -> None:
    rows = [
        row("a", seconds=0.2), row("b", 100), row("c", frozen=0.9), row("d", black_bars=0.3),
        row("e", lightness=1.0), row("f"), row("g"), Row("h", "h", "failed", "not_a_video", "?"),
    ]  # fmt: skip
    codes = {code for codes in dropped(rows, [same("f", "g")]).values() for code in codes}
    assert codes == {code for code, _ in Rules().in_words()}


def test_what_is_not_known_is_no_reason() -> None:
    assert dropped([row("a", frozen=None, black_bars=None, lightness=None)], []) == {}
