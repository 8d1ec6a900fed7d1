"""Time what a leaderboard of 200 rows takes: checking a row, and building the board.

    python -m benchmarks.leaderboard_scale [ROWS] [PROTOCOL]

The rows' items are drawn from a known model (tests/leaderboard/synthetic.py); no video is made.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import yaml

from lvbench.leaderboard.curves import drift_curves
from lvbench.leaderboard.items import pack_items
from lvbench.leaderboard.schema import Row, items_file, place
from lvbench.protocol.lock import lock_text
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.schema import Score
from tests.leaderboard import synthetic

ROWS, PROTOCOL, VIDEOS = 200, "lvb-world", 24


def main() -> None:
    """Print one line for each command."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    protocol = sys.argv[2] if len(sys.argv) > 2 else PROTOCOL
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "leaderboards"
        started = time.perf_counter()
        make_rows(root, rows, protocol)
        print(f"{rows} rows of {protocol}, {VIDEOS} videos each, "
              f"made in {time.perf_counter() - started:.0f} s", flush=True)  # fmt: skip
        # As the protocol is now, draft or released: the board's rows all count as released.
        honest = root.with_name("honest")
        make_rows(honest, 1, protocol, released=False)
        one = ["check", "--root", str(honest)]
        for words in (one, [*one, "--intervals"], ["build", "--root", str(root)]):
            _time(words)
        size = sum(file.stat().st_size for file in root.rglob("board.*"))
        print(f"boards: {size / 1e6:.1f} MB")


def make_rows(root: Path, rows: int, protocol: str, *, released: bool = True) -> None:
    """Write so many rows and their items, each a little worse than the one before.

    Every seventh stands still in part. The rows count as of a released protocol, for a board of
    drafts has no ranks to build. The intervals of all but the first are made of few resamples, and
    their distances between sets are the first's.
    """
    tools = synthetic.tools_for(protocol)
    lock = yaml.safe_load(lock_text(tools.identity))
    fewer = tools.protocol.interval.model_copy(update={"resamples": 100})
    videowise = {k: m for k, m in tools.metrics.items() if not m.of_sets}
    quick = replace(
        tools, metrics=videowise, protocol=tools.protocol.model_copy(update={"interval": fewer})
    )
    scores: dict[str, Score] = {}
    for number in range(rows):
        items, arrays = synthetic.make_items(
            tools, videos=VIDEOS, fault=0.02 * number, seed=number,
            frozen=0.5 if number % 7 == 3 else 0.0,
        )  # fmt: skip
        packed = pack_items(items, arrays)
        run = synthetic.record_of(quick if number else tools, items, arrays)
        scores = {**scores, **run.scores}
        run = run.model_copy(update={"scores": scores})
        draft = run.protocol.draft and not released
        protocol_record = run.protocol.model_copy(update={"draft": draft})
        row = Row(
            model=f"model {number:03d}", organisation=f"Lab {number % 20:02d}", revision="1",
            run=run.model_copy(update={"protocol": protocol_record}), lock=lock, draft=draft,
            items_sha256=hashlib.sha256(packed).hexdigest(), curves=drift_curves(items),
            open_weights=[True, False, None][number % 3],
        )  # fmt: skip
        file = root / place(row)
        write_atomic(items_file(file), packed)
        write_atomic(file, canonical_json(row.model_dump(), indent=1) + "\n")


def _time(words: list[str]) -> None:
    """Run a command in a process of its own, and say what it took."""
    code = (
        "import sys; from lvbench.cli.main import run; "
        f"code = run(['leaderboard', *{words!r}]); print('torch' in sys.modules, code)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    torch, exit_code = done.stdout.split()[-2:]
    shown = " ".join(word for word in words if "/" not in word and word != "--root")
    print(f"{shown}: {wall:.1f} s, {spent:.1f} s of processor, exit code {exit_code}, "
          f"torch imported: {torch}; {done.stderr.strip()[:200]}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
