"""Build the boards: one Markdown file and one page per protocol, and an index of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import collect
from lvbench.leaderboard.costs import CostAxis, CostMark, cost_axis
from lvbench.report.page import render_page
from lvbench.report.table_markdown import escape, markdown
from lvbench.report.timeline import VIEW_WIDTH
from lvbench.results.files import write_atomic

_NO_ROWS = "No rows yet."


@dataclass(frozen=True, slots=True)
class Bar:
    """A model's rank range in the drawing, in its units, and what it cost where it tells."""

    name: str
    detail: str
    link: str | None
    x: float
    width: float
    rule: bool
    display: str
    cost: CostMark | None = None


def build(root: Path, runs: Mapping[str, Path] | None = None) -> dict[Path, str]:
    """Return the content of every board file; the same rows give the same bytes.

    Args:
        root: The folder leaderboards/.
        runs: Run folders to show as well, by the model's name.

    Raises:
        ConfigError: A row is not valid.
        UsageError: A run folder holds no run.
    """
    entries = collect(root, runs or {})
    files = {root / "board.md": _index_markdown(list(entries)),
             root / "board.html": _page("Leaderboards", [], list(entries))}  # fmt: skip
    for protocol, own in entries.items():
        found = sections(own)
        files[root / protocol / "board.md"] = _markdown(protocol, found)
        files[root / protocol / "board.html"] = _page(f"Leaderboard: {protocol}", found, [])
    return files


def write_boards(files: Mapping[Path, str]) -> None:
    """Write every board file whole or not at all."""
    for path, content in files.items():
        write_atomic(path, content)


def check_boards(files: Mapping[Path, str]) -> None:
    """Raise `ConfigError` where a board on disk is not what its rows give."""
    stale = [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_bytes() != content.encode("utf-8")
    ]
    if stale:
        raise ConfigError(
            "check the leaderboards",
            found=f"{len(stale)} of {len(files)} boards are not what their rows give",
            where=", ".join(map(str, stale)),
            mend="run 'lvbench leaderboard build' and commit what it writes; never edit a board",
            code="board_stale",
        )


def bars(section: Section) -> tuple[list[Bar], CostAxis | None]:
    """Return the rank ranges of the ranked models of a section, as drawn, and the axis of cost."""
    ranked = [
        (entry, rank, row)
        for entry, rank, row in zip(section.entries, section.ranks, section.table.rows, strict=True)
        if rank is not None
    ]
    scale = VIEW_WIDTH / max(1, len(ranked))
    axis = cost_axis([entry.record.scores for entry, _, _ in ranked])
    costs = axis.marks if axis else (None,) * len(ranked)
    drawn = [
        Bar(
            name=entry.row.model,
            detail=f"{entry.row.organisation}, {entry.row.revision}, "
            f"{'verified' if entry.row.verified else 'self-reported'}",
            link=entry.report or entry.row.url,
            x=round((rank.best - 1) * scale, 1),
            width=round((rank.worst - rank.best + 1) * scale, 1),
            rule=row.rule,
            display=row.cells[0].display,
            cost=cost,
        )
        for (entry, rank, row), cost in zip(ranked, costs, strict=True)
    ]
    return drawn, axis


def _markdown(protocol: str, found: Sequence[Section]) -> str:
    parts = [f"# Leaderboard: {escape(protocol)}\n"]
    for section in found:
        body = markdown(section.table) if section.table.rows else _without_rows(section)
        parts.append(f"## {escape(section.heading)}\n\n{body}")
    return "\n".join(parts)


def _without_rows(section: Section) -> str:
    notes = "".join(f"- {escape(note)}\n" for note in section.table.notes)
    return f"{_NO_ROWS}\n\n{notes}" if notes else f"{_NO_ROWS}\n"


def _index_markdown(protocols: list[str]) -> str:
    lines = [f"- [{escape(name)}]({name}/board.md)" for name in protocols] or [_NO_ROWS]
    return "# Leaderboards\n\n" + "\n".join(lines) + "\n"


def _page(title: str, found: Sequence[Section], protocols: list[str]) -> str:
    return render_page(
        "board.html.j2",
        title=title,
        sections=[(section, *bars(section)) for section in found],
        protocols=protocols,
    )
