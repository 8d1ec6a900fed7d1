"""Distances between sets, from videos to scores: features kept, real set, resuming, refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lvbench.cli.stats import stats
from lvbench.engine.aggregation.real_set import RealSet, compared_by, features_only
from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.tools import Setting, build_tools
from lvbench.engine.workers.progress import Progress
from lvbench.errors import ConfigError, UsageError
from lvbench.features.feature_set import RealSetStatistics
from lvbench.protocol.load import load_protocol
from lvbench.results.journal import features_path, read_features, write_item
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, VideoRecord
from lvbench.video.encode import write_video
from lvbench.video.file_hash import sha256_file
from lvbench.world.clip import render_clip
from tests.engine.conftest import adopt
from tests.features.video.i3d_forms import write_ported
from tests.seeded import seeded_i3d_weights

PROTOCOL = """\
name: sets
version: 1
draft: true
segment_seconds: 0.5
extractors:
  i3d: {length: 9}
metrics:
  - {name: exposure_drift, version: 1}
  - {name: fvd, version: 1, parameters: {halves: 20}}
  - {name: kvd, version: 1}
"""


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("protocol") / "sets-v1.yaml"
    path.write_text(PROTOCOL)
    return str(path)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that names a network of its own as I3D."""
    folder = tmp_path_factory.mktemp("weights")
    write_ported(seeded_i3d_weights(), folder / "seeded.pt")
    (folder / "weights.yaml").write_text("i3d: seeded.pt\n")
    return folder


def _set(folder: Path, seeds: range) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        frames = np.concatenate(list(render_clip(1.5, 8.0, 64, 48, seed)))
        write_video(folder / f"clip{seed}.mp4", [frames], 8.0)
    return folder


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _set(tmp_path_factory.mktemp("sets") / "fake", range(4))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _set(tmp_path_factory.mktemp("sets") / "real", range(10, 14))


