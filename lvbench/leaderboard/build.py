"""Build the boards: a page, Markdown, LaTeX, CSV and JSON per protocol, and an index of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import collect
from lvbench.leaderboard.exports import board_csv, board_json
from lvbench.leaderboard.figures import PointPanel, by_length, length_panels, palette, seconds_of
from lvbench.leaderboard.view import View, view
from lvbench.report.page.assets import render_page
from lvbench.report.tables.latex import latex
from lvbench.report.tables.markdown import code, escape, markdown
from lvbench.results.files import write_atomic

_NO_ROWS = "No rows yet."


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
    found = {protocol: sections(own) for protocol, own in entries.items()}
    ranked = [entry for own in found.values() for section in own for entry in section.entries]
    styles = palette(entry for entry in ranked if entry.row.baseline is None)
    lengths = length_panels(by_length(found), styles)
    files = {root / "board.md": _index_markdown(list(entries)),
             root / "board.html": _page("Leaderboards", [], [], list(entries))}  # fmt: skip
    for protocol, own in found.items():
        folder = root / protocol
        views = [view(section, styles, f"s{i}-") for i, section in enumerate(own)]
        title = f"Leaderboard: {protocol}"
        files[folder / "board.md"] = _markdown(protocol, own)
        files[folder / "board.html"] = _page(
            title, views, lengths if seconds_of(protocol) else [], []
        )
        files[folder / "board.tex"] = _latex(own)
        files[folder / "board.csv"] = board_csv(own)
        files[folder / "board.json"] = board_json(own)
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
            fix="run 'lvbench leaderboard build' and commit what it writes; never edit a board",
            code="board_stale",
        )


def _markdown(protocol: str, found: Sequence[Section]) -> str:
    parts = [f"# Leaderboard: {escape(protocol)}\n"]
    for section in found:
        body = markdown(section.table) if section.table.rows else _without_rows(section)
        parts.append(f"## {escape(section.heading)}\n\n{body}")
    return "\n".join(parts)


def _without_rows(section: Section) -> str:
    notes = "".join(f"- {escape(note)}\n" for note in section.table.notes)
    return f"{_NO_ROWS}\n\n{notes}- {code(section.table.short)}\n"


def _index_markdown(protocols: list[str]) -> str:
    lines = [f"- [{escape(name)}]({name}/board.md)" for name in protocols] or [_NO_ROWS]
    return "# Leaderboards\n\n" + "\n".join(lines) + "\n"


def _latex(found: Sequence[Section]) -> str:
    parts = [f"% {section.heading}\n{latex(section.table)}" for section in found]
    return "\n".join(parts)


def _page(
    title: str, views: Sequence[View], lengths: Sequence[PointPanel], protocols: list[str]
) -> str:
    from markupsafe import Markup

    from lvbench.leaderboard.draw import length_svg

    return render_page(
        "board.html.j2",
        scripts=("page.js", "board.js"),
        title=title,
        views=views,
        lengths=[Markup(length_svg(panel, "all-")) for panel in lengths],
        protocols=protocols,
    )
