"""A report says what clips were asked for, and a summary with all that it is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lvbench.reference.gate import standing
from lvbench.report.page.method import protocol_facts
from lvbench.results.run import Run, load_run
from tests.report.factory import change_score, make_run

PROMPTS = {
    "file": "prompts-standard-v1.jsonl",
    "sha256": "ab" * 32,
    "revision": 1,
    "categories": ["return"],
    "seconds": [30.0, 60.0],
    "fps": 24.0,
    "width": 832,
    "height": 480,
    "seeds": [0, 1],
}
PARTS = [
    {"score": "temporal_flicker", "weight": 1.0, "worst": 2.0, "best": 0.0},
    {"score": "motion_magnitude", "weight": 3.0, "worst": 0.0, "best": 1.0},
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    make_run(tmp_path / "run")
    change_score(tmp_path / "run", "temporal_flicker", value=1.0)
    change_score(tmp_path / "run", "motion_magnitude", value=0.5)
    return load_run(tmp_path / "run")


def facts(run: Run, **said: Any) -> dict[str, str]:
    lock = {"hash": "x", "protocol": {"segment_seconds": 0.5, **said}}
    (run.folder / "protocol.lock.yaml").write_text(yaml.safe_dump(lock), "utf-8")
    return dict(protocol_facts(run))


def test_the_requested_clips_are_stated(run: Run) -> None:
    assert facts(run, prompts=PROMPTS)["Requested clips"] == (
        "prompts-standard-v1.jsonl revision 1 (sha256 abababababab), categories return: "
        "30, 60 s at 832x480 and 24 Hz, seeds 0, 1, samples 1"
    )
    assert "Requested clips" not in facts(run, prompts=None)


def test_the_gate_of_the_reference_model_is_stated_for_its_clips(run: Run) -> None:
    assert "Reference model" not in facts(run)
    for path in (run.folder / "items").glob("*.json"):
        item = json.loads(path.read_text("utf-8"))
        item["video"]["generator"] = "reference:drift-demo"
        path.write_text(json.dumps(item), "utf-8")
    assert facts(load_run(run.folder))["Reference model"] == standing("tiny")


def test_a_summary_comes_with_what_it_is_made_of(run: Run) -> None:
    said = facts(run, summary=PARTS)["Summary, an extra"]
    assert said.startswith("0.500: weighted mean of ")
    assert "weight 3, from 0 (0) to 1 (1)" in said
    missing = [*PARTS, PARTS[0] | {"score": "vmaf"}]
    assert facts(run, summary=missing)["Summary, an extra"].startswith("none, because a score is")
    assert "Summary, an extra" not in facts(run)
