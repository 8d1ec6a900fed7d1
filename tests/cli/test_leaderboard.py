from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from lvbench.cli.leaderboard import leaderboard
from lvbench.errors import ConfigError


def test_empty_root_gives_an_empty_board_and_check_notices_its_absence(tmp_path: Path) -> None:
    runner = CliRunner()
    arguments = ["build", "--root", str(tmp_path)]
    missing = runner.invoke(leaderboard, [*arguments, "--check"])
    assert isinstance(missing.exception, ConfigError)
    built = runner.invoke(leaderboard, arguments)
    assert built.exit_code == 0
    assert "the board is empty" in built.output
    assert runner.invoke(leaderboard, [*arguments, "--check"]).exit_code == 0


def test_run_must_be_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(leaderboard, ["build", "--root", str(tmp_path), "--run", "x"])
    assert done.exit_code == 2
    assert "is not NAME=DIR" in done.output
