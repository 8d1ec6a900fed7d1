"""`lvbench generators`: try whether generators keep their contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo
from lvbench.printing import visible

if TYPE_CHECKING:
    from lvbench.generators.contract.base import Generator
    from lvbench.generators.contract.conformance import PromiseResult
    from lvbench.generators.contract.types import Request

_COLOURS = {"pass": "green", "fail": "red", "not applicable": "bright_black"}


@click.group()
def generators() -> None:
    """Try whether generators keep their contract."""


@generators.command()
@click.argument("name")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Length of the clips.")
@click.option("--fps", type=click.FloatRange(0, min_open=True), help="Frames per second.")
@click.option("--size", metavar="WxH", help="Pixels.")
@click.option("--seed", type=int, help="Seed.")
@click.option(
    "--prompt", "prompts", multiple=True, metavar="TEXT", help="A prompt; give two for a schedule."
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
    """Have NAME make small clips, and say which promises it keeps.

    NAME is a generator with its argument, as for 'lvbench generate'. What is asked for is the
    generator's own example, but for what the options say. A model is called about eight times.
    Exit code 1: a promise is broken.
    """
    from lvbench.generators.contract.conformance import check as tried
    from lvbench.generators.registry import build

    generator = build(name)
    request = _request(generator, seconds, fps, size, seed, prompts)
    findings = []
    for finding in tried(generator, request):
        findings.append(finding)
        if not as_json:
            _print(finding)
    broken = sum(finding.status == "fail" for finding in findings)
    if as_json:
        _print_json(name, findings)
    else:
        echo(f"{name}: {'keeps its contract' if not broken else f'breaks {broken}'}")
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

    asked = generator.example()
    given = {"seconds": seconds, "fps": fps, "seed": seed}
    changes: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    if size is not None:
        width, mark, height = size.partition("x")
        if not (mark and width.isdecimal() and height.isdecimal()):
            raise click.UsageError(f"--size {size}: write WIDTHxHEIGHT, as in 320x192")
        changes |= {"width": int(width), "height": int(height)}
    asked = replace(asked, **changes)  # type: ignore[arg-type]
    if prompts:
        every = asked.seconds / len(prompts)
        schedule = (Prompt(start=i * every, text=text) for i, text in enumerate(prompts))
        asked = replace(asked, prompts=tuple(schedule))
    return asked


def _print(finding: PromiseResult) -> None:
    status = click.style(f"{finding.status:<15}", fg=_COLOURS[finding.status])
    click.echo(f"{status} {finding.promise:<27} {visible(finding.detail)}")


def _print_json(name: str, findings: list[PromiseResult]) -> None:
    from dataclasses import asdict

    from lvbench.results.files import canonical_json

    rows = [asdict(finding) for finding in findings]
    echo(canonical_json({"generator": name, "findings": rows}, indent=1))
