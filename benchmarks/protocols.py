"""Run every shipped protocol on a still picture and on noise at 64 pixels, one clip of each.

python -m benchmarks.protocols docs/protocols.md writes the table between the page's markers.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.markdown import between, heading, row
from lvbench.engine.evaluate import evaluate
from lvbench.generators.contract.requests import requests
from lvbench.generators.production.produce import produce
from lvbench.protocol.load import list_protocols, load_protocol
from lvbench.protocol.schema import Protocol
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord

GENERATORS = ("static:64x64", "noise:64x64")
BEGIN, END = "<!-- runs: make protocols -->", "<!-- end of runs -->"
HEAD = (
    "protocol", "clip", "seconds", "frames", "scored", "not applicable", "unavailable",
    "gates broken", "took, s",
)  # fmt: skip


def with_prompts(protocol: Protocol) -> Protocol:
    """Return the protocol with the prompts: itself, or lvb-smoke if it has none."""
    return protocol if protocol.prompts is not None else load_protocol("lvb-smoke@1")


def first_frames(reference: str) -> float:
    """Return the number of frames of a protocol's first clip."""
    prompts = with_prompts(load_protocol(reference)).prompts
    assert prompts is not None
    first = requests(prompts)[0]
    return first.seconds * first.fps


def run_one(reference: str, generator: str) -> tuple[Run, ItemRecord, float]:
    """Return the run of a protocol's first clip, its record, and the seconds that it took."""
    protocol = load_protocol(reference)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clips = produce(generator, with_prompts(protocol), folder / "clips", limit=1)
        run = evaluate(clips, out=folder / "run", protocol=reference, workers=1, device="cpu")
        (item,) = run.items
    return run, item, time.perf_counter() - started


def line(reference: str, generator: str) -> str:
    """Return a line of the table."""
    run, item, seconds = run_one(reference, generator)
    headlines = {k: s for k, s in run.scores.items() if "." not in k.partition("@")[0]}
    statuses = Counter(score.status for score in headlines.values())
    assert item.video.status == "ok", item.video
    assert not statuses["failed"], [key for key, s in headlines.items() if s.status == "failed"]
    broken = sorted({g.metric for s in run.scores.values() for g in s.gates if g.share > g.limit})
    cells = [
        reference,
        generator.partition(":")[0],
        f"{item.video.duration or 0:.0f}",
        str(item.video.frames),
        str(statuses["ok"]),
        str(statuses["not_applicable"]),
        str(statuses["unavailable"]),
        ", ".join(broken) or "none",
        f"{seconds:.0f}",
    ]
    return row(cells)


def main(page: Path) -> None:
    """Write the table into the page."""
    jobs = [
        (f"{name}@{version}", generator)
        for name, versions in list_protocols().items()
        for version in versions
        for generator in GENERATORS
    ]
    found = {}
    # The shortest clips first, so that errors show early.
    for job in sorted(jobs, key=lambda job: first_frames(job[0])):
        found[job] = line(*job)
        print(found[job], file=sys.stderr, flush=True)
    table = "\n".join([heading(HEAD), *(found[job] for job in jobs)])
    page.write_text(between(page.read_text("utf-8"), BEGIN, END, table), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
