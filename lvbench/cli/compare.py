"""`lvbench compare`: is the head worse than the base?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.comparison.compare import Comparison

REGRESSION = 5
FORMATS = ("terminal", "markdown", "html", "json", "github")


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("head", type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    multiple=True,
    metavar="RULE",
    help="Fail (exit code 5) where this holds; may be repeated.  [default: headlines, failures]",
)
@click.option(
    "--warn-on",
    multiple=True,
    metavar="RULE",
    help="Only warn where this holds.  [default: headlines:suspect, failures]",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML with the lists 'fail' and 'warn', for levels not given as options.",
)
@click.option("--allow-mismatch", is_flag=True, help="Compare scores that were not measured alike.")
@click.option(
    "--format",
    "to",
    type=click.Choice(FORMATS),
    default="terminal",
    show_default=True,
    help="What to print; 'github' also writes the job summary and the step's outputs.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--name", help="Name in the comment's hidden marker.  [default: the protocol's]")
@click.option("--out", type=click.Path(path_type=Path), help="Also write an HTML page here.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also write comment.md, comparison.json and comparison.html here.",
)
def compare(
    base: Path,
    head: Path,
    fail_on: tuple[str, ...],
    warn_on: tuple[str, ...],
    policy: Path | None,
    allow_mismatch: bool,
    to: str,
    as_json: bool,
    name: str | None,
    out: Path | None,
    files: Path | None,
) -> int:
    """Compare the runs BASE and HEAD video by video and print what changed.

    \b
    RULE is one of
      SCORE           worse by the test after correction for the scores tested
      SCORE:suspect   p < 0.05 before correction
      SCORE:2.0       worse by more than 2.0 in the score's unit
      SCORE:1ci       worse by more than one half-width of the interval
      SCORE:2.0:sure  its whole interval lies beyond; 1ci:sure likewise
      failures        videos failed that did not in the base
    where SCORE may be 'headlines': every headline with a good direction, but for measured cost.

    A score is compared where its identity is the same in both runs; the others are listed with the
    reason.

    Exit code 0: nothing fails (warnings included); 5: a rule of --fail-on holds; 3: no score was
    measured in the same way in both runs.
    """  # noqa: D301
    from lvbench.comparison.comment import marker
    from lvbench.comparison.compare import compare as compare_runs
    from lvbench.comparison.policy import read_rules

    if name is not None:
        marker(name)
    given = read_rules(policy) if policy is not None else {"fail": None, "warn": None}
    found = compare_runs(
        base,
        head,
        allow_mismatch=allow_mismatch,
        fail_on=fail_on or given["fail"],
        warn_on=warn_on or given["warn"],
    )
    click.echo(_told(found, "json" if as_json else to, name), nl=False)
    if out is not None:
        from lvbench.comparison.html import write_comparison

        echo(f"page: {write_comparison(found, out)}", err=True)
    if files is not None:
        _write(found, files, name)
    return REGRESSION if found.level == "fail" else 0


def _told(found: Comparison, to: str, name: str | None) -> str:
    if to == "json":
        return _json(found)
    if to == "markdown":
        from lvbench.comparison.comment import comparison_markdown

        return comparison_markdown(found, name=name)
    if to == "html":
        from lvbench.comparison.html import comparison_page

        return comparison_page(found)
    from lvbench.comparison.terminal import comparison_terminal

    text = comparison_terminal(found)
    if to == "github":
        from lvbench.comparison.github import workflow_commands, write_for_github

        write_for_github(found, name=name)
        text += "".join(f"{command}\n" for command in workflow_commands(found))
    return text


def _json(found: Comparison) -> str:
    from lvbench.comparison.record import comparison_record
    from lvbench.results.files import canonical_json

    return f"{canonical_json(comparison_record(found), indent=2)}\n"


def _write(found: Comparison, folder: Path, name: str | None) -> None:
    from lvbench.comparison.comment import comparison_markdown
    from lvbench.comparison.html import comparison_page
    from lvbench.results.files import write_atomic

    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "comment.md", comparison_markdown(found, name=name))
    write_atomic(folder / "comparison.json", _json(found))
    write_atomic(folder / "comparison.html", comparison_page(found))
    echo(f"comment, record and page: {folder}", err=True)
