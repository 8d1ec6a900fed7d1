from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.leaderboard.board import sections
from lvbench.leaderboard.build import bars, build, check_boards, write_boards
from lvbench.leaderboard.collect import collect

ROOT = Path(__file__).resolve().parents[2]


def test_same_rows_give_the_same_bytes(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 2.0)):
        add_row(model, {"exposure_drift": value})
    assert build(root) == build(root)


def test_no_rows_give_an_empty_board_that_says_so(root: Path) -> None:
    files = build(root)
    assert sorted(path.name for path in files) == ["board.html", "board.md"]
    assert all("No rows yet." in content for content in files.values())


def test_markdown_and_page_hold_the_models(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("Model<1>", {"exposure_drift": 1.0}, url="https://example.org/model")
    files = build(root)
    text = files[root / "lvb-smoke" / "board.md"]
    page = files[root / "lvb-smoke" / "board.html"]
    assert "Model&lt;1&gt; (Lab, v1)" in text
    assert "1.00 ± 0.10" in text
    assert '<a href="https://example.org/model">Model&lt;1&gt;</a>' in page


def test_check_fails_where_a_board_was_edited_or_is_missing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0})
    with pytest.raises(ConfigError) as caught:
        check_boards(build(root))
    assert caught.value.code == "board_stale"
    write_boards(build(root))
    check_boards(build(root))
    board = root / "lvb-smoke" / "board.md"
    board.write_text(board.read_text("utf-8").replace("1.00", "0.10"), "utf-8")
    with pytest.raises(ConfigError, match="1 of 4 boards"):
        check_boards(build(root))


def test_bars_stay_inside_the_drawing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 1.05), ("c", 5.0)):
        add_row(model, {"exposure_drift": value})
    (section,) = sections(collect(root, {})["lvb-smoke"])
    drawn, cost = bars(section)
    assert cost is None
    assert [bar.name for bar in drawn] == ["a", "b", "c"]
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000.1 for bar in drawn)


def test_committed_boards_are_what_their_rows_give() -> None:
    check_boards(build(ROOT / "leaderboards"))
