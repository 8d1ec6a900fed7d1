"""Time each network of a protocol alone, with its batch size, on the blocks of one clip."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvbench.engine.video_pass.tools import Tools
from lvbench.features.network import NetworkExtractor
from lvbench.features.sampling import BlockSampler
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames

_MATRIX = 2048


@dataclass
class Network:
    """One network and its blocks of a clip.

    Attributes:
        extractor: The extractor, its network loaded.
        clip: The clip.
        blocks: Blocks in the clip.
        seconds: Processor seconds of the last run.
        gigaflops: Multiplications and additions of one block, in 10^9, if torch can count them.
    """

    extractor: NetworkExtractor
    clip: Path
    blocks: int = 0
    seconds: float = 0.0
    gigaflops: float | None = None

    def run(self) -> float:
        """Return the processor seconds of preparing and encoding every block, without decoding."""
        spent, self.blocks = 0.0, 0
        extract = self.extractor.start(30.0)
        sampler = BlockSampler(self.extractor.spec, self.extractor.prepare)
        with open_video(self.clip, self.extractor.spec.products) as reader:
            for chunk in reader:
                started = time.process_time()
                self.blocks += sum(1 for block in sampler.push(chunk) if extract(block))
                spent += time.process_time() - started
        started = time.process_time()
        self.blocks += sum(1 for block in sampler.finish() if extract(block))
        self.seconds = spent + time.process_time() - started
        return self.seconds

    def count(self) -> None:
        """Count the operations of one block."""
        from torch.utils.flop_counter import FlopCounterMode

        for block in first_block(self.extractor, self.clip):
            with FlopCounterMode(display=False) as counter:
                self.extractor.start(30.0)(block)
            self.gigaflops = counter.get_total_flops() / 1e9


def network_parts(clip: Path, tools: Tools) -> dict[str, Network]:
    """Return the protocol's networks with available weights, loaded and warm, on one thread."""
    found = {}
    for name, extractor in tools.extractors.items():
        if isinstance(extractor, NetworkExtractor):
            import torch

            torch.set_num_threads(1)
            network = Network(extractor, clip)
            network.count()
            found[name] = network
    return found


def first_block(extractor: NetworkExtractor, clip: Path) -> Iterator[Frames]:
    """Yield the first block of a clip."""
    sampler = BlockSampler(extractor.spec, extractor.prepare)
    with open_video(clip, extractor.spec.products) as reader:
        for chunk in reader:
            for block in sampler.push(chunk):
                yield block
                return
    yield from sampler.finish()


def matrix_rate() -> float:
    """Return the float32 operations per second of a large matrix product on one thread."""
    import torch

    torch.set_num_threads(1)
    one, other = torch.randn(_MATRIX, _MATRIX), torch.randn(_MATRIX, _MATRIX)
    best = np.inf
    for _ in range(5):
        started = time.process_time()
        _ = one @ other
        best = min(best, time.process_time() - started)
    return float(2 * _MATRIX**3 / best)


def shares(networks: dict[str, Any]) -> Iterator[str]:
    """Yield each network's share of the machine's matrix rate, preparation included."""
    if not networks:
        return
    rate = matrix_rate()
    yield f"matrix product of {_MATRIX}: {rate / 1e9:.0f} GFLOP/s on one thread"
    for name, network in networks.items():
        if not network.gigaflops:
            yield f"  {name}: not counted (no torch network)"
            continue
        speed = network.gigaflops * 1e9 * network.blocks / network.seconds
        yield (
            f"  {name}: {network.gigaflops:.1f} GFLOP a block, {network.blocks} blocks, "
            f"{1000 * network.seconds / network.blocks:.0f} ms each, "
            f"{100 * speed / rate:.0f} % of the matrix rate"
        )
