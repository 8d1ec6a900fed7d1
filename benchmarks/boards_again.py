"""Recompute the scores of the rows in leaderboards/ from their items, then build the boards.

    python -m benchmarks.boards_again [--root leaderboards]

For rows whose scores were aggregated by an earlier rule. Drift curves are pictures that items do
not hold: a row whose curves are of another statistic than today's loses them until its run is made
again (`make boards`). A row whose lock this lvbench cannot read is named and left as it is.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from lvbench.engine.aggregation.feature_sets import gathered, set_extractors
from lvbench.engine.aggregation.recompute import counts, recompute_scores, tools_of
from lvbench.errors import LvbenchError
from lvbench.leaderboard.build import write_boards
from lvbench.leaderboard.collect import ROWS
from lvbench.leaderboard.faults import real_sets_of
from lvbench.leaderboard.items import unpack_items
from lvbench.leaderboard.schema import Curve, items_file, parse_row
from lvbench.protocol.locked import parse_lock
from lvbench.results.files import canonical_json, write_atomic


def main() -> int:
    """Rewrite every row that can be, then the boards; return 1 where a row could not be."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--root", type=Path, default=Path("leaderboards"))
    root: Path = options.parse_args().root
    failed = 0
    for file in sorted(root.glob(ROWS)):
        try:
            content = recomputed(json.loads(file.read_text("utf-8")), file)
            row = parse_row(json.dumps(content), str(file))
        except LvbenchError as error:
            print(f"{file}: left as it is: {error.found}")
            failed += 1
            continue
        write_atomic(file, canonical_json(row.model_dump(), indent=1) + "\n")
        print(f"{file}: {len(row.run.scores)} scores")
    write_boards(root)
    return int(failed > 0)


def recomputed(content: dict[str, Any], file: Path) -> dict[str, Any]:
    """Return a row's content with the scores that its items give."""
    run = content["run"]
    text, draft = yaml.safe_dump(content["lock"]), run["protocol"]["draft"]
    locked = parse_lock(text, draft=draft, where=str(file))
    items = unpack_items(items_file(file).read_bytes(), locked.identity.hash, str(file))
    tools, references = tools_of(locked, items.records), real_sets_of(locked)
    sets = {}
    if references is not None and set_extractors(tools):
        sets = dict(gathered(tools, items.records, lambda r: items.arrays.get(r.video.id, {})))
    own = recompute_scores(items.records, locked, sets=sets, references=references or {})
    # What needs a real set that does not ship cannot come again: its number stays, its gates not.
    gates = {gate.metric: gate.model_dump() for score in own.values() for gate in score.gates}
    for key, score in run["scores"].items():
        if key not in own:
            score["gates"] = [gates[gate["metric"]] for gate in score["gates"]]
    run["videos"] = counts(items.records)
    run["scores"] |= {key: score.model_dump() for key, score in own.items()}
    fields = Curve.model_fields.keys()
    content["curves"] = {k: c for k, c in content["curves"].items() if c.keys() <= fields}
    return content


if __name__ == "__main__":
    raise SystemExit(main())
