"""Merged shards give the same run as an evaluation without shards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lvbench.engine.aggregation.merge import merge
from lvbench.engine.evaluate import evaluate
from lvbench.engine.streaming import evaluate_streaming
from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.generators.production.produce import produce
from lvbench.protocol.load import load_protocol
from lvbench.results.shard import Shard, parse_shard, read_shard
from tests.engine.conftest import outcome
from tests.verify import forgery

PARTS = 3


@pytest.fixture(scope="module")
def whole(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    evaluate(clips, out=folder, protocol=quick, workers=1)
    return folder


@pytest.fixture(scope="module")
def parts(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("parts")
    for number in range(1, PARTS + 1):
        shard = Shard(number, PARTS)
        evaluate(clips, out=root / str(number), protocol=quick, workers=1, shard=shard)
    return [root / str(number) for number in range(1, PARTS + 1)]


def test_a_part_holds_every_kth_video_and_is_partial(parts: list[Path]) -> None:
    held = [sorted(path.stem for path in (part / "items").iterdir()) for part in parts]
    assert held == [["clip0.mp4", "clip3.mp4"], ["clip1.mp4"], ["clip2.mp4"]]
    record = json.loads((parts[0] / "run.json").read_text())
    assert record["status"] == "partial"
    assert record["reasons"] == ["only 2 of 4 videos were requested"]
    assert record["signature"] is None
    plan = read_shard(parts[1])
    assert plan is not None
    assert (plan.shard, plan.of, plan.wanted, len(plan.videos)) == (2, PARTS, 4, 4)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_merged_parts_are_the_whole_run_byte_for_byte(
    order: tuple[int, ...], whole: Path, parts: list[Path], tmp_path: Path
) -> None:
    run = merge(tmp_path / "merged", [parts[i] for i in order], title="clips0")
    wanted = outcome(whole)
    found = outcome(tmp_path / "merged")
    title = json.loads(wanted["run.json"])["title"]
    assert run.record.title == "clips0"
    merge(tmp_path / "merged", [parts[i] for i in order], title=title)
    assert outcome(tmp_path / "merged").keys() == wanted.keys() == found.keys()
    assert outcome(tmp_path / "merged") == wanted
    assert run.record.signature is not None


def test_a_missing_part_leaves_it_partial(parts: list[Path], tmp_path: Path) -> None:
    record = merge(tmp_path / "merged", parts[:2]).record
    assert record.status == "partial"
    assert record.reasons == ["only 3 of 4 videos were requested"]
    assert record.signature is None


def test_a_part_twice_counts_once(whole: Path, parts: list[Path], tmp_path: Path) -> None:
    run = merge(tmp_path / "merged", [*parts, parts[0]])
    assert run.record.videos["expected"] == 4
    assert run.scores == merge(tmp_path / "again", parts).scores


def test_a_video_with_two_outcomes_is_refused(parts: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(parts[0], other)

    def edit(record: dict[str, dict[str, dict[str, float]]]) -> None:
        record["metrics"]["freeze"]["value"] = 0.5

    forgery.edit_item(other, "clip0.mp4", edit)
    with pytest.raises(ConfigError, match=r"clip0\.mp4") as error:
        merge(tmp_path / "merged", [*parts, other])
    assert error.value.code == "merge_differs"


def test_runs_of_another_identity_are_refused_with_the_keys(
    parts: list[Path], clips: Path, quick: str, tmp_path: Path
) -> None:
    other = tmp_path / "other-v1.yaml"
    other.write_text(
        Path(quick).read_text().replace("segment_seconds: 0.5", "segment_seconds: 1.0")
    )
    evaluate(clips, out=tmp_path / "run", protocol=str(other), workers=1, shard=Shard(3, PARTS))
    with pytest.raises(ComparabilityError, match=r"segment_seconds"):
        merge(tmp_path / "merged", [*parts[:2], tmp_path / "run"])


def test_parts_of_another_plan_are_refused(
    parts: list[Path], clips: Path, quick: str, tmp_path: Path
) -> None:
    evaluate(clips, out=tmp_path / "run", protocol=quick, workers=1, shard=Shard(1, 4))
    with pytest.raises(ComparabilityError, match="another plan"):
        merge(tmp_path / "merged", [*parts[:2], tmp_path / "run"])


def test_a_part_is_no_place_to_merge_into(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        merge(parts[0], parts)
    with pytest.raises(UsageError):
        merge(tmp_path / "merged", [tmp_path])
    with pytest.raises(UsageError):
        merge(tmp_path / "merged", [])


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/3/5", ""])
def test_what_names_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--shard"):
        parse_shard(text)
    assert parse_shard("2/3") == Shard(2, 3)


def test_a_generators_clips_are_made_once_each(tmp_path: Path) -> None:
    own = load_protocol("lvb-smoke").model_dump()
    prompts = own["prompts"] | {"seconds": 1.0, "width": 64, "height": 48, "fps": 8.0}
    content = own | {"name": "small", "prompts": prompts, "gates": [], "extractors": {}}
    content["metrics"] = [{"name": "freeze", "version": 1, "parameters": {}}]
    protocol = tmp_path / "small-v1.yaml"
    protocol.write_text(json.dumps(content))
    given = {"protocol": str(protocol), "workers": 1, "limit": 4}
    for number in (1, 2):
        folder = tmp_path / str(number)
        evaluate_streaming("static", out=folder, shard=Shard(number, 2), **given)
    run = merge(tmp_path / "merged", [tmp_path / "1", tmp_path / "2"])
    assert run.record.videos["expected"] == 4
    alone = evaluate_streaming("static", out=tmp_path / "alone", **given)
    assert run.scores == alone.scores
    assert run.record.reasons == alone.record.reasons
    listed = (tmp_path / "merged" / "videos" / "manifest.jsonl").read_text().splitlines()
    assert len(listed) == 4
    manifest = produce(
        "static", load_protocol(str(protocol)), tmp_path / "p", limit=4, shard=Shard(2, 2)
    )
    assert len(manifest.read_text().splitlines()) == 2
