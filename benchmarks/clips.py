"""Clips for the benchmarks, rendered once and cached in a scratch folder."""

from __future__ import annotations

import sys
from pathlib import Path

import av

from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip


def rendered(
    folder: Path, seconds: float, width: int, height: int, fps: float = 30.0, seed: int = 0
) -> Path:
    """Return an h264 clip of the procedural landscape."""
    path = folder / f"{width}x{height}-{fps:g}fps-{seconds:g}s.mp4"
    if not path.exists():
        print(f"rendering {path.name}", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        write_video(path, render_clip(seconds, fps, width, height, seed), fps)
    return path


def repeated(source: Path, times: int) -> Path:
    """Return `source` repeated `times` times, with packets copied, not encoded again."""
    path = source.with_name(f"{source.stem}-x{times}.mp4")
    if path.exists():
        return path
    with av.open(str(path), "w") as out:
        shift = 0
        stream = None
        for _ in range(times):
            with av.open(str(source)) as container:
                template = container.streams.video[0]
                stream = stream or out.add_stream_from_template(template)
                for packet in container.demux(template):
                    if packet.dts is None:
                        continue
                    packet.stream = stream
                    packet.pts = (packet.pts or 0) + shift
                    packet.dts += shift
                    out.mux(packet)
                shift += template.duration or 0
    return path
