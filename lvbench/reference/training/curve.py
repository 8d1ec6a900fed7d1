"""Training curve: losses and next-frame error over steps, from a run's log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvbench.reading import lines_of, parse_json, read_text


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a training log, in order, up to a truncated line."""
    lines = []
    for line in lines_of(read_text(path)):
        try:
            lines.append(parse_json(line))
        except ValueError:
            break
    return lines


def draw_curve(lines: list[dict[str, Any]], path: Path) -> None:
    """Plot loss and validation loss, and the next-frame error relative to a copy, by level."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    steps = [line["step"] for line in lines]
    with plt.rc_context({"font.size": 8}):
        figure, (left, right) = plt.subplots(1, 2, figsize=(6.8, 2.4), layout="constrained")
        left.plot(steps, [line["loss"] for line in lines], color="#999999", label="training")
        left.plot(
            steps, [line["validation_loss"] for line in lines], color="#0072B2", label="held out"
        )
        left.set(xlabel="step", ylabel="loss", yscale="log")
        left.legend(frameon=False)
        colours = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
        for level, colour in enumerate(colours):
            key = f"next_frame_{level}"
            known = [(line["step"], line[key]) for line in lines if key in line]
            if known:
                right.plot(*zip(*known, strict=True), color=colour, label=f"level {level}")
        right.axhline(1.0, color="#999999", linewidth=0.8)
        right.set(xlabel="step", ylabel="error of the next frame / of a copy", yscale="log")
        right.legend(frameon=False)
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, dpi=150)
        plt.close(figure)
