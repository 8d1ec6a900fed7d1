"""`lvbench generators`: check that a generator conforms to the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo
from lvbench.printing import visible

if TYPE_CHECKING:
    from lvbench.generators.contract.base import Generator
    from lvbench.generators.contract.conformance import Finding
    from lvbench.generators.contract.types import Request

_COLOURS = {"pass": "green", "fail": "red", "not applicable": "bright_black"}


@click.group()
def generators() -> None:
    """Check that a generator conforms to the contract."""


@generators.command()
@click.argument("name")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Length of the clips.")
@click.option("--fps", type=click.FloatRange(0, min_open=True), help="Frames per second.")
@click.option("--size", metavar="WxH", help="Width and height in pixels.")
@click.option("--seed", type=int, help="Random seed.")
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    metavar="TEXT",
    help="Prompt of the clips (repeatable: two make a schedule).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check(
    name: str,
    seconds: float | None,
    fps: float | None,
    size: str | None,
    seed: int | None,
    prompts: tuple[str, ...],
    as_json: bool,
) -> int:
    """Generate small clips with NAME and check each rule of the generator contract.

    NAME is a generator with its argument, as for 'lvbench generate'. The request is the generator's
    own example; options replace its parts. A model is called about eight times.

    Exit code 1: a rule is broken.
    """
    from lvbench.generators.contract.conformance import check as check_contract
    from lvbench.generators.registry import build

    generator = build(name)
    request = _request(generator, seconds, fps, size, seed, prompts)
    findings = []
    for finding in check_contract(generator, request):
        findings.append(finding)
        if not as_json:
            _print(finding)
    broken = sum(finding.status == "fail" for finding in findings)
    if as_json:
        _print_json(name, findings)
    else:
        echo(f"{name}: {f'breaks {broken} of {len(findings)} rules' if broken else 'conforms'}")
    return 1 if broken else 0


def _request(
    generator: Generator,
    seconds: float | None,
    fps: float | None,
    size: str | None,
    seed: int | None,
    prompts: tuple[str, ...],
) -> Request:
    from dataclasses import replace

    from lvbench.video.manifest.entry import Prompt

    request = generator.example()
    given = {"seconds": seconds, "fps": fps, "seed": seed}
    changes: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    if size is not None:
        width, mark, height = size.partition("x")
        if not (mark and width.isdecimal() and height.isdecimal()):
            raise click.UsageError(f"--size {size}: write WIDTHxHEIGHT, as in 320x192")
        changes |= {"width": int(width), "height": int(height)}
    request = replace(request, **changes)  # type: ignore[arg-type]
    if prompts:
        every = request.seconds / len(prompts)
        schedule = (Prompt(start=i * every, text=text) for i, text in enumerate(prompts))
        request = replace(request, prompts=tuple(schedule))
    return request


def _print(finding: Finding) -> None:
    status = click.style(f"{finding.status:<15}", fg=_COLOURS[finding.status])
    click.echo(f"{status} {finding.promise:<27} {visible(finding.detail)}")


def _print_json(name: str, findings: list[Finding]) -> None:
    from dataclasses import asdict

    from lvbench.results.files import canonical_json

    rows = [asdict(finding) for finding in findings]
    echo(canonical_json({"generator": name, "findings": rows}, indent=1))
