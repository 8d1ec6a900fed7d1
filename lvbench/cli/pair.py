"""`lvbench pair`: how different is a video from its original, frame by frame?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import cell, echo
from lvbench.cli.options import device_option, weights_option

if TYPE_CHECKING:
    from lvbench.engine.pair import PairResult
    from lvbench.results.schema import ItemScore

SOME_FAILED = 4
FLAGS = {
    "depth_differs": "the bit depths differ: compared at the higher one",
    "chroma_differs": "the chroma layouts differ: planes of different size are left out",
    "colour_differs": "the matrices from RGB differ: coded levels are compared",
    "rate_differs": "the frame rates differ: only frames at the same times are compared",
    "count_differs": "some frames have no partner: they are left out",
}


@click.command()
@click.argument("reference", type=click.Path(exists=True, path_type=Path), metavar="REF")
@click.argument("video", type=click.Path(exists=True, path_type=Path), metavar="DIS")
@click.option(
    "--metrics", metavar="NAMES", help="Metrics, separated by commas.  [default: those of lvb-pair]"
)
@click.option(
    "--raw", metavar="FORMAT", help="Both files are raw planar YUV: yuv420p10le:576x324[@RATE]."
)
@click.option("--fps", type=click.FloatRange(0, min_open=True), help="Frame rate of image folders.")
@click.option(
    "--partial", is_flag=True, help="Leave out frames without a partner, and flag the scores."
)
@weights_option
@device_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with every frame.")
def pair(
    reference: Path,
    video: Path,
    metrics: str | None,
    raw: str | None,
    fps: float | None,
    partial: bool,
    weights: Path | None,
    device: str,
    as_json: bool,
) -> int:
    """Compare the video DIS with its original REF, frame by frame at equal times.

    Nothing is resized or resampled. Exit code 4: at least one metric could not be computed.
    """
    from lvbench.engine.pair import score_pair
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.results.files import canonical_json

    found = score_pair(
        reference,
        video,
        metrics=[name.strip() for name in (metrics or "").split(",") if name.strip()],
        raw=raw,
        fps=fps,
        partial=partial,
        setting=Setting(weights=str(weights.absolute()) if weights else None, device=device),
    )
    if as_json:
        echo(canonical_json(_document(reference, found), indent=1))
    else:
        _print(reference, found)
    failed = any(score.status == "failed" for score in found.record.metrics.values())
    return SOME_FAILED if failed else 0


def _document(reference: Path, found: PairResult) -> dict[str, Any]:
    protocol = found.protocol
    return {
        "protocol": f"{protocol.name} v{protocol.version}{' (draft)' if protocol.draft else ''}",
        "reference": reference.name,
        "video": found.record.video.model_dump(mode="json"),
        "metrics": {k: s.model_dump(mode="json") for k, s in found.record.metrics.items()},
        "unavailable": {
            key: {"code": error.code, "found": error.found, "fix": error.fix}
            for key, error in found.unavailable.items()
        },
    }


def _print(reference: Path, found: PairResult) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True, markup=False)
    video = found.record.video
    frames = "1 frame" if video.frames == 1 else f"{video.frames or 0} frames"
    console.print(cell(f"{video.path} compared with {reference.name}, {frames}"))
    scores = found.record.metrics
    had = {key: score for key, score in scores.items() if score.value is not None}
    table = Table("metric", "value", "worst frame", "end minus start", box=None)
    for key, score in had.items():
        parts = score.components
        drift = f"{parts['end_level']:+.4g}" if "end_level" in parts else "too short"
        table.add_row(key, f"{score.value:.4f}", f"{parts['worst_frame']:.4f}", drift)
    if had:
        console.print(table)
    for key, score in had.items():
        console.print(cell(f"{key}: {score.detail}"))
    for why, keys in _refused(scores).items():
        console.print(cell(f"{', '.join(keys)}: {why}"))
    for key, error in found.unavailable.items():
        reason = f"{key}: unavailable ({error.code}): {error.found}\n  fix:   {error.fix}"
        console.print(cell(reason))
    # Flags of scores without a value are left out: those metrics compared nothing.
    for flag in sorted({flag for score in had.values() for flag in score.flags}):
        console.print(f"{flag}: {FLAGS.get(flag, flag)}", style="yellow")


def _refused(scores: Mapping[str, ItemScore]) -> dict[str, list[str]]:
    """Return the metrics without a value, grouped by reason."""
    found: dict[str, list[str]] = {}
    for key, score in scores.items():
        if score.value is None:
            why = f"{score.status.replace('_', ' ')} ({score.code})\n{score.detail}"
            found.setdefault(why, []).append(key)
    return found
