"""Integrated loudness beside FFmpeg's filter ebur128, on the sound of real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lvbench.features import load
from lvbench.features.audio.stream import AudioStream
from lvbench.features.base import Features
from lvbench.metrics.audio.audio_quality import integrated
from lvbench.video.audio.decode import AudioReader
from tests.parity.case import Case

# FFmpeg prints loudness in thousandths of an LU; ours covers whole steps of 100 ms alone.
_NEAR = 5e-4, "0.01 LU at 44.1 and 48 kHz: the last incomplete step is left out"
_LOW = 3e-3, "0.06 LU below 40 kHz: another bilinear transform of the shelf near half the rate"
FILES = {
    "big-buck-bunny-480p-30s.mp4": _NEAR,
    "mdn_friday.mp4": _NEAR,
    "ltx2_with_audio.mp4": _LOW,
    "wpt_movie_300.mp4": _LOW,
}


def cases(root: Path) -> list[Case]:
    """Return all cases; `root` holds assets/."""
    found = []
    for name, (tolerance, note) in FILES.items():
        path = root / "assets" / "videos" / name
        title = f"integrated loudness of {name}"
        source = "FFmpeg, filter ebur128"
        found.append(Case(title, _ours(path), _theirs(path), tolerance, source, note))
    return found


def _ours(path: Path) -> float:
    powers: list[Features] = []
    stream = AudioStream({"loudness": load("loudness")}, lambda _, f: powers.append(f))
    with AudioReader(path) as reader:
        for audio in reader:
            stream.push(audio)
    stream.finish()
    loudness = integrated(np.concatenate([f["power"] for f in powers]))
    assert loudness is not None
    return loudness


def _theirs(path: Path) -> float:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=stream)
        meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        loudness = float("nan")
        for frame in container.decode(stream):
            graph.push(frame)
            try:
                while True:
                    loudness = float(graph.pull().metadata.get("lavfi.r128.I", loudness))
            except (av.BlockingIOError, av.EOFError):
                continue
    return loudness
