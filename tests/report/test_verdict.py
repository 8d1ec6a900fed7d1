from __future__ import annotations

from pathlib import Path
from types import ModuleType

from lvbench.report.verdict import verdict
from lvbench.results.run import load_run


def test_sentence_is_made_from_the_numbers(run_folder: Path) -> None:
    sentence = verdict(load_run(run_folder))
    assert sentence.startswith("Chroma drifts from 14 s on; lightness drifts from 14 s on; ")
    assert "1 of 5 clips freezes; 1 of 5 clips loops; seams show" in sentence
    assert sentence.endswith("1 of 6 could not be judged.")


def test_onset_without_a_median_counts_the_clips(factory: ModuleType, run_folder: Path) -> None:
    factory.change_score(
        run_folder, "exposure_drift.onset", value=None, ci_low=None, ci_high=None,
        ci_method=None, status="not_applicable", code="not_reached",
    )  # fmt: skip
    assert "lightness drifts in 4 of 5 clips" in verdict(load_run(run_folder))


def test_median_onset_of_the_few_longest_is_not_said(factory: ModuleType, run_folder: Path) -> None:
    run = load_run(run_folder)
    for number, item in enumerate(run.items[:4]):
        score = item.metrics["exposure_drift"]
        parts = {k: v for k, v in score.components.items() if k != "onset" or number == 0}
        changed = score.model_copy(update={"components": parts})
        metrics = {**item.metrics, "exposure_drift": changed}
        run.items[number] = item.model_copy(update={"metrics": metrics})
    assert "lightness drifts in 2 of 5 clips" in verdict(run)


def test_nothing_judged_is_said(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=1))
    assert verdict(run) == "None of 1 videos could be judged."


def test_copies_are_said(run_folder: Path) -> None:
    run = load_run(run_folder)
    share = run.scores["freeze"].model_copy(update={"value": 0.4, "n_scored": 5})
    run.record.scores["memorisation"] = share
    run.record.scores["self_repetition"] = share.model_copy(update={"value": 0.2})
    sentence = verdict(run)
    assert "; 2 of 5 clips hold a stretch copied from a real video" in sentence
    assert "; 1 of 5 clips holds a stretch shown for another prompt too" in sentence
    run.record.scores["memorisation"] = share.model_copy(update={"value": 0.0})
    assert "copied" not in verdict(run)
