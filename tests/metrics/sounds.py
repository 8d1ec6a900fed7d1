"""Sound to test with: clicks, tones, and files that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.functional import as_audio
from lvbench.video.audio.samples import AudioBlock

Samples = NDArray[np.float32]
CLICKS = (0.5, 1.25, 1.75, 3.0, 3.5, 4.75)
"""Seconds of the clicks of `clicks`."""
RATE = 16000


def clicks(seconds: float, times: tuple[float, ...] = CLICKS, rate: int = RATE) -> AudioBlock:
    """Return soft noise with a click at each time."""
    return as_audio(clicking(seconds, times, rate), rate)


def clicking(seconds: float, times: tuple[float, ...] | list[float], rate: int) -> Samples:
    """Return `(n,)`: noise at -60 dB and a decaying tone of 1 kHz at each time."""
    count = round(seconds * rate)
    samples = np.random.default_rng(0).normal(0, 1e-3, count)
    t = np.arange(round(0.08 * rate)) / rate
    burst = 0.5 * np.sin(2 * np.pi * 1000 * t) * np.exp(-t / 0.02)
    for time in times:
        start = round(time * rate)
        if 0 <= start < count:
            samples[start : start + len(burst)] += burst[: count - start]
    return samples.astype(np.float32)


def pieces(audio: AudioBlock, length: int) -> Iterator[AudioBlock]:
    """Yield the sound in chunks of so many samples."""
    for start in range(0, len(audio), length):
        samples = audio.samples[start : start + length]
        yield replace(audio, t0=audio.t0 + start / audio.rate, samples=samples)


def flashing(
    seconds: float, fps: float, every: tuple[float, float] = (0.5, 1.4), seed: int = 0
) -> tuple[NDArray[np.uint8], list[float]]:
    """Return a clip in which discs of light appear and slide off, and when they appear."""
    rng = np.random.default_rng(seed)
    count, height, width = round(seconds * fps), 96, 160
    frames = np.full((count, height, width, 3), 60, np.uint8)
    frames += rng.integers(0, 10, (height, width, 3), np.uint8)
    times, at = [], 0.4
    while at < seconds - 0.2:
        first = int(np.ceil(at * fps))
        times.append(first / fps)
        x, y = int(rng.integers(10, width - 42)), int(rng.integers(5, height - 40))
        for k in range(min(4, count - first)):
            frames[first + k, y : y + 30, x + 2 * k : x + 2 * k + 30] = 230 - 40 * k
        at += float(rng.uniform(*every))
    return frames, times


def shifted(samples: NDArray[Any], rate: int, seconds: float, drift: float = 0.0) -> Samples:
    """Return sound that comes later by `seconds`, and by `drift` more with every second."""
    index = np.arange(len(samples))
    source = (index / rate - seconds) / (1 + drift) * rate
    table = samples[:, None] if samples.ndim == 1 else samples
    moved = [np.interp(source, index, channel, left=0.0, right=0.0) for channel in table.T]
    return np.stack(moved, axis=1).astype(np.float32).reshape(samples.shape)


def write_with_sound(
    path: Path,
    pictures: Path | NDArray[np.uint8],
    samples: NDArray[Any],
    rate: int,
    *,
    codec: str = "aac",
    layout: str = "mono",
    format_: str = "fltp",
    fps: int = 24,
    seconds: float = float("inf"),
    leaps: dict[int, float] | None = None,
) -> None:
    """Encode sound beside pictures.

    Args:
        path: File to write.
        pictures: File whose coded pictures are copied up to `seconds`, or frames to encode.
        samples: `(n, channels)`, in the numbers of `format_`.
        rate: Samples per second.
        codec: FFmpeg's encoder of the sound.
        layout: FFmpeg's name of the channels.
        format_: Sample format that the encoder takes.
        fps: Rate of frames.
        seconds: Where to stop.
        leaps: Index of an audio frame to seconds by which all sound from there on is late.
    """
    import av

    with av.open(str(path), "w") as target:
        source = av.open(str(pictures)) if isinstance(pictures, Path) else None
        packets = _copied(target, source, seconds) if source else _encoded(target, pictures, fps)
        audio = target.add_stream(codec, rate=rate, layout=layout)
        audio.codec_context.time_base = Fraction(1, rate)
        for packet in packets:
            target.mux(packet)
        for frame in _audio_frames(samples, rate, layout, format_, seconds, leaps or {}):
            target.mux(audio.encode(frame))
        target.mux(audio.encode(None))
        if source:
            source.close()


def _copied(target: Any, source: Any, seconds: float) -> Iterator[Any]:
    original = source.streams.video[0]
    picture = target.add_stream_from_template(original)

    def packets() -> Iterator[Any]:
        for packet in source.demux(original):
            if packet.dts is not None and packet.dts * packet.time_base < seconds:
                packet.stream = picture
                yield packet

    return packets()


def _encoded(target: Any, frames: Any, fps: int) -> Iterator[Any]:
    import av

    picture = target.add_stream("libx264", rate=fps)
    picture.height, picture.width = frames.shape[1:3]
    picture.pix_fmt = "yuv420p"

    def packets() -> Iterator[Any]:
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            yield from picture.encode(frame)
        yield from picture.encode(None)

    return packets()


def _audio_frames(
    samples: NDArray[Any],
    rate: int,
    layout: str,
    format_: str,
    seconds: float,
    leaps: dict[int, float],
) -> Iterator[Any]:
    import av

    late = 0.0
    end = min(len(samples), round(min(seconds, 1e6) * rate))
    for number, start in enumerate(range(0, end, 1024)):
        late += leaps.get(number, 0.0)
        part = samples[start : min(start + 1024, end)]
        data = part.T if format_.endswith("p") else part.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(data), format_, layout)
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = start + round(late * rate)
        yield frame
