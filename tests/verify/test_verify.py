"""Verification passes an honest run and finds each tampering with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.engine.streaming import evaluate_streaming
from lvbench.engine.video_pass.tools import Setting
from lvbench.errors import UsageError
from lvbench.verify.finding import VerifyResult
from lvbench.verify.verify import VerifyOptions, verify
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip
from tests.verify import forgery

PROTOCOL = """\
name: checked
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {name: exposure_drift, version: 1}
  - {name: freeze, version: 1}
  - {name: stillness, version: 1}
gates:
  - {metric: stillness, value: 0.05, share: 0.1}
"""
FROZEN, LOST = "frozen.mp4", "lost.mp4"


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("protocol") / "checked-v1.yaml"
    path.write_text(PROTOCOL)
    return path


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return three clips, of which one freezes, and a file that is none."""
    folder = tmp_path_factory.mktemp("footage")
    for seed in range(2):
        frames = np.concatenate(list(render_clip(6.0, 8.0, 64, 48, seed)))
        write_video(folder / f"clip{seed}.mp4", [frames], 8.0)
    frames = np.concatenate(list(render_clip(4.0, 8.0, 64, 48, 3)))  # It moves to its end.
    still = np.repeat(frames[-1:], 48, axis=0)
    write_video(folder / FROZEN, [np.concatenate([frames, still])], 8.0)
    (folder / LOST).write_bytes(b"no video")
    return folder


