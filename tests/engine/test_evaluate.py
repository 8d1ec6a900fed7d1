from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.errors import ConfigError, UsageError
from lvbench.results.folder_lock import locked_folder
from tests.engine.conftest import outcome


@pytest.fixture(scope="module")
def first(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "first"
    evaluate(clips, out=folder, protocol=quick, workers=1)
    return folder


def test_one_worker_and_three_give_the_same_bytes(
    first: Path, clips: Path, quick: str, tmp_path: Path
) -> None:
    evaluate(clips, out=tmp_path / "three", protocol=quick, workers=3)
    assert outcome(tmp_path / "three") == outcome(first)


def test_a_finished_run_is_kept_and_its_bytes_stay(first: Path, clips: Path, quick: str) -> None:
    before = outcome(first)
    run = evaluate(clips, out=first, protocol=quick, workers=2)
    assert run.record.timing["videos_kept"] == 4
    assert outcome(first) == before


def test_two_calls_do_not_write_one_run(clips: Path, quick: str, tmp_path: Path) -> None:
    with locked_folder(tmp_path), pytest.raises(ConfigError, match="another process"):
        evaluate(clips, out=tmp_path, protocol=quick, workers=1)
    assert list(tmp_path.iterdir()) == []


def test_a_complete_run_carries_its_signature_and_all_files(first: Path) -> None:
    from lvbench.results.run import load_run

    record = load_run(first).record
    assert record.status == "complete"
    assert record.signature is not None
    assert record.signature.startswith("quick|v:1-draft|n:4|")
    assert record.protocol.hash[:12] in record.signature
    names = {path.name for path in first.iterdir()}
    assert names >= {
        "run.json", "items", "items.parquet", "series.parquet", "protocol.lock.yaml",
        "videos.manifest.json", "thumbnails", "log.txt",
    }  # fmt: skip
    assert (first / "run.json").stat().st_size < 100_000


def test_a_changed_video_is_scored_again(clips: Path, quick: str, tmp_path: Path) -> None:
    own = tmp_path / "clips"
    shutil.copytree(clips, own)
    evaluate(own, out=tmp_path / "run", protocol=quick)
    shutil.copy(own / "clip0.mp4", own / "clip1.mp4")
    run = evaluate(own, out=tmp_path / "run", protocol=quick)
    assert run.record.timing["videos_kept"] == 3
    assert run.items[0].metrics == run.items[1].metrics


def test_a_changed_line_of_the_manifest_is_scored_again(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    def listed(cuts: list[float]) -> Path:
        lines = [{"path": str(clips / "clip0.mp4"), "id": "a", "cuts": cuts},
                 {"path": str(clips / "clip1.mp4"), "id": "b"}]  # fmt: skip
        file = tmp_path / "manifest.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return file

    out = tmp_path / "run"
    evaluate(listed([]), out=out, protocol=quick, workers=1)
    run = evaluate(listed([2.0]), out=out, protocol=quick, workers=1)
    assert run.record.timing["videos_kept"] == 1


def test_a_folder_with_another_run_is_refused(
    first: Path, clips: Path, quick: str, tmp_path: Path
) -> None:
    other = tmp_path / "other-v1.yaml"
    other.write_text(
        Path(quick).read_text().replace("segment_seconds: 0.5", "segment_seconds: 0.25")
    )
    with pytest.raises(ConfigError, match=r"segment_seconds") as error:
        evaluate(clips, out=first, protocol=str(other))
    assert error.value.code == "run_of_other_protocol"


def test_a_folder_with_other_videos_is_refused(first: Path, clips: Path, quick: str) -> None:
    with pytest.raises(ConfigError) as error:
        evaluate(clips, out=first, protocol=quick, limit=2)
    assert error.value.code == "run_of_other_videos"


def test_a_limited_run_is_partial_and_has_no_signature(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    record = evaluate(clips, out=tmp_path / "run", protocol=quick, limit=2).record
    assert record.status == "partial"
    assert record.signature is None
    assert record.reasons == ["only 2 of 4 videos were requested"]


def test_no_videos_is_a_usage_error(quick: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(UsageError):
            evaluate(path, out=tmp_path / "run", protocol=quick)


def test_videos_of_one_prompt_are_one_cluster(clips: Path, quick: str, tmp_path: Path) -> None:
    import json

    lines = [
        {"path": str(clips / f"clip{i}.mp4"), "prompts": [{"text": "a hill" if i < 3 else "a sea"}]}
        for i in range(4)
    ]
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("\n".join(json.dumps(line) for line in lines))
    run = evaluate(manifest, out=tmp_path / "run", protocol=quick)
    assert len({item.video.cluster for item in run.items}) == 2
    assert run.scores["exposure_drift"].ci_method == "too_few"


def test_parameters_that_nothing_reads_are_refused(clips: Path, quick: str, tmp_path: Path) -> None:
    path = tmp_path / "typo-v1.yaml"
    path.write_text(Path(quick).read_text() + "extractors:\n  diss: {long_side: 256}\n")
    with pytest.raises(ConfigError, match="diss"):
        evaluate(clips, out=tmp_path / "run", protocol=str(path))


def test_fewer_videos_than_the_protocol_asks_for_make_a_partial_run(
    clips: Path, quick: str, tmp_path: Path
) -> None:
    record = evaluate(clips, out=tmp_path / "run", protocol=quick, expected=8).record
    assert record.status == "partial"
    assert record.reasons == ["only 4 of 8 videos were requested"]
