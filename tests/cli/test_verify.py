from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli.verify import verify
from lvbench.engine.evaluate import evaluate
from tests.engine.conftest import clips, quick
from tests.verify import forgery

__all__ = ["clips", "quick"]


@pytest.fixture(scope="module")
def honest(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "honest"
    evaluate(clips, out=folder, protocol=quick, workers=1, device="cpu")
    return folder


def _run(*arguments: object) -> tuple[object, str]:
    done = CliRunner().invoke(verify, list(map(str, arguments)), standalone_mode=False)
    assert done.exception is None, done.exception
    return done.return_value, done.stdout


def test_an_honest_run_is_exit_code_0(honest: Path, clips: Path, quick: str) -> None:
    given = ("--videos", clips, "--protocol", quick, "--device", "cpu", "--workers", 1)
    code, text = _run(honest, "--sample", 2, *given)
    assert code == 0
    assert "2 of 4 items recomputed from their videos, drawn with --seed" in text
    assert "chance of missing one altered item: 50.0%" in text
    assert "Everything that was checked agrees." in text
    code, text = _run(honest, "--all", *given)
    assert code == 0
    assert "no altered item can be missed" in text


def test_a_tampered_run_is_exit_code_3_and_says_by_how_much(
    honest: Path, quick: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)

    def edit(record: dict[str, dict[str, dict[str, float]]]) -> None:
        record["scores"]["exposure_drift"]["value"] = 0.125

    forgery.edit_json(run / "run.json", edit)
    code, text = _run(run, "--sample", 0, "--protocol", quick)
    assert code == 3
    assert "scores.exposure_drift.value" in text
    assert "0.125" in text
    code, text = _run(run, "--sample", 0, "--protocol", quick, "--json")
    assert code == 3
    found = json.loads(text)
    assert found["verdict"] == "differs"
    assert found["findings"][0]["stated"] == 0.125


def test_videos_that_are_not_there_are_exit_code_4(honest: Path, quick: str) -> None:
    code, text = _run(honest, "--all", "--protocol", quick)
    assert code == 4
    assert text.count("not verified: ") == 4
    assert "0 of 4 items recomputed" in text


def test_control_characters_of_a_run_reach_no_terminal(
    honest: Path, quick: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)

    def edit(record: dict[str, object]) -> None:
        record["signature"] = "\x1b]0;owned\x07 signature"

    forgery.edit_json(run / "run.json", edit)
    code, text = _run(run, "--sample", 0, "--protocol", quick)
    assert code == 3
    assert "\x1b" not in text


def test_words_that_do_not_go_together_are_refused(honest: Path, tmp_path: Path) -> None:
    for words in (["--all", "--sample", "2"], ["--videos", ".", "--regenerate", "static"]):
        done = CliRunner().invoke(verify, [str(honest), *words])
        assert done.exit_code == 2
    assert CliRunner().invoke(verify, [str(honest), "--videos", "nowhere"]).exit_code == 2
