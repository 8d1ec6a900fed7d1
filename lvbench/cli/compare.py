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
    help="Fail (exit code 5) if this rule applies (repeatable).  [default: headlines, failures]",
)
@click.option(
    "--warn-on",
    multiple=True,
    metavar="RULE",
    help="Warn if this rule applies (repeatable).  [default: headlines:suspect, failures]",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML file with the lists 'fail' and 'warn'; options replace them.",
)
@click.option(
    "--allow-mismatch",
    is_flag=True,
    help="Also compare scores that were measured in different ways.",
)
@click.option(
    "--format",
    "to",
    type=click.Choice(FORMATS),
    default="terminal",
    show_default=True,
    help="Format of the output; 'github' also writes the job summary and the step's outputs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (--format json).")
@click.option("--name", help="Name in the comment's hidden marker.  [default: the protocol]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Also write an HTML page to this file."
)
@click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also write comment.md, comparison.json and comparison.html to this folder.",
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
    """Compare the runs BASE and HEAD video by video and print the differences.

    \b
    RULE is one of
      SCORE           significantly worse after correction for multiple tests
      SCORE:suspect   p < 0.05 before correction
      SCORE:2.0       worse by more than 2.0 in the score's unit
      SCORE:1ci       worse by more than one half-width of the interval
      SCORE:2.0:sure  the full interval is beyond 2.0; 1ci:sure likewise
      failures        videos failed that did not fail in the base

    SCORE may be 'headlines': every headline score with a good direction, except measured cost.

    A score is compared if its identity is equal in both runs; the others are listed with the
    reason.

    Exit code 0: no rule of --fail-on applies; 5: one applies; 3: the runs have no score that was
    measured in the same way.
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
    click.echo(_text(found, "json" if as_json else to, name), nl=False)
    if out is not None:
        from lvbench.comparison.html import write_comparison

        echo(f"page: {write_comparison(found, out)}", err=True)
    if files is not None:
        _write(found, files, name)
    return REGRESSION if found.level == "fail" else 0


def _text(found: Comparison, to: str, name: str | None) -> str:
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
