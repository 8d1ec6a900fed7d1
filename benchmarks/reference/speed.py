"""Time of the reference model for a minute of video: one clip, and a batch of four.

    python -m benchmarks.reference.speed WEIGHTS [--preset default] [--level 0] [--seconds 60]
                                         [--threads 1 2]

Each line: clips in the batch, threads, wall seconds, processor seconds, and seconds of video
generated per second. No file is written, so that encoding is not timed; loading the weights and a
first, short clip are not timed either.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from benchmarks.markdown import heading, row
from benchmarks.reference.gate import world
from lvbench.reference.checkpoint import load_network
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.switches import Switches, switches

BATCHES = (1, 4)
HEAD = ("clips", "threads", "wall, s", "processor, s", "clip seconds per second")


def main() -> None:
    """Print the table, each line as soon as it is measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path)
    options.add_argument("--preset", default="default")
    options.add_argument("--level", type=int, default=0)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    chosen = options.parse_args()
    network, _ = load_network(chosen.weights)
    _, how = switches(chosen.preset)
    print(heading(HEAD), flush=True)
    for threads in chosen.threads:
        torch.set_num_threads(threads)
        _timed(network, 1, chosen.level, 2.0, how)
        for clips in BATCHES:
            clock, processor = _timed(network, clips, chosen.level, chosen.seconds, how)
            rate = clips * chosen.seconds / clock
            cells = (f"{clips}", f"{threads}", f"{clock:.1f}", f"{processor:.1f}", f"{rate:.2f}")
            print(row(cells), flush=True)


def _timed(
    network: LoopNet, clips: int, level: int, seconds: float, how: Switches
) -> tuple[float, float]:
    wanted = [SampleRequest(world(level, n).shots, n, str(n)) for n in range(clips)]
    clock, processor = time.perf_counter(), time.process_time()
    made = sum(chunk.shape[1] for chunk in generate(network, wanted, seconds, how))
    spent = time.perf_counter() - clock, time.process_time() - processor
    if made != round(seconds * network.config.fps):
        raise RuntimeError(f"{made} frames generated for a clip of {seconds:g} s")
    return spent


if __name__ == "__main__":
    main()
