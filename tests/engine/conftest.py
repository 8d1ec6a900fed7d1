"""Small clips and a quick protocol for whole runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lvbench.engine.video_pass.tools import Setting, build_tools
from lvbench.protocol.load import load_protocol
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

QUICK_PROTOCOL = """\
name: quick
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {name: exposure_drift, version: 1}
  - {name: sharpness_drift, version: 1}
  - {name: freeze, version: 1}
"""


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of four clips of six seconds."""
    folder = tmp_path_factory.mktemp("clips")
    for seed in range(4):
        frames = np.concatenate(list(render_clip(6.0, 8.0, 96, 64, seed)))
        write_video(folder / f"clip{seed}.mp4", [frames], 8.0)
    return folder


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a protocol with three metrics."""
    path = tmp_path_factory.mktemp("protocol") / "quick-v1.yaml"
    path.write_text(QUICK_PROTOCOL)
    return str(path)


def adopt(run: Path, folder: Path, protocol: str, setting: Setting) -> Path:
    """Begin a run with the records of another, as if it had scored the same videos itself."""
    identity = build_tools(load_protocol(protocol), setting).identity.hash
    for name in ("items", "thumbnails"):
        shutil.copytree(run / name, folder / name)
    for file in (folder / "items").glob("*.json"):
        record = json.loads(file.read_text()) | {"identity": identity}
        file.write_text(json.dumps(record))
    return folder


def outcome(folder: Path) -> dict[str, bytes]:
    """Return everything of a run that must not depend on how it was computed."""
    record = json.loads((folder / "run.json").read_text())
    del record["environment"], record["timing"]
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "log.txt", "report.html")
    }
    return files | {"run.json": json.dumps(record, sort_keys=True).encode()}
