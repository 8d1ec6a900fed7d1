"""Somebody who has the package and a network finishes a protocol, and a second party verifies it.

Networks that are too large for a test have seeded stand-ins, which a server on this machine gives
out in the Hugging Face Hub's place, under the checksums of a catalogue that names them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml

from lvbench.cli.main import run
from lvbench.engine.video_pass.tools import build_tools
from lvbench.features.registry import build
from lvbench.protocol.load import list_protocols, load_protocol, protocols_folder
from lvbench.video.encode import write_video
from lvbench.weights import catalogue as weights_catalogue
from lvbench.weights.catalogue import catalogue
from lvbench.world.clip import render_clip
from tests.weights.weights_server import own_caches, serving

# What lvb-60s reads, in small: metrics without a network, with one that ships, with one that is
# fetched, of each video and of the set.
PROTOCOL = """\
name: lvb-stranger
version: 1
draft: true
segment_seconds: 0.5
extractors:
  mobilenet_v2: {rate: 2.0}
  squeezenet1_1: {rate: 2.0}
metrics:
  - {name: exposure_drift, version: 1}
  - {name: freeze, version: 1}
  - {name: image_quality, version: 1}
  - {name: clip_consistency, version: 1, parameters: {extractor: mobilenet_v2, baseline: 0.468}}
  - {name: clip_consistency, version: 1, parameters: {extractor: squeezenet1_1}}
  - {name: diversity, version: 1, parameters: {extractor: squeezenet1_1}}
"""
# Every Python process of the test takes the catalogue and the protocols from here.
CUSTOMISE = """\
from pathlib import Path
from lvbench.weights import catalogue as weights_catalogue
from lvbench.protocol import load
here = Path(__file__).parent
weights_catalogue._CATALOGUE = here / "weights.yaml"
load.protocols_folder = lambda: here
"""


@pytest.mark.parametrize("name", list_protocols())
def test_whatever_a_protocol_lacks_ships_or_has_an_address(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own_caches(monkeypatch, tmp_path)
    for _, error in build_tools(load_protocol(name)).unavailable.values():
        fetched = re.fullmatch(
            r"lvbench weights pull ([a-z0-9_ ]+?)( --accept\S+)? \(.*\)", error.fix
        )
        assert fetched, error
        assert all(catalogue()[one].download for one in fetched[1].split())
    # And nothing that it reads is left to the user: offline, the network alone is missing.
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    run(["weights", "pull", "--protocol", name, "--accept-noncommercial"])
    assert "no address" not in capsys.readouterr().err


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve a stand-in, and give a folder of what replaces the catalogue and the protocols."""
    import torch

    folder = tmp_path_factory.mktemp("package")
    torch.manual_seed(5)
    network = build("squeezenet1_1").architecture()  # type: ignore[attr-defined]
    torch.save(network.state_dict(), folder / "net.pth")
    content = (folder / "net.pth").read_bytes()
    entries = yaml.safe_load(weights_catalogue._CATALOGUE.read_text("utf-8"))
    entries["squeezenet1_1"]["files"] = [
        {
            "file": "squeezenet1_1.pth",
            "addresses": ["hf://org/gone@v1/net.pth", "hf://org/net@v1/net.pth"],
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
    ]
    (folder / "weights.yaml").write_text(yaml.safe_dump(entries))
    (folder / "lvb-stranger-v1.yaml").write_text(PROTOCOL)
    (folder / "sitecustomize.py").write_text(CUSTOMISE)
    for name in ("index.yaml", "released.json"):
        (folder / name).write_bytes((protocols_folder() / name).read_bytes())
    with serving() as server:
        server.files["/org/net/resolve/v1/net.pth"] = content
        (folder / "endpoint").write_text(server.address)
        yield folder


def lvbench(package: Path, home: Path, *arguments: object) -> tuple[int, str]:
    """Return the exit code and the output of a command of somebody with that home."""
    environment = os.environ | {
        "PYTHONPATH": f"{package}{os.pathsep}{Path(__file__).parents[2]}",
        "LVBENCH_HOME": str(home / "lvbench"),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": (package / "endpoint").read_text(),
        "COLUMNS": "200",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lvbench", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_stranger_finishes_signs_and_submits_and_a_second_party_verifies(
    package: Path, tmp_path: Path
) -> None:
    one, two, clips, out = (tmp_path / name for name in ("one", "two", "clips", "run"))
    clips.mkdir()
    for seed in range(3):
        frames = np.concatenate(list(render_clip(4.0, 8.0, 96, 96, seed)))
        write_video(clips / f"clip{seed}.mp4", [frames], 8.0)
    code, said = lvbench(package, one, "plan", clips, "--protocol", "lvb-stranger", "--json")
    assert code == 0, said
    (download,) = json.loads(said)["downloads"]
    assert download.startswith("lvbench weights pull squeezenet1_1 (")
    code, said = lvbench(package, one, "weights", "pull", "--protocol", "lvb-stranger")
    assert code == 0, said
    assert "hf://org/gone@v1/net.pth failed: HTTP 404" in said

    options = ("evaluate", clips, "--protocol", "lvb-stranger", "--out", out, "--workers", 1)
    code, said = lvbench(package, one, *options, "--device", "cpu")
    assert code == 0, said
    record = json.loads((out / "run.json").read_text())
    assert (record["status"], record["reasons"]) == ("complete", [])
    assert record["signature"]
    names = {name.partition(".")[0] for name in record["scores"]}
    assert names >= {"image_quality", "clip_consistency@squeezenet1_1", "diversity@squeezenet1_1"}
    assert "unavailable" not in {score["status"] for score in record["scores"].values()}

    boards = tmp_path / "boards"
    mine = ("--organisation", "Lab", "--model", "M", "--revision", "v1", "--root", boards)
    code, said = lvbench(package, one, "leaderboard", "submit", out, *mine, "--allow-draft")
    assert code == 0, said

    # Aggregates are verified without the network; items once it has been fetched.
    code, said = lvbench(package, two, "verify", out, "--sample", 0)
    assert code == 0, said
    code, said = lvbench(package, two, "weights", "pull", "squeezenet1_1")
    assert code == 0, said
    again = ("--sample", 1, "--videos", clips, "--workers", 1, "--device", "cpu")
    code, said = lvbench(package, two, "verify", out, *again)
    assert code == 0, said
