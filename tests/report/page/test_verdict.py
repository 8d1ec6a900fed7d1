from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from lvbench.errors import ComparabilityError
from lvbench.report.page.report import write_report
from lvbench.report.page.verdict import verdict
from lvbench.report.tables.rounding import with_interval
from lvbench.report.tables.table import score_table
from lvbench.results.run import load_run

STEADY = {
    "n_expected": 6, "n_scored": 5, "n_failed": 1, "higher_is_better": True, "unit": "",
    "ci_method": "boot-t1000",
}  # fmt: skip


def test_sentence_is_made_from_the_numbers(run_folder: Path) -> None:
    run = load_run(run_folder)
    chroma = run.scores["colour_drift.chroma_end_level"]
    sentence = verdict(run)
    shown = with_interval(chroma.value or 0.0, chroma.ci_low, chroma.ci_high)
    assert sentence.startswith(f"Chroma ends {shown} C* above its start; lightness ends ")
    assert " dB below its start; " in sentence
    assert (
        "1 of 5 clips freezes; 1 of 5 clips loops; seams are visible, by 3.100 ± 0.010" in sentence
    )
    assert sentence.endswith("1 of 6 failed.")
    assert "from" not in sentence, "no share of clips with an onset is known"


def test_an_interval_that_holds_zero_supports_no_drift(
    factory: ModuleType, run_folder: Path
) -> None:
    key = "colour_drift.chroma_end_level"
    factory.change_score(run_folder, key, value=-0.33, ci_low=-1.44, ci_high=0.29)
    factory.add_score(
        run_folder, "colour_drift.chroma_steady", value=0.45, ci_low=0.2, ci_high=0.93, **STEADY
    )
    assert "hroma" not in verdict(load_run(run_folder))


def test_onsets_beyond_false_alarms_are_counted_without_a_direction(
    factory: ModuleType, run_folder: Path
) -> None:
    factory.change_score(run_folder, "exposure_drift.end_level", ci_low=-9.0, ci_high=20.0)
    factory.add_score(
        run_folder, "exposure_drift.steady", value=0.2, ci_low=0.0, ci_high=0.6, **STEADY
    )
    said = "lightness drifts in 4 of 5 clips, in no common direction"
    assert said in verdict(load_run(run_folder))
    assert f"{said} (real video: 5 of 6)" in verdict(
        load_run(run_folder),
        load_run(factory.make_run(run_folder.with_name("real"), failed=False, thumbnails=False)),
    )


def test_when_it_begins_is_said_only_where_most_clips_have_an_onset(
    factory: ModuleType, run_folder: Path
) -> None:
    key = "exposure_drift.steady"
    factory.add_score(run_folder, key, value=0.2, ci_low=0.0, ci_high=0.6, **STEADY)
    assert ", from " not in verdict(load_run(run_folder))
    factory.change_score(run_folder, key, ci_high=0.4)
    assert " above its start, from 14" in verdict(load_run(run_folder))


def test_real_videos_figure_stands_beside(factory: ModuleType, run_folder: Path) -> None:
    real = factory.make_run(run_folder.with_name("real"), shift=-0.9, thumbnails=False)
    end = load_run(real).scores["exposure_drift.end_level"]
    shown = with_interval(end.value or 0.0, end.ci_low, end.ci_high)
    html = write_report(run_folder, real=real).read_text("utf-8")
    assert f"above its start (real video: {shown} L*)" in html
    assert ">Real video</button>" in html
    row = next(r for r in score_table(load_run(run_folder), load_run(real)).rows
               if r.key == "exposure_drift.end_level")  # fmt: skip
    assert (row.cells[1].value, row.cells[1].display) == (end.value, shown)
    other = factory.make_run(
        run_folder.with_name("other"), protocol_hash="ab" * 32, thumbnails=False
    )
    with pytest.raises(ComparabilityError, match="protocols differ"):
        write_report(run_folder, real=other)


def test_the_most_noticeable_drift_of_the_entire_clip_comes_first(
    factory: ModuleType, run_folder: Path
) -> None:
    share = STEADY | {"higher_is_better": False}
    for key, value in (("exposure_drift", 0.71), ("colour_drift.chroma", 0.62)):
        name = f"{key}.outside" if "." not in key else f"{key}_outside"
        factory.add_score(
            run_folder, name, value=value, ci_low=value - 0.2, ci_high=value + 0.1, **share
        )
    factory.add_score(run_folder, "sharpness_drift.outside", value=0, ci_low=0, ci_high=0, **share)
    run = load_run(run_folder)
    drift = run.scores["exposure_drift"]
    shown = with_interval(drift.value or 0.0, drift.ci_low, drift.ci_high)
    sentence = verdict(run)
    assert sentence.startswith(
        f"Exposure drift is the most noticeable: {shown} L* within a clip, off the start for 71 % "
        "of the time; colour drift for most of it; lightness ends "
    )
    assert "chroma" not in sentence, "named with the others"
    assert "L* within a clip (real video: " in verdict(run, run)


def test_an_end_level_of_nothing_is_not_named(factory: ModuleType, run_folder: Path) -> None:
    key = "exposure_drift.end_level"
    factory.change_score(run_folder, key, value=0.003, ci_low=0.001, ci_high=0.005)
    assert "lightness" not in verdict(load_run(run_folder))


def test_faults_and_what_real_video_does_better_are_in_words(
    factory: ModuleType, run_folder: Path
) -> None:
    part = STEADY | {"higher_is_better": False}
    factory.add_score(run_folder, "stillness", value=0.12, ci_low=0.1, ci_high=0.14, **part)
    factory.add_score(run_folder, "time_order", value=0.02, ci_low=0.0, ci_high=0.14, **part)
    run = load_run(run_folder)
    assert "; nothing moves for 12.0 ± 2.0 % of the time; " in verdict(run)
    assert "astray" not in verdict(run)
    real = load_run(factory.make_run(run_folder.with_name("real"), shift=-0.9, thumbnails=False))
    assert "; worse than real video: " in verdict(run, real)
    assert "worse than real" not in verdict(run, run)


def test_too_few_clips_tell_no_drift(factory: ModuleType, run_folder: Path) -> None:
    run = load_run(run_folder)
    for key, score in run.scores.items():
        few = {"ci_low": None, "ci_high": None, "ci_method": "too_few"}
        run.record.scores[key] = score.model_copy(update=few)
    assert verdict(run).startswith("Too few clips to detect drift; 1 of 5 clips")


def test_no_scored_video_is_stated(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=1))
    assert verdict(run) == "None of 1 videos could be scored."


def test_copies_are_counted(run_folder: Path) -> None:
    run = load_run(run_folder)
    share = run.scores["freeze"].model_copy(update={"value": 0.4, "n_scored": 5})
    run.record.scores["memorisation"] = share
    run.record.scores["self_repetition"] = share.model_copy(update={"value": 0.2})
    sentence = verdict(run)
    assert "; 2 of 5 clips contain a clip copied from a real video" in sentence
    assert "; 1 of 5 clips contains a clip repeated for another prompt" in sentence
    run.record.scores["memorisation"] = share.model_copy(update={"value": 0.0})
    assert "copied" not in verdict(run)
