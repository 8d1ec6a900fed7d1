from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from lvbench.cli.leaderboard import leaderboard


def test_empty_root_gives_an_empty_board(tmp_path: Path) -> None:
    runner = CliRunner()
    built = runner.invoke(leaderboard, ["build", "--root", str(tmp_path)])
    assert built.exit_code == 0
    assert "the board is empty" in built.output
    assert {path.name for path in (tmp_path / "boards").iterdir()} == {"board.html", "board.md"}
    out = tmp_path / "elsewhere"
    assert runner.invoke(leaderboard, ["build", "--root", str(tmp_path), "--out", str(out)])
    assert (out / "board.md").is_file()


def test_run_must_be_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(leaderboard, ["build", "--root", str(tmp_path), "--run", "x"])
    assert done.exit_code == 2
    assert "is not NAME=DIR" in done.output
