"""Write the report of a run: one self-contained HTML file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lvbench.engine.left_out import lines
from lvbench.errors import ComparabilityError
from lvbench.protocol.identity import signature_line
from lvbench.report.figures.colours import event_colour
from lvbench.report.figures.cost import against_cost
from lvbench.report.figures.over_time import over_time
from lvbench.report.page.assets import render_page
from lvbench.report.page.by_length import length_table
from lvbench.report.page.filmstrip import filmstrips
from lvbench.report.page.method import (
    differing_protocol_keys,
    environment_facts,
    failures,
    protocol_facts,
)
from lvbench.report.page.neighbours import nearest_pairs
from lvbench.report.page.timeline import events_of
from lvbench.report.page.verdict import verdict
from lvbench.report.page.videos import video_views
from lvbench.report.tables.table import score_table
from lvbench.results.equal import equal_lines
from lvbench.results.files import write_atomic
from lvbench.results.run import Run, load_run

REPORT_FILE = "report.html"


def write_report(
    run_folder: str | Path,
    *,
    videos: str | Path | None = None,
    real: str | Path | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write report.html into a run folder and return its path.

    Args:
        run_folder: The run folder.
        videos: Folder of the evaluated videos, for the players; the run folder if left out.
        real: Run folder of real videos by the same protocol, whose scores are shown too.
        out: File to write instead.

    Raises:
        UsageError: The folder contains no run.
        ConfigError: The run is not valid.
        ComparabilityError: The real videos were evaluated by another protocol.
        StorageError: The report cannot be written.
    """
    run = load_run(run_folder)
    path = run.folder / REPORT_FILE if out is None else Path(out)
    originals = None if videos is None else Path(videos)
    real_videos = None if real is None else real_run(run, real)
    write_atomic(path, render_report(run, videos=originals, real=real_videos, folder=path.parent))
    return path


def real_run(run: Run, folder: str | Path) -> Run:
    """Return the run of real videos in a folder; it must be by the protocol of `run`.

    Raises:
        UsageError: The folder contains no run.
        ComparabilityError: The videos were evaluated by another protocol.
    """
    real = load_run(folder)
    keys = [key for key in differing_protocol_keys(run, real) if key.partition(".")[0] != "real"]
    if keys:
        raise ComparabilityError(
            "show scores of real video in the report",
            found=f"their protocols differ in {', '.join(keys)}",
            where=f"{run.folder} and {real.folder}",
            fix="evaluate the real videos by the run's protocol: "
            "'lvbench evaluate REAL --protocol P --out RUN'",
        )
    return real


def render_report(
    run: Run,
    *,
    videos: Path | None = None,
    real: Run | None = None,
    folder: Path | None = None,
) -> str:
    """Return the report of a run as HTML, the same bytes for the same run folder.

    Args:
        run: The run.
        videos: Folder of the evaluated videos, for the players.
        real: A run of real videos by the same protocol.
        folder: Folder of the page; the run folder if left out.
    """
    from markupsafe import Markup

    from lvbench.report.figures.svg import cost_svgs, panel_svg

    figure, cost = over_time(run), against_cost(run)
    strips = filmstrips(run.folder, [item.video for item in run.items])
    views = video_views(run, strips.by_video, videos, folder or run.folder)
    counts = Counter(event.kind for item in run.items for event in events_of(item))
    return render_page(
        "report.html.j2",
        data={
            "run": run.record.model_dump(),
            "items": [item.model_dump() for item in run.items],
        },
        run=run.record,
        signature=signature_line(run.record),
        date=str(run.record.timing.get("finished", ""))[:10],
        verdict=verdict(run, real),
        panels=[Markup(panel_svg(panel, figure.seconds)) for panel in figure.panels],
        figure_note=figure.note,
        table=score_table(run, real),
        lengths=length_table(run),
        cost=cost,
        cost_panels=[Markup(svg) for svg in cost_svgs(cost)] if cost else [],
        kinds=[(kind, event_colour(kind), counts[kind]) for kind in sorted(counts)],
        videos=views,
        quiet=sum(not view.marks and not view.failure for view in views),
        players=any(view.player for view in views),
        strip_note=strips.note,
        neighbours=nearest_pairs(run.folder),
        protocol=protocol_facts(run),
        environment=environment_facts(run),
        failures=failures(run),
        left_out=lines(run.record.left_out),
        equal=equal_lines(run.items),
    )
