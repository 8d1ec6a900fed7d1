"""Does what was chosen by lvb-world's clips hold on clips of other seeds?

    python -m benchmarks.reference.other_seeds GENERATOR ... [--later 1] [--seconds 20]
                                               [--runs runs/other-seeds]

Has each generator make the prompts of lvb-world with the protocol's seeds plus LATER, judges the
clips as they are made, and prints some scores with their 95 % intervals.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.markdown import heading, row
from benchmarks.reference.switch_rows import SCORES, cell
from lvbench.engine.streaming import evaluate_streaming
from lvbench.leaderboard.schema import slug
from lvbench.protocol.load import load_protocol, protocols_folder


def main() -> None:
    """Print the table, a generator as soon as it is judged."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("generators", nargs="+")
    options.add_argument("--later", type=int, default=1)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--runs", type=Path, default=Path("runs/other-seeds"))
    chosen = options.parse_args()
    whole, folder = load_protocol("lvb-world"), protocols_folder()
    assert whole.prompts is not None
    assert whole.real is not None
    prompts = {
        "file": str(folder / whole.prompts.file),
        "seconds": chosen.seconds,
        "seeds": [seed + chosen.later for seed in whole.prompts.seeds],
    }
    changes = {
        "name": "other-seeds",
        "draft": True,
        "prompts": whole.prompts.model_copy(update=prompts),
        "real": whole.real.model_copy(update={"file": str(folder / whole.real.file)}),
    }
    protocol = whole.model_copy(update=changes)
    print(heading(["generator", *SCORES]), flush=True)
    for name in chosen.generators:
        out = chosen.runs / f"{slug(name)}-{chosen.later}-{chosen.seconds:g}s"
        run = evaluate_streaming(name, out=out, protocol=protocol, workers=1, device="cpu")
        print(row([name, *(cell(run.scores[key]) for key in SCORES.values())]), flush=True)


if __name__ == "__main__":
    main()
