"""A run folder that was made to break its verifier gives findings, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.tools import Setting
from lvbench.verify.finding import VerifyResult
from lvbench.verify.verify import VerifyOptions, verify
from tests.verify import forgery


@pytest.fixture(scope="module")
def honest(clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "honest"
    evaluate(clips, out=folder, protocol=quick, workers=1, device="cpu")
    return folder


@pytest.fixture
def run(honest: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(honest, folder)
    return folder


def aggregates(run: Path) -> VerifyResult:
    done = verify(run, VerifyOptions(sample=0, setting=Setting(device="cpu")))
    json.dumps(done.as_json(), allow_nan=False)
    return done


def _write(name: str, content: str | bytes) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        data = content.encode() if isinstance(content, str) else content
        (run / name).write_bytes(data)

    return edit


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        text = (run / name).read_text()
        assert old in text
        (run / name).write_text(text.replace(old, new, 1))

    return edit


def _cut(name: str) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        data = (run / name).read_bytes()
        (run / name).write_bytes(data[: len(data) // 2])

    return edit


def _remove(name: str) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        (run / name).unlink()

    return edit


def _link(name: str) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        outside = run.parent / "outside"
        shutil.move(run / name, outside)
        (run / name).symlink_to(outside)

    return edit


def _pipe(name: str) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        (run / name).unlink()
        os.mkfifo(run / name)

    return edit


def _loop(run: Path) -> None:
    shutil.rmtree(run / "items")
    (run / "items").symlink_to("items")


def _extra_item(run: Path) -> None:
    shutil.copy(run / ITEM, run / "items" / "another.mp4.json")


def _huge_table(run: Path) -> None:
    table = pq.read_table(run / "items.parquet")
    rows = pa.concat_tables([table.slice(0, 1)] * 100_000)
    pq.write_table(rows, run / "items.parquet")


def _packed_features(run: Path) -> None:
    with zipfile.ZipFile(run / "items" / "clip0.mp4.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.npy", bytes(10_000_000))
    data = (run / "items" / "clip0.mp4.npz").read_bytes()

    checksum = hashlib.sha256(data).hexdigest()
    forgery.edit_item(run, "clip0.mp4", lambda item: item.update(features_sha256=checksum))


def _huge_values(run: Path) -> None:
    def edit(item: dict[str, dict[str, dict[str, float]]]) -> None:
        item["metrics"]["freeze"]["value"] = 1.7e308

    for video in ("clip0.mp4", "clip1.mp4"):
        forgery.edit_item(run, video, edit)


def _no_draw(run: Path) -> None:
    _replace("protocol.lock.yaml", "resamples: 1000", "resamples: 1000000000000")(run)


ITEM = "items/clip0.mp4.json"
VALUE = '"value": '
INVALID = "file_invalid"
SCHEMA, TWICE = '"schema": 1', '"schema": 1, "schema": 1'
LOCK = "protocol.lock.yaml"
DIGITS = "9" * 100_000
HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "run.json cut off": (_cut("run.json"), "file_invalid"),
    "run.json is a list": (_write("run.json", "[]"), "file_invalid"),
    "run.json is deep": (_write("run.json", "[" * 200_000), "file_invalid"),
    "run.json is binary": (_write("run.json", b"\xff\xfe\x00"), "file_invalid"),
    "run.json leads out": (_link("run.json"), "link_outside"),
    "run.json is a pipe": (_pipe("run.json"), "no_file"),
    "run.json of another schema": (_replace("run.json", SCHEMA, '"schema": 9'), INVALID),
    "run.json with a key twice": (_replace("run.json", SCHEMA, TWICE), INVALID),
    "an item cut off": (_cut(ITEM), "file_invalid"),
    "an item with NaN": (_replace(ITEM, VALUE, '"value": NaN, "x": '), "file_invalid"),
    "an item with infinity": (_replace(ITEM, VALUE, '"value": 1e999, "x": '), "file_invalid"),
    "an item with text for a number": (_replace(ITEM, VALUE, '"value": "1", "detail": '), INVALID),
    "items with huge numbers": (_huge_values, "score_differs"),
    "an item with endless digits": (_replace(ITEM, SCHEMA, f'"schema": {DIGITS}'), INVALID),
    "an item more": (_extra_item, "item_misplaced"),
    "an item leads out": (_link(ITEM), "link_outside"),
    "an item is a pipe": (_pipe(ITEM), "no_file"),
    "items lead out": (_link("items"), "link_outside"),
    "items lead to themselves": (_loop, "link_outside"),
    "the lock is missing": (_remove("protocol.lock.yaml"), "file_missing"),
    "the lock is a bomb": (_write("protocol.lock.yaml", "a: &a [1]\nb: *a\n"), "lock_invalid"),
    "the lock asks for ever": (_no_draw, "lock_absurd"),
    "the lock names no metric": (_replace(LOCK, "name: freeze", "name: frieze"), "lock_hash"),
    "the lock is no protocol": (_replace(LOCK, "seconds: 0.5", "seconds: a"), "lock_invalid"),
    "the list of videos is missing": (_remove("videos.manifest.json"), "file_missing"),
    "the list of videos is an object": (_write("videos.manifest.json", "{}"), "manifest_differs"),
    "a table is missing": (_remove("items.parquet"), "file_missing"),
    "a table is text": (_write("series.parquet", "PAR1 PAR1"), "file_invalid"),
    "a table is cut off": (_cut("items.parquet"), "file_invalid"),
    "a table is huge": (_huge_table, "table_differs"),
    "features that unfold": (_packed_features, "file_invalid"),
    "features nobody names": (_write("items/x.npz", b"x"), "features_stray"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_a_finding(name: str, run: Path) -> None:
    edit, code = HOSTILE[name]
    edit(run)
    done = aggregates(run)
    assert done.verdict == "differs"
    assert code in {finding.code for finding in done.findings}, done.findings


def test_an_unknown_metric_in_a_forged_lock_is_a_finding(run: Path) -> None:
    text = (run / "protocol.lock.yaml").read_text()
    (run / "protocol.lock.yaml").write_text(
        text.replace("name: exposure_drift", "name: exposed", 1)
    )
    assert aggregates(run).verdict == "differs"


def test_the_runs_own_manifest_cannot_lead_out_of_it(run: Path, clips: Path) -> None:
    (run / "videos").mkdir()
    lines = [{"path": str(path), "id": path.name} for path in sorted(clips.glob("*.mp4"))]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (run / "videos" / "manifest.jsonl").write_text(text)
    done = verify(run, VerifyOptions(sample=None, setting=Setting(device="cpu"), workers=1))
    assert done.findings == []
    assert {one.code for one in done.unverifiable} >= {"link_outside"}
    assert done.recomputed == []
    (run / "videos" / "manifest.jsonl").write_text("{")
    done = verify(run, VerifyOptions(sample=None, setting=Setting(device="cpu"), workers=1))
    assert [finding.code for finding in done.findings] == ["manifest_invalid"]


def test_an_honest_run_has_no_finding(run: Path) -> None:
    done = aggregates(run)
    assert done.findings == []
    assert done.verdict == "agrees"
