"""Effect of the switches on lvb-world, from its board's rows: a table of docs/reference-model.md.

    python -m benchmarks.reference.switch_rows [leaderboards]

Generates no clips: `make boards` creates the rows.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.boards import SWITCHES, WORLD
from benchmarks.markdown import heading, row
from lvbench.leaderboard.collect import collect
from lvbench.results.schema import Score

SCORES = {
    "cast kept at the end": "world_identity_drift",
    "cast read back": "world_clip_text.cast",
    "colour": "colour_drift",
    "light, L*": "exposure_drift",
    "motion": "motion_magnitude",
    "`world_fvd`": "world_fvd",
    "s/s": "cost",
}
BEFORE, AFTER = "oracle", "static"


def main(root: Path) -> None:
    """Print the table: bounds around the default and each of its switches."""
    found = {entry.row.model: entry.record.scores for entry in collect(root, {})[WORLD]}
    names = {BEFORE: BEFORE, "default": "reference default"}
    names |= {switch: f"reference default,{switch}" for switch in SWITCHES} | {AFTER: AFTER}
    print(heading(["row", *SCORES]))
    for name, model in names.items():
        if model in found:
            print(row([name, *(cell(found[model][key]) for key in SCORES.values())]))


def cell(score: Score) -> str:
    """Return a score with its interval, three digits each; its status where it has no value."""
    if score.value is None:
        return score.status
    low, high = score.ci_low, score.ci_high
    return f"{score.value:.3g}" + ("" if low is None else f" [{low:.3g}, {high:.3g}]")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "leaderboards"))