@pytest.fixture(scope="module")
def honest(footage: Path, protocol: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "honest"
    run = evaluate(footage, out=folder, protocol=str(protocol), workers=1, device="cpu")
    frozen = next(item for item in run.items if item.video.id == FROZEN)
    assert [event.kind for event in frozen.metrics["freeze"].events] == ["freeze"]
    assert run.record.videos["failed"] == 1
    return folder


def checked(
    run: Path, videos: Path | None, protocol: Path, sample: int | None = None
) -> VerifyResult:
    options = VerifyOptions(
        sample=sample,
        seed=1,
        videos=videos,
        protocol=protocol,
        setting=Setting(device="cpu"),
        workers=1,
    )
    return verify(run, options)


def test_an_honest_run_agrees(honest: Path, footage: Path, protocol: Path) -> None:
    before = {path: path.read_bytes() for path in honest.rglob("*") if path.is_file()}
    done = checked(honest, footage, protocol)
    assert done.findings == []
    assert done.verdict == "agrees"
    assert done.recomputed == ["clip0.mp4", "clip1.mp4", FROZEN, LOST]
    assert done.exact
    assert done.cells.equal > 20
    assert done.cells.within == 0
    assert done.missed == 0
    after = {path: path.read_bytes() for path in honest.rglob("*") if path.is_file()}
    assert after == before


def _set(*keys: str, to: object) -> forgery.Edit:
    def edit(content: dict[str, object]) -> None:
        inner = content
        for key in keys[:-1]:
            inner = inner[key]  # type: ignore[assignment]
        inner[keys[-1]] = to

    return edit


def _item_value(run: Path) -> None:
    forgery.edit_item(run, "clip0.mp4", _set("metrics", "exposure_drift", "value", to=0.001))
    forgery.cover_up(run)


def _component(run: Path) -> None:
    keys = ("metrics", "exposure_drift", "components", "slope_per_minute")
    forgery.edit_item(run, "clip1.mp4", _set(*keys, to=0.0))
    forgery.cover_up(run)


def _aggregate(run: Path) -> None:
    forgery.edit_json(run / "run.json", _set("scores", "exposure_drift", "value", to=0.001))


def _interval(run: Path) -> None:
    forgery.edit_json(run / "run.json", _set("scores", "freeze", "ci_high", to=0.2))


def _failures_lowered(run: Path) -> None:
    forgery.edit_json(run / "run.json", _set("scores", "freeze", "n_failed", to=0))


def _failure_dropped(run: Path) -> None:
    (run / "items" / f"{LOST}.json").unlink()
    forgery.cover_up(run)


def _item_deleted(run: Path) -> None:
    (run / "items" / "clip1.mp4.json").unlink()
    forgery.cover_up(run)


def _failure_excused(run: Path) -> None:
    def edit(record: dict[str, dict[str, object]]) -> None:
        record["video"] |= {"status": "ok", "code": None, "detail": None}
        for score in record["metrics"].values():
            assert isinstance(score, dict)
            score |= {"status": "not_applicable", "code": "too_short"}

    forgery.edit_item(run, LOST, edit)
    forgery.cover_up(run)


def _lock_edited(run: Path) -> None:
    lock = run / forgery.LOCK
    lock.write_text(lock.read_text().replace("share: 0.1", "share: 0.9"))


def _lock_forged(run: Path) -> None:
    forgery.relock(run, lambda lock: lock["protocol"]["gates"][0].update(share=0.9))


def _parameter_forged(run: Path) -> None:
    forgery.relock(run, lambda lock: lock["metrics"]["freeze"]["parameters"].update(residue=9.0))


def _hash_edited(run: Path) -> None:
    forgery.edit_json(run / "run.json", _set("protocol", "hash", to="0" * 64))


def _signature_edited(run: Path) -> None:
    def edit(record: dict[str, str]) -> None:
        record["signature"] = record["signature"].replace("|n:4|", "|n:400|")

    forgery.edit_json(run / "run.json", edit)


def _series(run: Path) -> None:
    def edit(record: dict[str, dict[str, dict[str, dict[str, dict[str, list[float]]]]]]) -> None:
        record["metrics"]["exposure_drift"]["series"]["lightness"]["y"][2] += 1.0

    forgery.edit_item(run, "clip0.mp4", edit)
    forgery.cover_up(run)


def _event_removed(run: Path) -> None:
    forgery.edit_item(run, FROZEN, _set("metrics", "freeze", "events", to=[]))
    forgery.cover_up(run)


def _items_table(run: Path) -> None:
    forgery.edit_table(run / "items.parquet", "value")


def _series_table(run: Path) -> None:
    forgery.edit_table(run / "series.parquet", "y")


def _gate(run: Path) -> None:
    def edit(record: dict[str, dict[str, dict[str, list[dict[str, float]]]]]) -> None:
        record["scores"]["exposure_drift"]["gates"][0]["share"] = 0.0

    forgery.edit_json(run / "run.json", edit)


def _complete(run: Path) -> None:
    forgery.edit_json(run / "run.json", _set("status", to="partial"))


def _cluster(run: Path) -> None:
    for video in ("clip0.mp4", "clip1.mp4"):
        forgery.edit_item(run, video, _set("video", "cluster", to="one"))
    forgery.cover_up(run)


def _checksum(run: Path) -> None:
    def edit(rows: dict[str, object]) -> None:
        rows[0]["sha256"] = "0" * 64  # type: ignore[index]

    forgery.edit_json(run / "videos.manifest.json", edit)


TAMPERINGS: dict[str, tuple[Callable[[Path], None], str, str, str]] = {
    "a value in an item": (_item_value, "cell_differs", "clip0.mp4", "exposure_drift.value"),
    "a component": (_component, "cell_differs", "clip1.mp4", "exposure_drift.slope_per_minute"),
    "an aggregate": (_aggregate, "score_differs", "run.json", "scores.exposure_drift.value"),
    "a bound of an interval": (_interval, "score_differs", "run.json", "scores.freeze.ci_high"),
    "failures lowered": (_failures_lowered, "score_differs", "run.json", "scores.freeze.n_failed"),
    "a failed item dropped": (_failure_dropped, "video_left_out", LOST, ""),
    "an item deleted": (_item_deleted, "video_left_out", "clip1.mp4", ""),
    "a failure excused": (_failure_excused, "video_differs", LOST, "status"),
    "the lock edited": (_lock_edited, "lock_hash", forgery.LOCK, "hash"),
    "the lock forged": (_lock_forged, "protocol_edited", forgery.LOCK, "gates.stillness.share"),
    "a parameter forged": (_parameter_forged, "lock_edited", forgery.LOCK, "freeze.parameters"),
    "the hash edited": (_hash_edited, "protocol_differs", "run.json", "protocol.hash"),
    "the signature edited": (_signature_edited, "signature_differs", "run.json", "signature"),
    "a series": (_series, "cell_differs", "clip0.mp4", "exposure_drift.series.lightness.y[2]"),
    "an event removed": (_event_removed, "cell_differs", FROZEN, "freeze.events"),
    "items.parquet": (_items_table, "table_differs", "items.parquet", "value"),
    "series.parquet": (_series_table, "table_differs", "series.parquet", "y"),
    "the share of a gate": (
        _gate, "gate_differs", "run.json", "exposure_drift.gates.stillness.share",
    ),
    "the status of the run": (_complete, "status_differs", "run.json", "status"),
    "two prompts made one": (_cluster, "video_differs", "clip0.mp4", "cluster"),
    "the list of videos": (_checksum, "manifest_differs", "videos.manifest.json", "sha256"),
}  # fmt: skip

# What only the videos give away; the rest is found without one of them.
FROM_VIDEOS = {
    *("a value in an item", "a component", "a series", "an event removed", "two prompts made one"),
    *("a failed item dropped", "an item deleted", "a failure excused"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found(
    name: str, honest: Path, footage: Path, protocol: Path, tmp_path: Path
) -> None:
    tamper, code, where, cell = TAMPERINGS[name]
    run = tmp_path / "run"
    shutil.copytree(honest, run)
    tamper(run)
    done = checked(run, footage, protocol, sample=None if name in FROM_VIDEOS else 0)
    assert done.verdict == "differs"
    found = [(f.code, f.where, f.cell) for f in done.findings]
    assert any(c == code and w == where and cell in at for c, w, at in found), found


def test_a_swapped_video_is_found(
    honest: Path, footage: Path, protocol: Path, tmp_path: Path
) -> None:
    own = tmp_path / "footage"
    shutil.copytree(footage, own)
    shutil.copy(own / "clip0.mp4", own / "clip1.mp4")
    done = checked(honest, own, protocol)
    assert [(f.code, f.where) for f in done.findings] == [("video_swapped", "clip1.mp4")]
    assert "clip1.mp4" not in done.recomputed


def test_videos_that_are_gone_are_listed_and_never_verified(
    honest: Path, footage: Path, protocol: Path, tmp_path: Path
) -> None:
    own = tmp_path / "footage"
    shutil.copytree(footage, own)
    (own / "clip1.mp4").unlink()
    done = checked(honest, own, protocol)
    assert [(one.what, one.code) for one in done.unverifiable] == [("clip1.mp4", "video_missing")]
    assert done.verdict == "incomplete"
    assert "clip1.mp4" not in done.recomputed
    assert done.missed == pytest.approx(1 / 4)


def test_a_sample_says_what_it_may_miss(honest: Path, footage: Path, protocol: Path) -> None:
    done = checked(honest, footage, protocol, sample=1)
    assert done.verdict == "agrees"
    assert done.recomputed == done.drawn
    assert len(done.drawn) == 1
    assert done.seed == 1
    assert done.missed == pytest.approx(3 / 4)
    assert json.loads(json.dumps(done.as_json()))["items"]["chance_of_missing_one"] == 0.75


def test_a_difference_within_the_cards_tolerance_passes_on_another_machine(
    honest: Path, footage: Path, protocol: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(honest, run)

    def nudge(record: dict[str, dict[str, dict[str, float]]]) -> None:
        record["metrics"]["exposure_drift"]["value"] *= 1 + 1e-8

    forgery.edit_item(run, "clip0.mp4", nudge)
    forgery.cover_up(run)
    assert checked(run, footage, protocol).verdict == "differs"
    for keys, other in (
        (("cpu",), "another"),
        (("instructions", "cpu"), ["sse4_2"]),
        (("instructions", "switches"), {"OPENCV_CPU_DISABLE": "AVX2,AVX512-SKX"}),
    ):
        own = tmp_path / "-".join(keys)
        shutil.copytree(run, own)
        forgery.edit_json(own / "run.json", _set("environment", *keys, to=other))
        done = checked(own, footage, protocol)
        assert done.findings == []
        assert not done.exact
        assert done.cells.within == 1
        assert 0 < done.cells.largest < 1


def test_stored_features_are_compared_with_the_videos(footage: Path, tmp_path: Path) -> None:
    protocol, run = tmp_path / "sets-v1.yaml", tmp_path / "run"
    metric = "metrics:\n  - {name: world_fvd, version: 1}\n"
    protocol.write_text(f"name: sets\nversion: 1\nsegment_seconds: 0.5\n{metric}")
    evaluate(
        footage,
        out=run,
        protocol=str(protocol),
        real=footage_only(footage, tmp_path),
        workers=1,
        device="cpu",
    )
    done = checked(run, footage, protocol)
    assert done.findings == []
    assert any("real set" in note for note in done.notes)
    for covered, code in ((False, "features_changed"), (True, "features_differ")):
        own = tmp_path / f"covered-{covered}"
        shutil.copytree(run, own)
        forgery.edit_features(own, "clip0.mp4", covered=covered)
        done = checked(own, footage, protocol, sample=None if covered else 0)
        assert code in {f.code for f in done.findings}


def footage_only(footage: Path, tmp_path: Path) -> Path:
    """Return a real set of the clips that can be read."""
    folder = tmp_path / "real"
    folder.mkdir()
    for name in ("clip0.mp4", "clip1.mp4"):
        shutil.copy(footage / name, folder / name)
    return folder


def test_clips_that_were_not_kept_are_made_again(tmp_path: Path) -> None:
    from lvbench.protocol.load import load_protocol

    own = load_protocol("lvb-smoke").model_dump()
    prompts = own["prompts"] | {"seconds": 1.0, "width": 64, "height": 48, "fps": 8.0}
    content = own | {"name": "small", "prompts": prompts, "gates": [], "extractors": {}}
    content["metrics"] = [{"name": "exposure_drift", "version": 1, "parameters": {}}]
    protocol, run = tmp_path / "small-v1.yaml", tmp_path / "run"
    protocol.write_text(json.dumps(content))
    evaluate_streaming("static", out=run, protocol=str(protocol), workers=1, limit=2, device="cpu")
    done = checked(run, None, protocol)
    assert {one.code for one in done.unverifiable} == {"video_file_missing"}
    options = VerifyOptions(
        sample=1, regenerate="static", protocol=protocol, setting=Setting(device="cpu")
    )
    done = verify(run, options)
    assert done.findings == []
    assert done.verdict == "agrees"
    assert len(done.recomputed) == 1


@pytest.mark.assets
def test_an_honest_run_of_a_real_video_agrees(videos: Path, tmp_path: Path) -> None:
    run, clip = tmp_path / "run", videos / "ltx2_with_audio.mp4"
    evaluate(clip, out=run, protocol="lvb-smoke", workers=1, device="cpu")
    done = verify(
        run, VerifyOptions(sample=None, videos=clip, setting=Setting(device="cpu"), workers=1)
    )
    assert done.findings == []
    assert done.verdict == "agrees"
    assert done.recomputed == ["ltx2_with_audio.mp4"]


def test_no_run_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        verify(tmp_path)


def test_the_page_names_every_finding_of_these_tamperings() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verification.md").read_text()
    assert {code for _, code, _, _ in TAMPERINGS.values() if f"`{code}`" not in page} == set()
