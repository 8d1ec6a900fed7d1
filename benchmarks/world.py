"""Speed of rendering the procedural world on one thread.

    python -m benchmarks.world [--windows 200]

Prints frames per second of processor time: for windows of 16 frames of a new clip each, as in
training, with three characters at level 3, without drawing the schedule; and for the frames and
the truth of one clip in order.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from lvbench.world.draw import draw_shots
from lvbench.world.grammar import MOST_CAST, Shot
from lvbench.world.world import World

WINDOW, SECONDS = 16, 60.0
FRAMES = 10 * WINDOW
SIZES = (32, 48, 64, 96, 128, 256)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--windows", type=int, default=200)
    count = options.parse_args().windows
    clips = [crowded(seed) for seed in range(count)]
    print("| pixels | windows of new clips | one clip | truth |\n|---|---|---|---|")
    for size in SIZES:
        cells = [speed(lambda size=size: windows(clips, size), count * WINDOW)]
        world = World(clips[0], 0, level=3)
        cells.append(speed(lambda w=world, s=size: in_order(w.render, s), FRAMES))
        cells.append(speed(lambda w=world, s=size: in_order(w.truth, s), FRAMES))
        print(f"| {size} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |", flush=True)


def crowded(seed: int) -> tuple[Shot, ...]:
    """Return a random schedule whose first shot has a full cast."""
    while len(draw_shots(3, seed, SECONDS)[0].cast) < MOST_CAST:
        seed += 2**20
    return draw_shots(3, seed, SECONDS)


def windows(clips: list[tuple[Shot, ...]], size: int) -> None:
    """Render the first window of each clip in a new world."""
    for seed, shots in enumerate(clips):
        World(shots, seed, level=3).render(0, WINDOW, size, size)


def in_order(ask: Callable[[int, int, int, int], object], size: int) -> None:
    """Request the frames of one clip, a window at a time."""
    for start in range(0, FRAMES, WINDOW):
        ask(start, start + WINDOW, size, size)


def speed(work: Callable[[], None], frames: int) -> float:
    """Return frames per second of processor time, with warm caches."""
    work()
    begun = time.process_time()
    work()
    return frames / (time.process_time() - begun)


if __name__ == "__main__":
    main()