@pytest.fixture(scope="module")
def run(
    fake: Path, real: Path, protocol: str, weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    out = tmp_path_factory.mktemp("runs") / "run"
    given = {"protocol": protocol, "real": real, "weights": weights, "device": "cpu"}
    return evaluate(fake, out=out, workers=1, **given)


@pytest.fixture(scope="module")
def built(
    real: Path, protocol: str, weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the file of statistics of the real set, alone in a folder."""
    file = tmp_path_factory.mktemp("built") / "real.npz"
    given = ["build", str(real), "--out", str(file), "--protocol", protocol, "--device", "cpu"]
    done = CliRunner().invoke(stats, [*given, "--weights", str(weights), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "4 videos, 4 windows" in done.output
    assert [path.name for path in file.parent.iterdir()] == ["real.npz"]
    return file


def test_a_set_is_compared_with_a_folder_of_real_videos(run: Run) -> None:
    assert run.record.status == "complete"
    fvd = run.scores["fvd"]
    assert fvd.value is not None
    assert fvd.value > 0
    assert (fvd.n_scored, fvd.n_expected, fvd.n_failed) == (4, 4, 0)
    assert run.scores["fvd.floor"].value is not None
    assert run.scores["kvd"].status == "ok"
    assert run.record.signature is not None


def test_features_are_stored_and_named_by_the_records(run: Run) -> None:
    for item in run.items:
        kept = read_features(run.folder, item)
        assert kept["i3d.logits"].shape == (1, 400)
        assert kept["i3d.t"].tolist() == [0.5]
        assert item.metrics["fvd"].value == 1.0


def test_the_same_set_has_another_identity_with_another_real_set(
    run: Run, fake: Path, protocol: str, weights: Path
) -> None:
    with pytest.raises(ConfigError, match="differing: real"):
        evaluate(fake, out=run.folder, protocol=protocol, real=fake, weights=weights, device="cpu")


def test_statistics_give_the_folders_number(
    run: Run, fake: Path, built: Path, protocol: str, weights: Path, tmp_path: Path
) -> None:
    setting = Setting(weights=str(weights), device="cpu", real=sha256_file(built))
    again = adopt(run.folder, tmp_path / "again", protocol, setting)
    found = evaluate(
        fake, out=again, protocol=protocol, real=built, weights=weights, device="cpu", workers=1
    )
    assert found.record.timing["videos_kept"] == 4
    assert found.scores["fvd"].value == pytest.approx(run.scores["fvd"].value, rel=1e-9)
    assert found.scores["kvd"].value == pytest.approx(run.scores["kvd"].value, rel=1e-6)


def test_the_real_set_that_a_protocol_ships_is_used_where_no_other_is_given(
    run: Run, fake: Path, built: Path, protocol: str, weights: Path, tmp_path: Path
) -> None:
    file = shutil.copy(built, tmp_path / "real.npz")
    shipped = tmp_path / "shipped-v1.yaml"
    pinned = f"real: {{file: real.npz, sha256: {sha256_file(file)}}}\n"
    shipped.write_text(Path(protocol).read_text() + pinned)
    setting = Setting(weights=str(weights), device="cpu", real=sha256_file(file))
    again = adopt(run.folder, tmp_path / "again", str(shipped), setting)
    options = {"protocol": str(shipped), "weights": weights, "device": "cpu", "workers": 1}
    found = evaluate(fake, out=again, **options)
    assert found.record.timing["videos_kept"] == 4
    assert found.scores["fvd"].value == pytest.approx(run.scores["fvd"].value, rel=1e-9)
    with pytest.raises(ConfigError, match="differing: real"):
        evaluate(fake, out=again, real=fake, **options)
    file.write_bytes((tmp_path / "real.npz").read_bytes() + b"0")
    with pytest.raises(ConfigError) as caught:
        evaluate(fake, out=again, **options)
    assert caught.value.code in ("reference_changed", "reference_damaged")
    shipped.write_text(shipped.read_text().replace("real.npz", "gone.npz"))
    with pytest.raises(ConfigError) as caught:
        evaluate(fake, out=again, **options)
    assert caught.value.code == "reference_missing"


def test_a_changed_file_of_features_is_computed_again(
    run: Run, fake: Path, real: Path, protocol: str, weights: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run.folder, folder)
    damaged = features_path(folder, "clip2.mp4")
    damaged.write_bytes(damaged.read_bytes()[:-100])
    found = evaluate(
        fake, out=folder, protocol=protocol, real=real, weights=weights, device="cpu", workers=1
    )
    assert found.record.timing["videos_kept"] == 3
    assert found.scores == run.scores


def test_without_a_real_set_the_distances_do_not_apply(
    fake: Path, protocol: str, weights: Path, tmp_path: Path
) -> None:
    one = tmp_path / "one"
    one.mkdir()
    shutil.copy(fake / "clip0.mp4", one)
    given = {"protocol": protocol, "weights": weights, "device": "cpu", "workers": 1}
    found = evaluate(one, out=tmp_path / "run", **given)
    assert found.record.status == "complete"
    assert (found.scores["fvd"].status, found.scores["fvd"].code) == (
        "not_applicable",
        "no_real_set",
    )
    assert "--real" in (found.scores["fvd"].detail or "")


def test_without_weights_the_rest_runs_and_the_run_may_go_on_once_they_are_there(
    fake: Path, protocol: str, weights: Path, tmp_path: Path
) -> None:
    one = tmp_path / "one"
    one.mkdir()
    shutil.copy(fake / "clip0.mp4", one)
    first = evaluate(one, out=tmp_path / "run", protocol=protocol)
    assert first.record.status == "partial"
    assert first.record.reasons == ["fvd is unavailable", "kvd is unavailable"]
    assert first.record.signature is None
    fvd = first.scores["fvd"]
    assert (fvd.status, fvd.code, fvd.n_expected) == ("unavailable", "weights_missing", 0)
    assert fvd.detail == "lvbench weights pull i3d (51.2 MB)"
    assert "fvd" not in first.items[0].metrics
    then = evaluate(one, out=tmp_path / "run", protocol=protocol, weights=weights, device="cpu")
    assert then.record.status == "complete"
    assert then.scores["fvd"].code == "no_real_set"


def test_a_real_set_with_a_broken_video_is_refused(
    fake: Path, protocol: str, tmp_path: Path
) -> None:
    """Without weights: the clips of the run cost little, and the set is read all the same."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "bad.mp4").write_bytes(b"not a video")
    one = fake / "clip0.mp4"
    with pytest.raises(ConfigError) as caught:
        evaluate(one, out=tmp_path / "run", protocol=protocol, real=broken, workers=1)
    assert caught.value.code == "real_video_failed"
    assert "bad.mp4" in str(caught.value)


def test_an_empty_real_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no video"):
        RealSet(tmp_path)


def test_a_protocol_without_distances_takes_no_real_set() -> None:
    with pytest.raises(UsageError, match="lvb-open"):
        features_only(load_protocol("lvb-smoke"))


def test_statistics_are_those_of_the_distances_by_default() -> None:
    """Copies are looked for in another network's features than FVD's."""
    protocol = load_protocol("lvb-open")
    assert compared_by(protocol) == "i3d"
    names = [m.name for m in features_only(protocol, "mobilenet_v2").metrics]
    assert names == ["diversity", "self_repetition", "memorisation"]
    with pytest.raises(UsageError, match="read i3d, mobilenet_v2"):
        features_only(protocol, "dis")


def test_the_run_says_what_it_was_compared_with(run: Run) -> None:
    lock = (run.folder / "protocol.lock.yaml").read_text()
    assert "real: " in lock
    record = json.loads((run.folder / "run.json").read_text())
    assert record["scores"]["fvd"]["n_scored"] == 4


def test_a_real_set_that_changed_meanwhile_is_refused(
    real: Path, protocol: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(real, tmp_path / "real")
    (tmp_path / "real" / "notes.txt").write_text("x")
    real_set = RealSet(tmp_path / "real")
    assert [one.path for one in real_set.left_out] == ["notes.txt"]
    tools = build_tools(load_protocol(protocol))
    checksums = {name: sha256_file(path) for name, path in real_set.files.items()}

    def stored(*_: object, **__: object) -> dict[str, RealSetStatistics]:
        for name, checksum in checksums.items():
            video = VideoRecord(id=name, path=name, cluster=name, sha256=checksum)
            write_item(tmp_path / "run" / "real", ItemRecord(identity="x", video=video, metrics={}))
        return {}

    monkeypatch.setattr("lvbench.engine.aggregation.real_set.real_sets_of", stored)
    asked = tools, Setting(), tmp_path / "run", 1, Progress()
    assert real_set.references(*asked) == {}
    checksums[next(iter(checksums))] = "0" * 64
    with pytest.raises(ConfigError, match="changed while") as caught:
        real_set.references(*asked)
    assert caught.value.code == "real_set_changed"
