"""What a board says of one model when it is opened: whose it is, all scores, how to repeat it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lvbench.leaderboard.board import BOUNDS
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.ranks import Rank
from lvbench.report.tables.gates import broken, failure
from lvbench.report.tables.table import Table, score_table
from lvbench.results.run import Run

OPEN = {True: "open", False: "closed", None: "not said"}


@dataclass(frozen=True, slots=True)
class Details:
    """A model, opened.

    Attributes:
        anchor: The id of its place in the page.
        key: What tells it from other rows.
        name: Model, organisation and revision.
        facts: Names and words.
        commands: What repeats the run and checks it.
        signature: The line that identifies its numbers.
        table: All its scores.
        links: Names and addresses.
    """

    anchor: str
    key: str
    name: str
    facts: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    signature: str
    table: Table
    links: tuple[tuple[str, str], ...]


def details(entry: Entry, rank: Rank | None, prefix: str) -> Details:
    """Return a model's details; `prefix` tells boards on one page apart."""
    row, run = entry.row, entry.record
    links = [("Report", entry.report)] if entry.report else []
    links += [("Model", row.url)] if row.url else []
    return Details(
        anchor=prefix + re.sub(r"[^a-z0-9]+", "-", entry.key),
        key=entry.key,
        name=entry.name,
        facts=tuple(_facts(entry, rank)),
        commands=_commands(entry),
        signature=run.signature or "",
        table=score_table(Run(Path(), run)),
        links=tuple(links),
    )


def _facts(entry: Entry, rank: Rank | None) -> list[tuple[str, str]]:
    row, run = entry.row, entry.record
    facts = [("Rank", f"{rank.best:.2g} to {rank.worst:.2g}" if rank else "not ranked")]
    if row.baseline:
        facts = [("Rank", f"none: {BOUNDS[row.baseline]}")]
    told = row.verification
    verified = "self-reported" if told is None else (
        f"verified by {told.by} on {told.date} with lvbench {told.lvbench}, output {told.digest}"
    )  # fmt: skip
    facts += [("Source", verified), ("Weights", OPEN[row.open_weights])]
    gates = {gate.metric: gate for score in run.scores.values() for gate in score.gates}
    said = [f"{failure(g)}: fail" if g.failed else f"{broken(g)}: pass" for g in gates.values()]
    facts += [("Gates", "; ".join(said))] if said else []
    videos = run.videos
    facts.append(("Videos", f"{videos['expected']}, {videos['failed']} failed"))
    finished, cpu = run.timing.get("finished"), run.environment.get("cpu")
    judged = ", ".join(str(part) for part in (finished, cpu) if part)
    return facts + ([("Judged", judged)] if judged else [])


def _commands(entry: Entry) -> tuple[str, ...]:
    row, protocol = entry.row, entry.record.protocol
    named = f"{protocol.name}@{protocol.version}"
    run = row.reproduce or f"lvbench evaluate VIDEOS --protocol {named} --out RUN"
    if entry.file is None:
        return (run,)
    return run, f"lvbench leaderboard check {'/'.join(entry.file.parts[-4:])}"
