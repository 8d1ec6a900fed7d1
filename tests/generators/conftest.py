"""A tiny generator program, and a protocol with three prompts for it."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lvbench.generators.contract import requests
from lvbench.generators.hosted.hosted import Hosted
from lvbench.protocol.schema import Protocol
from tests.generators.hosted.raw_service import KEY, Asked, Raw, filmed, speaking

# It writes a grey clip; the prompt says how it is to misbehave.
PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np
from lvbench.video.encode import write_video

out, seed, seconds, fps, width, height, request, prompt = sys.argv[1:]
asked = json.loads(Path(request).read_text())
print("asked for", prompt, flush=True)
with open(Path(out).parent / "calls.txt", "a") as calls:
    calls.write(asked["id"] + "\\n")
if "fail" in prompt and not (Path(out).parent / "fixed").exists():
    Path(out).write_bytes(b"half a clip")
    print("out of memory, or so", file=sys.stderr)
    sys.exit(3)
if "nothing" in prompt:
    sys.exit(0)
frames = round(float(seconds) * float(fps))
clip = np.full((frames, int(height), int(width), 3), 10 + int(seed), np.uint8)
write_video(out, [clip], float(fps))
if "seams" in prompt:
    Path(out + ".json").write_text(prompt.partition("seams")[2])
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Return the command line of the program, to follow `command:`."""
    path = tmp_path / "tiny generator.py"
    path.write_text(PROGRAM)
    words = [sys.executable, str(path)]
    places = "{out} {seed} {seconds} {fps} {width} {height} {request} {prompt}"
    return f"{shlex.join(words)} {places}"


@pytest.fixture
def protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Protocol]:
    """Return a maker of protocols that ask for one clip of each prompt given."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    monkeypatch.setattr(requests, "protocols_folder", lambda: folder)

    def make(*prompts: str, seeds: tuple[int, ...] = (0,)) -> Protocol:
        rows = [
            json.dumps({"id": f"p{i}", "prompts": [{"start": 0.0, "text": text}]}) + "\n"
            for i, text in enumerate(prompts)
        ]
        data = "".join(rows).encode()
        (folder / "prompts.jsonl").write_bytes(data)
        return Protocol.model_validate(
            {
                "name": "tiny",
                "version": 1,
                "segment_seconds": 0.5,
                "metrics": [{"name": "exposure_drift", "version": 1}],
                "prompts": {
                    "file": "prompts.jsonl",
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "seconds": 0.5,
                    "fps": 8.0,
                    "width": 32,
                    "height": 16,
                    "seeds": list(seeds),
                },
            }
        )

    return make


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return a clip of one second in every container."""
    return filmed(tmp_path_factory.mktemp("films"))


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Iterator[Raw]:
    """Serve byte by byte."""
    monkeypatch.setenv("RAW_KEY", KEY)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with speaking(Raw()) as running:
        yield running


@pytest.fixture
def raw_hosted(raw: Raw, tmp_path: Path) -> Asked:
    """Return a maker of generators for the service, with changes; waiting takes no time."""

    def make(**changes: Any) -> Hosted:
        path = tmp_path / "raw.yaml"
        path.write_text(yaml.safe_dump(raw.configuration(**changes)))
        return Hosted(str(path), sleep=lambda _: None)

    return make
