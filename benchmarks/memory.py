"""Does the memory of an evaluation depend on the length of the video?

    python -m benchmarks.memory [--width 640 --height 360] [--minutes 10] [--protocol lvb-smoke]

Evaluates a clip of one minute, and the same minute ten times over, by a protocol with one worker;
prints the peak memory of the worker and of the parent for each, and their ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.clips import rendered, repeated

EVALUATE = """
import json, sys
from lvbench.engine.evaluate import evaluate
from lvbench.memory import peak_memory
run = evaluate(sys.argv[1], out=sys.argv[2], protocol=sys.argv[3], weights=sys.argv[4] or None,
               workers=1)
own = peak_memory()
timing = run.record.timing
print(json.dumps({"worker": timing["worker_peak_bytes"], "parent": own,
                  "frames": timing["frames"], "seconds": timing["seconds"]}))
"""


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--width", type=int, default=640)
    options.add_argument("--height", type=int, default=360)
    options.add_argument("--fps", type=float, default=30.0)
    options.add_argument("--minutes", type=int, default=10)
    options.add_argument("--protocol", default="lvb-smoke")
    options.add_argument("--weights", default="", help="folder of weights")
    options.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "lvbench")
    chosen = options.parse_args()
    minute = rendered(chosen.scratch, 60.0, chosen.width, chosen.height, chosen.fps)
    how = (chosen.protocol, chosen.weights)
    short, long = (measure(c, *how) for c in (minute, repeated(minute, chosen.minutes)))
    for name, found in (("1 minute", short), (f"{chosen.minutes} minutes", long)):
        print(
            f"{name:>10}: {found['frames']} frames in {found['seconds']:.0f} s, "
            f"worker {found['worker'] / 1e6:.0f} MB, parent {found['parent'] / 1e6:.0f} MB"
        )
    print(
        f"ratio: worker {long['worker'] / short['worker']:.3f}, "
        f"parent {long['parent'] / short['parent']:.3f}"
    )


def measure(clip: Path, protocol: str, weights: str) -> dict[str, float]:
    """Evaluate in a process of its own; return its peaks."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", EVALUATE, str(clip), folder, protocol, weights],
            check=True,
            capture_output=True,
            text=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
