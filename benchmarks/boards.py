"""Fill leaderboards/ with the first rows: the reference model and its bounds, and labelled clips.

    python -m benchmarks.boards [--root leaderboards] [--runs runs/boards] [--only NAME ...]
                                [--limit N] [--revision R] [--videos DIR] [--weights DIR]

Every row is a run of its own, made and judged with no video kept. A run goes on where it was cut
off, a row that stands is left alone, and one that cannot be submitted says why and stops no other.
With --limit the runs are partial: they are tried, and none is submitted.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.engine.evaluate import evaluate
from lvbench.engine.streaming import evaluate_streaming
from lvbench.engine.workers.progress import for_terminal
from lvbench.errors import ConfigError, LvbenchError
from lvbench.leaderboard.schema import owner_slug, slug
from lvbench.leaderboard.submit import submit
from lvbench.protocol.load import load_protocol
from lvbench.reference.weights import weights_of
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.run import Run

ORGANISATION = "lvbench"
WORLD, OPEN, SMOKE = "lvb-world", "lvb-open", "lvb-smoke"
PRESETS = ("default", "drift-demo", "seam-demo", "freeze-demo", "reset-demo", "forget-demo")
SWITCHES = (
    "sampler=frame", "sampler=chunk", "cfg=1", "cfg=3", "correct=colour", "history_noise=0.1",
    "sink=1", "memory=2", "dtype=int8",
)  # fmt: skip
BOUNDS = {"oracle": "upper", "static": "lower", "noise": "lower", "loop": "lower"}
LABELS = {"good": "clips marked good", "bad": "clips marked down"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row to make.

    Attributes:
        name: What it is called on the command line.
        protocol: The protocol.
        model: The model's name on the board.
        organisation: Whose it is.
        revision: Which version; None for that of the command line.
        judge: Makes the run in a folder, at most so many videos of it.
        reproduce: The command that does the same.
        about: Other fields of the row.
    """

    name: str
    protocol: str
    model: str
    organisation: str
    revision: str | None
    judge: Callable[[Path, int | None], Run]
    reproduce: str
    about: dict[str, Any]


def main() -> int:
    """Make the rows that are asked for; return 1 where one could not be made."""
    asked = _arguments()
    found = {row.name: row for row in rows(asked.videos, asked.weights)}
    unknown = sorted(set(asked.only) - found.keys())
    if unknown:
        print(f"no row is called {', '.join(unknown)}; there are: {', '.join(found)}")
        return 2
    failed = 0
    for name in asked.only or found:
        try:
            _make(found[name], asked)
        except LvbenchError as error:
            failed += 1
            print(f"{name}: {error}", flush=True)
    return 1 if failed else 0


def rows(videos: Path, weights: Path | None) -> Iterator[Wanted]:
    """Yield every row: presets, switches of the default, bounds, and the labelled clips."""
    for preset in PRESETS:
        yield _reference(preset)
    for switch in SWITCHES:
        yield _reference(f"default,{switch}")
    for bound, kind in BOUNDS.items():
        yield _generated(bound, bound, None, {"baseline": kind})
    # lvb-open is complete only with all its weights; lvb-smoke needs none.
    for protocol in (OPEN, SMOKE):
        for label, model in LABELS.items():
            yield _labelled(label, model, videos, weights, protocol)


def _reference(argument: str) -> Wanted:
    about = {"open_weights": True, "url": None}
    return _generated(f"reference:{argument}", f"reference {argument}", None, about)


def _generated(generator: str, model: str, revision: str | None, about: dict[str, Any]) -> Wanted:
    def judge(folder: Path, limit: int | None) -> Run:
        return evaluate_streaming(
            generator, out=folder, protocol=WORLD, workers=1, limit=limit, title=generator,
            device="cpu", progress=for_terminal(),
        )  # fmt: skip

    again = f"lvbench evaluate --generator {generator} --no-files --protocol {WORLD} --out RUN"
    return Wanted(generator, WORLD, model, ORGANISATION, revision, judge, again, about)


def _labelled(label: str, model: str, videos: Path, weights: Path | None, protocol: str) -> Wanted:
    """Return the row of the clips that WorldMark's authors gave one label, a clip a fault."""

    def judge(folder: Path, limit: int | None) -> Run:
        # Both rows call a pair's clips by the pair's name: then they are compared in pairs.
        lines = [
            canonical_json({"path": str(clip.resolve()), "id": clip.stem.split("_")[1]})
            for clip in sorted(videos.glob(f"worldmark_*_{label}.mp4"))
        ]
        manifest = folder.with_name(f"{folder.name}.jsonl")
        write_atomic(manifest, "\n".join(lines) + "\n")
        return evaluate(
            manifest, out=folder, protocol=protocol, workers=1, limit=limit, title=model,
            weights=weights, device="cpu", progress=for_terminal(),
        )  # fmt: skip

    again = f"lvbench evaluate CLIPS.jsonl --protocol {protocol} --weights WEIGHTS --out RUN"
    about = {"url": "https://github.com/AlayaLab/WorldMark"}
    name = f"{protocol}:{label}"
    return Wanted(name, protocol, model, "WorldMark", "1", judge, again, about)


def _make(row: Wanted, asked: argparse.Namespace) -> None:
    revision = row.revision or asked.revision or _revision(row)
    place = f"{owner_slug(row.organisation)}__{slug(row.model)}/{slug(revision)}"
    if (asked.root / row.protocol / f"{place}.json").is_file():
        print(f"{row.name}: stands", flush=True)
        return
    # A run is of one revision: other weights begin another.
    folder = asked.runs / row.protocol / place / (f"limit-{asked.limit}" if asked.limit else "run")
    started = time.perf_counter()
    try:
        run = row.judge(folder, asked.limit)
    except ConfigError as error:
        if error.code != "run_of_other_protocol":
            raise
        shutil.rmtree(folder)
        run = row.judge(folder, asked.limit)
    told = f"{row.name}: {run.record.status}, {time.perf_counter() - started:.0f} s, {folder}"
    if asked.limit:
        print(f"{told}; tried, not submitted", flush=True)
        return
    draft = load_protocol(row.protocol).draft
    file = submit(
        folder, asked.root, organisation=row.organisation, model=row.model, revision=revision,
        allow_draft=draft, reproduce=row.reproduce, **row.about,
    )  # fmt: skip
    print(f"{told}; {file}{', a draft' if draft else ''}", flush=True)


def _revision(row: Wanted) -> str:
    """Return the weights that a row is made with, or the lvbench where it has none."""
    if row.name.startswith("reference:"):
        return f"tiny-{weights_of('tiny').sha256[:12]}"
    from lvbench import __version__

    return f"lvbench-{__version__}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    shared = Path(__file__).resolve().parents[2] / "shared"
    parser.add_argument("--root", type=Path, default=Path("leaderboards"))
    parser.add_argument("--runs", type=Path, default=Path("runs/boards"))
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--limit", type=int, metavar="N")
    parser.add_argument("--revision", help="Of every generated row; the weights' checksum if not.")
    parser.add_argument("--videos", type=Path, default=shared / "assets" / "videos")
    parser.add_argument("--weights", type=Path, default=shared)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
