"""Build the boards: a page, Markdown, LaTeX, CSV and JSON per protocol, and an index of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import boards_folder, collect
from lvbench.leaderboard.exports import board_csv, board_json
from lvbench.leaderboard.figures import PointPanel, by_length, length_panels, palette, seconds_of
from lvbench.leaderboard.view import View, view
from lvbench.report.page.assets import render_page
from lvbench.report.tables.latex import latex
from lvbench.report.tables.markdown import code, escape, markdown
from lvbench.results.files import sweep, write_atomic

_NO_ROWS = "No rows yet."


def build(
    root: Path, runs: Mapping[str, Path] | None = None, out: Path | None = None
) -> dict[str, str]:
    """Return the content of every board file, by its path below `out`.

    The same rows give the same bytes.

    Args:
        root: The folder leaderboards/.
        runs: Run folders to add, by the model's name.
        out: Folder in which the boards will be; `boards` in `root` if left out.

    Raises:
        ConfigError: A row is not valid.
        UsageError: A run folder contains no run.
    """
    entries = collect(root, runs or {}, out)
    found = {protocol: sections(own) for protocol, own in entries.items()}
    ranked = [entry for own in found.values() for section in own for entry in section.entries]
    styles = palette(entry for entry in ranked if entry.row.baseline is None)
    lengths = length_panels(by_length(found), styles)
    files = {"board.md": _index_markdown(list(entries)),
             "board.html": _page("Leaderboards", [], [], list(entries))}  # fmt: skip
    for protocol, own in found.items():
        views = [view(section, styles, f"s{i}-") for i, section in enumerate(own)]
        own_lengths = lengths if seconds_of(protocol) else []
        contents = {
            "md": _markdown(protocol, own),
            "html": _page(f"Leaderboard: {protocol}", views, own_lengths, []),
            "tex": "\n".join(f"% {section.heading}\n{latex(section.table)}" for section in own),
            "csv": board_csv(own),
            "json": board_json(own),
        }
        files |= {f"{protocol}/board.{kind}": content for kind, content in contents.items()}
    return files


def write_boards(
    root: Path, runs: Mapping[str, Path] | None = None, out: Path | None = None
) -> list[Path]:
    """Write the boards that `build` returns for the same arguments and return their paths."""
    folder = out or boards_folder(root)
    files = build(root, runs, out)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    for name, content in files.items():
        write_atomic(folder / name, content)
    return [folder / name for name in files]


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
