"""The Hub's own parser reads what is written, and nothing stands there that may not be ranked."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from huggingface_hub import EvalResult, ModelCard, metadata_load
from huggingface_hub.repocard_data import model_index_to_eval_results

from lvbench.errors import ConfigError
from lvbench.report.model_card import model_index
from lvbench.results.run import load_run

FAILED = [{"metric": "freeze", "share": 0.5, "limit": 0.1, "n": 6, "n_failed": 0}]


def parsed(text: str, folder: Path) -> tuple[str, dict[str, EvalResult]]:
    """Return the model's name and the results by metric, as the Hub's library reads the card."""
    card = folder / "README.md"
    card.write_text(f"---\nlicense: other\n{text}---\n\n# A model\n", "utf-8")
    name, listed = model_index_to_eval_results(metadata_load(card)["model-index"])
    data = ModelCard.load(card, ignore_metadata_errors=False).data
    assert data.model_name == name
    assert data.eval_results == listed
    # Written again by the library, the block holds the same.
    again = yaml.safe_load(data.to_yaml())["model-index"]
    assert again == yaml.safe_load(text)["model-index"]
    results = {result.metric_type: result for result in listed}
    assert len(results) == len(listed)
    return name, results


def test_values_intervals_and_denominators_are_the_runs(run_folder: Path, tmp_path: Path) -> None:
    run = load_run(run_folder)
    name, results = parsed(model_index(run, "https://example.org/board"), tmp_path)
    assert name == "six clips"
    assert {key.partition(".")[0] for key in results} == {
        key.partition(".")[0] for key in run.scores
    }
    for key, result in results.items():
        score = run.scores[key]
        assert result.metric_value == score.value
        assert (result.metric_args["ci_low"], result.metric_args["ci_high"]) == (
            score.ci_low, score.ci_high,
        )  # fmt: skip
        assert result.metric_args["n_scored"] == score.n_scored
        assert result.metric_args["n_failed"] == score.n_failed == 1
        assert result.verified is False
    one = results["exposure_drift"]
    assert (one.dataset_type, one.dataset_revision) == ("lvb-smoke", run.record.protocol.hash)
    assert one.dataset_args["signature"] == run.record.signature
    assert (one.source_name, one.source_url) == ("lvbench", "https://example.org/board")
    # The videos of this run bear no prompts, so it is not known what made them.
    assert one.task_type == "other"


def test_what_may_not_be_ranked_is_left_out_and_named(
    factory: ModuleType, run_folder: Path, tmp_path: Path
) -> None:
    nothing = {"n_expected": 6, "n_scored": 0, "n_failed": 6, "higher_is_better": True, "unit": ""}
    factory.change_score(run_folder, "flow_smoothness", gates=FAILED)
    factory.add_score(
        run_folder, "fvd", status="unavailable", code="weights_missing", detail="no\ni3d", **nothing
    )
    factory.add_score(run_folder, "clip_text", status="failed", code="all_failed", **nothing)
    text = model_index(load_run(run_folder))
    _, results = parsed(text, tmp_path)
    assert not results.keys() & {"flow_smoothness", "fvd", "clip_text"}
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert "# left out: fvd: unavailable (weights_missing): no i3d" in comments
    assert "# left out: clip_text: failed (all_failed)" in comments
    (gated,) = (line for line in comments if "flow_smoothness" in line)
    assert "in 3 of 6 scored videos, 10 % allowed" in gated
    assert all(result.source_url is None for result in results.values())


def test_a_generator_with_prompts_names_model_and_task(run_folder: Path, tmp_path: Path) -> None:
    for file in (run_folder / "items").glob("*.json"):
        item = json.loads(file.read_text("utf-8"))
        item["video"] |= {"generator": "acme: one", "prompts": [{"start": 0.0, "text": "a"}]}
        file.write_text(json.dumps(item), "utf-8")
    name, results = parsed(model_index(load_run(run_folder)), tmp_path)
    assert name == "acme: one"
    assert {result.task_type for result in results.values()} == {"text-to-video"}


def test_a_partial_run_says_so(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", status="partial"))
    text = model_index(run)
    assert text.startswith("# partial run: --limit 6 of 12 videos\n")
    _, results = parsed(text, tmp_path)
    assert results["exposure_drift"].dataset_args == {"version": 1, "status": "partial"}


def test_a_run_without_a_number_is_refused(factory: ModuleType, run_folder: Path) -> None:
    for key in load_run(run_folder).scores:
        factory.change_score(run_folder, key, gates=FAILED)
    with pytest.raises(ConfigError, match="no score has a value that may be ranked"):
        model_index(load_run(run_folder))
