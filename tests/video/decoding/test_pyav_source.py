"""Whatever the bytes: a status, or a VideoDecodeError with a code, never anything else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

SOURCES = ("h264.mp4", "h264.mkv", "h264.ts", "vp9.webm", "hevc.mp4", "gif.gif", "h264.avi")
MUTANTS = 63
STATUSES = {"ok", "truncated", "damaged"}
CODES = {"file_empty", "not_a_video", "no_video_stream", "no_frames", "too_large", "unreadable"}

READ_ALL = """
import json, sys
from pathlib import Path
from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

ends = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        with open_video(path, Products(luma=True, small=48, rgb=True)) as reader:
            for chunk in reader:
                assert len(chunk.pts) == len(chunk.luma) == len(chunk.rgb)
            ends[path.name] = reader.outcome.status
    except VideoDecodeError as error:
        ends[path.name] = error.code
print(json.dumps(ends))
"""


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Return the bytes with flips, a cut, an overwritten stretch or a splice."""
    mutant = bytearray(data)
    low, high = sorted(int(k) for k in rng.integers(0, len(data), 2))
    high = min(high, low + 4000)
    match rng.integers(5):
        case 0:
            for at in rng.integers(0, len(data), rng.integers(1, 80)):
                mutant[at] ^= 1 << int(rng.integers(8))
        case 1:
            del mutant[max(1, high) :]
        case 2:
            mutant[low:high] = rng.bytes(high - low)
        case 3:
            mutant[low:low] = mutant[low:high]
        case _:
            for at in rng.integers(0, min(600, len(data)), 6):
                mutant[at] = int(rng.integers(256))
    return bytes(mutant)


def test_mutated_files_end_in_a_status_or_a_code(awkward: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(20)
    for index in range(MUTANTS):
        name = SOURCES[index % len(SOURCES)]
        mutant = mutate((awkward / name).read_bytes(), rng)
        (tmp_path / f"{index:02d}_{name}").write_bytes(mutant)
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ends = json.loads(done.stdout)
    assert len(ends) == MUTANTS
    assert set(ends.values()) <= STATUSES | CODES
    assert {"damaged", "truncated"} <= set(ends.values())
