"""`lvbench compare`: is the head worse than the base?"""

from __future__ import annotations

from pathlib import Path

import click

REGRESSION = 5


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("head", type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    multiple=True,
    metavar="SCORE",
    help="Test this score alone; may be repeated.  [default: every headline with a direction]",
)
@click.option("--allow-mismatch", is_flag=True, help="Compare although the protocols differ.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of Markdown.")
@click.option("--out", type=click.Path(path_type=Path), help="Also write an HTML page here.")
def compare(
    base: Path,
    head: Path,
    fail_on: tuple[str, ...],
    allow_mismatch: bool,
    as_json: bool,
    out: Path | None,
) -> int:
    """Compare the runs BASE and HEAD video by video and print what changed.

    Exit code 0: nothing got worse; 5: a tested score did; 3: the protocols differ.
    """
    from lvbench.report.compare import compare as compare_runs
    from lvbench.report.compare_table import comparison_markdown, comparison_record
    from lvbench.results.files import canonical_json

    found = compare_runs(base, head, allow_mismatch=allow_mismatch, fail_on=fail_on or None)
    if as_json:
        click.echo(canonical_json(comparison_record(found), indent=2))
    else:
        click.echo(comparison_markdown(found), nl=False)
    if out is not None:
        from lvbench.report.compare_html import write_comparison

        click.echo(f"page: {write_comparison(found, out)}", err=True)
    return REGRESSION if found.regressions else 0
