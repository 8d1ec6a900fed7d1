"""Verification compares signature and version in run.json."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.results.run import load_run
from lvbench.verify.verify import VerifyOptions, verify
from tests.verify import forgery


@pytest.fixture(scope="module")
def honest(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "honest"
    evaluate(clips, out=folder, protocol=quick, workers=1, device="cpu")
    return folder


PARTS = ("v", "n", "fps", "pre", "metrics", "weights", "ci", "seed", "id", "lvbench")


@pytest.mark.parametrize("part", ["name", *PARTS])
def test_every_part_of_the_signature_is_verified(
    part: str, honest: Path, quick: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)

    def edit(record: dict[str, str]) -> None:
        name, *rest = record["signature"].split("|")
        parts = dict(one.split(":", 1) for one in rest)
        assert tuple(parts) == PARTS
        if part == "name":
            name = "another"
        else:
            parts[part] = "9.9.9"
        record["signature"] = "|".join([name, *(f"{k}:{v}" for k, v in parts.items())])

    forgery.edit_json(run / "run.json", edit)
    done = verify(run, VerifyOptions(sample=0, protocol=Path(quick)))
    assert [(f.code, f.cell) for f in done.findings] == [("signature_differs", "signature")]


def test_a_run_by_another_version_is_named_and_not_accused(
    honest: Path, quick: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)
    forgery.edit_json(
        run / "run.json", lambda r: r["environment"]["packages"].update(lvbench="0.0.9")
    )
    forgery.cover_up(run)
    done = verify(run, VerifyOptions(sample=0, protocol=Path(quick)))
    assert done.findings == []
    assert any("lvbench 0.0.9" in note for note in done.notes)


def test_every_score_states_its_identity_and_another_is_found(
    honest: Path, quick: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)
    stated = {key: score.identity for key, score in load_run(run).scores.items()}
    assert None not in stated.values()
    assert len(set(stated.values())) == len(stated)
    forgery.edit_json(
        run / "run.json", lambda r: r["scores"]["exposure_drift"].update(identity="0" * 12)
    )
    done = verify(run, VerifyOptions(sample=0, protocol=Path(quick)))
    assert [(f.code, f.cell) for f in done.findings] == [
        ("score_differs", "scores.exposure_drift.identity")
    ]
