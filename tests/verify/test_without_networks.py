"""A verifier without the run's networks or real set accuses nobody, and still finds forgeries."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lvbench.cli.verify import CODES
from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.tools import Setting
from lvbench.features.embeddings.convolutional import MobileNet
from lvbench.verify.finding import VerifyResult
from lvbench.verify.verify import VerifyOptions, verify
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip
from tests.engine.conftest import adopt
from tests.features.video.i3d_forms import write_ported
from tests.seeded import seeded_i3d_weights
from tests.verify import forgery

PROTOCOL = """\
name: networks
version: 1
draft: true
segment_seconds: 0.125
extractors:
  i3d: {length: 9}
  mobilenet_v2: {rate: 4.0}
metrics:
  - {name: exposure_drift, version: 1}
  - {name: sharpness_drift, version: 1}
  - {name: clip_consistency, version: 1, parameters: {extractor: mobilenet_v2, baseline: 0.4}}
  - {name: vde, version: 1, parameters: {read: clip_consistency@mobilenet_v2}}
  - {name: diversity, version: 1}
  - {name: self_repetition, version: 1}
  - {name: memorisation, version: 1}
  - {name: fvd, version: 1, parameters: {halves: 20}}
"""
READ_REAL = {"diversity.real", "fvd", "memorisation", "memorisation.excess", "self_repetition.real"}
READ_NONE = {"diversity", "diversity.across_prompts", "self_repetition", "self_repetition.across"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a protocol, stand-ins for two networks, clips and two real sets."""
    folder = tmp_path_factory.mktemp("networks")
    (folder / "networks-v1.yaml").write_text(PROTOCOL)
    weights = folder / "weights"
    weights.mkdir()
    write_ported(seeded_i3d_weights(), weights / "i3d.pt")
    save_file(seeded_mobilenet(), weights / "mobilenet.safetensors")
    (weights / "weights.yaml").write_text("i3d: i3d.pt\nmobilenet_v2: mobilenet.safetensors\n")
    for name, first in (("clips", 0), ("real", 10), ("other", 20)):
        (folder / name).mkdir()
        for seed in range(first, first + 2):
            frames = np.concatenate(list(render_clip(1.5, 8.0, 64, 48, seed)))
            write_video(folder / name / f"clip{seed}.mp4", [frames], 8.0)
    setting = Setting(weights=str(weights), device="cpu")
    for name, real in (("compared", folder / "real"), ("alone", None)):
        if real is None:
            adopt(folder / "compared", folder / name, str(folder / "networks-v1.yaml"), setting)
        run = evaluate(
            folder / "clips", out=folder / name, protocol=str(folder / "networks-v1.yaml"),
            real=real, weights=weights, device="cpu", workers=1,
        )  # fmt: skip
        assert run.record.status == "complete"
    return folder


def seeded_mobilenet() -> dict[str, torch.Tensor]:
    """Return tensors that keep the size of what passes through them."""
    torch.manual_seed(0)
    return {
        name: torch.randn(tensor.shape) * (2 / tensor[0].numel()) ** 0.5
        if tensor.ndim > 1
        else tensor
        for name, tensor in MobileNet().architecture().state_dict().items()
    }


def verified(
    place: Path, run: Path, *, sample: int | None, weights: bool = False, real: str | None = None
) -> VerifyResult:
    setting = Setting(weights=str(place / "weights") if weights else None, device="cpu")
    options = VerifyOptions(
        sample=sample, videos=place / "clips", protocol=place / "networks-v1.yaml", workers=1,
        real=None if real is None else place / real, setting=setting,
    )  # fmt: skip
    return verify(run, options)


def listed(done: VerifyResult) -> set[str]:
    return {key for one in done.unverifiable for key in one.what.split(", ")}


@pytest.fixture(autouse=True)
def _no_weights_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LVBENCH_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("run", ["alone", "compared"])
def test_aggregates_need_no_network(place: Path, run: str) -> None:
    done = verified(place, place / run, sample=0)
    assert (done.findings, done.unverifiable) == ([], [])
    assert CODES[done.verdict] == 0


@pytest.mark.parametrize("run", ["alone", "compared"])
def test_items_that_need_a_missing_network_are_listed(place: Path, run: str) -> None:
    done = verified(place, place / run, sample=None)
    assert done.findings == []
    assert CODES[done.verdict] == 4
    own = {"clip_consistency@mobilenet_v2", "vde", "diversity", "self_repetition", "memorisation"}
    assert listed(done) == own | {"fvd"}
    assert done.cells.equal > 20  # of the metrics that need none


def test_with_the_networks_the_real_set_is_read_again_and_agrees(place: Path) -> None:
    done = verified(place, place / "compared", sample=0, weights=True, real="real")
    assert (done.findings, done.unverifiable) == ([], [])
    assert CODES[done.verdict] == 0


@pytest.mark.parametrize("real", ["real", "other"])
def test_scores_whose_real_set_cannot_be_read_are_listed_and_no_others(
    place: Path, real: str
) -> None:
    done = verified(place, place / "compared", sample=0, real=real)
    assert done.findings == []
    assert CODES[done.verdict] == 4
    assert listed(done) >= READ_REAL
    assert not listed(done) & (READ_NONE | {"exposure_drift", "vde"})
    words = "another real set" if real == "other" else "cannot run here"
    assert all(words in one.reason for one in done.unverifiable)


def test_scores_whose_real_set_is_nowhere_are_listed(place: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(place / "compared", run)
    shutil.rmtree(run / "real")
    done = verified(place, run, sample=0)
    assert done.findings == []
    assert CODES[done.verdict] == 4
    assert listed(done) >= READ_REAL
    assert not listed(done) & READ_NONE


def test_a_real_video_that_cannot_be_read_is_no_fault_of_the_run(
    place: Path, tmp_path: Path
) -> None:
    broken = place / "broken"
    if not broken.exists():
        shutil.copytree(place / "real", broken)
        next(broken.glob("*.mp4")).write_bytes(b"no video")
    done = verified(place, place / "compared", sample=0, weights=True, real="broken")
    assert done.findings == []
    assert CODES[done.verdict] == 4


def _set_score(key: str) -> Callable[[Path], None]:
    def tamper(run: Path) -> None:
        def edit(record: dict[str, dict[str, dict[str, float]]]) -> None:
            record["scores"][key]["value"] += 0.01

        forgery.edit_json(run / "run.json", edit)

    return tamper


def _item(run: Path) -> None:
    def edit(record: dict[str, dict[str, dict[str, float]]]) -> None:
        record["metrics"]["exposure_drift"]["value"] = 0.001

    forgery.edit_item(run, "clip0.mp4", edit)


def _features(run: Path) -> None:
    path = run / "items" / "clip0.mp4.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (_set_score("diversity"), "score_differs"),
        (_set_score("self_repetition.across"), "score_differs"),
        (_set_score("memorisation.similarity"), "score_differs"),
        (_set_score("fvd"), "score_differs"),
        (_set_score("vde"), "score_differs"),
        (_item, "cell_differs"),
        (_features, "features_changed"),
    ],
)
def test_a_forgery_is_found_without_networks(
    place: Path, tamper: Callable[[Path], None], code: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(place / "compared", run)
    tamper(run)
    done = verified(place, run, sample=None if tamper is _item else 0)
    assert CODES[done.verdict] == 3
    assert code in {finding.code for finding in done.findings}
