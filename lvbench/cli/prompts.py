"""`lvbench prompts`: show, count and check the prompts of a prompt set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import cell, echo, print_table
from lvbench.errors import RegistryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.table import Table

    from lvbench.protocol.prompt_set import StoryPrompt

STANDARD = "prompts-standard-v1.jsonl"
INVALID = 3


@click.group()
def prompts() -> None:
    """Show, count and check the prompts of a prompt set."""


def _which_set(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name a prompt set."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
        click.option(
            "--file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="File of the prompt set.  [default: the standard set]",
        ),
        click.option("--protocol", metavar="NAME", help="Protocol whose prompt set to use."),
    ):
        command = option(command)
    return command


@prompts.command()
@click.argument("name", metavar="[ID]", required=False)
@_which_set
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Length of the clip.  [default: the protocol's first, else 60]",
)
def show(
    name: str | None, protocol: str | None, file: Path | None, as_json: bool, seconds: float | None
) -> None:
    """List the storylines, or print the storyline ID with the times of its segments."""
    from lvbench.protocol.prompt_set import read_prompt_set

    path, length, categories = _resolve(protocol, file)
    found = [p for p in read_prompt_set(path) if categories is None or p.category in categories]
    if name is not None:
        found = [_called(name, found, path)]
    seconds = seconds or length
    if as_json:
        timed = [_timed(prompt, seconds) for prompt in found]
        _print_json(timed if name is None else timed[0])
    elif name is None:
        print_table(_list(found))
    else:
        _print_story(found[0], seconds)


@prompts.command()
@_which_set
def stats(protocol: str | None, file: Path | None, as_json: bool) -> None:
    """Count prompts, segments, switches, cuts, returns and sound events by category."""
    from lvbench.protocol.prompt_set import read_prompt_set
    from lvbench.protocol.prompt_statistics import COLUMNS, category_rows, prompt_statistics

    path, _, categories = _resolve(protocol, file)
    found = [p for p in read_prompt_set(path) if categories is None or p.category in categories]
    numbers = prompt_statistics(found)
    if as_json:
        _print_json(numbers)
        return
    table = _table(*COLUMNS)
    for row in category_rows(found):
        table.add_row(*row)
    print_table(table)
    echo(
        f"\n{numbers['words']} words, {numbers['different_words']} different; "
        f"{numbers['with_switches']} prompts with switches"
    )
    kept = ", ".join(f"{word} {count}" for word, count in numbers["persist"].items())
    echo(f"persistent in the {numbers['changes']} segments after a first: {kept}")
    gaps = numbers["gaps"]
    if gaps:
        listed = ", ".join(f"{gap:.3g}" for gap in gaps)
        echo(f"{len(gaps)} views return, after these shares of the clip: {listed}")


@prompts.command()
@_which_set
@click.option(
    "--lines-only",
    is_flag=True,
    help="Check the lines only, not the size and balance of a standard set.",
)
def validate(protocol: str | None, file: Path | None, as_json: bool, lines_only: bool) -> int:
    """Check every line, its rules and the balance of the set; print one fault per line.

    Exit code 3: the set has faults.
    """
    from lvbench.protocol.prompt_checks import check_prompt_set
    from lvbench.protocol.prompt_set import prompt_lines

    path, _, _ = _resolve(protocol, file)
    faults = check_prompt_set(path, whole=not lines_only)
    count = len(prompt_lines(path))
    if as_json:
        listed = [fault._asdict() for fault in faults]
        _print_json({"file": str(path), "prompts": count, "valid": not faults, "faults": listed})
    elif not faults:
        echo(f"{path}: {count} prompts, no fault")
    else:
        for line, key, message in faults:
            echo(f"{path}{f', line {line}' if line else ''}: {key}: {message}")
        echo(f"{len(faults)} faults; docs/prompts.md has the rules", err=True)
    return INVALID if faults else 0


def _resolve(protocol: str | None, file: Path | None) -> tuple[Path, float, list[str] | None]:
    """Return the file of a prompt set, its default length and its categories."""
    from lvbench.protocol.load import load_protocol, protocol_path, protocols_folder
    from lvbench.protocol.prompt_set import prompt_lines

    if protocol is not None and file is not None:
        raise click.UsageError("--protocol and --file both name a prompt set: give one")
    if protocol is None:
        return file or protocols_folder() / STANDARD, 60.0, None
    spec = load_protocol(protocol).prompts
    if spec is None:
        raise _no_storylines(protocol, "it has no prompts", str(protocol))
    path = protocol_path(protocol).parent / spec.file
    if not path.is_file():
        path = protocols_folder() / spec.file
    if '"segments"' not in "".join(prompt_lines(path)[:1]):
        raise _no_storylines(protocol, "its prompts are plain schedules", str(path))
    categories = None if spec.categories is None else [str(c) for c in spec.categories]
    return path, spec.lengths[0], categories


def _no_storylines(protocol: str, found: str, where: str) -> UsageError:
    return UsageError(
        f"read the storylines of the protocol '{protocol}'",
        found=found,
        where=where,
        fix="leave out --protocol for the standard prompt set",
    )


def _called(name: str, found: list[StoryPrompt], path: Path) -> StoryPrompt:
    import difflib

    named = {prompt.id: prompt for prompt in found}
    if name in named:
        return named[name]
    near = difflib.get_close_matches(name, named, n=3, cutoff=0.0)
    raise RegistryError(
        f"show the prompt '{name}'",
        found=f"no prompt of that id; nearest: {', '.join(near)}",
        where=str(path),
        fix="list the ids with 'lvbench prompts show'",
    )


def _timed(prompt: StoryPrompt, seconds: float) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for k, part in enumerate(prompt.timed(seconds)):
        marks = {"cut": k in prompt.cuts, "switch": k in prompt.switches}
        parts.append(part._asdict() | {"persist": list(part.persist)} | marks)
    return {
        "id": prompt.id,
        "category": prompt.category,
        "difficulty": prompt.difficulty,
        "seconds": seconds,
        "segments": parts,
        "sounds": [
            {"start": audio.start, "text": audio.text} for audio in prompt.timed_sounds(seconds)
        ],
    }


def _list(found: list[StoryPrompt]) -> Table:
    from textwrap import shorten

    table = _table("id", "level", "segments", "cuts", "switches", "begins with")
    table.columns[0].min_width = max((len(prompt.id) for prompt in found), default=0)
    for prompt in found:
        counts = (prompt.difficulty, len(prompt.segments), len(prompt.cuts), len(prompt.switches))
        table.add_row(
            prompt.id, *map(str, counts), cell(shorten(prompt.segments[0].text, 40, placeholder=""))
        )
    return table


def _print_story(prompt: StoryPrompt, seconds: float) -> None:
    from typing import get_args

    from lvbench.protocol.prompt_set import Lasting

    echo(f"{prompt.id}: difficulty {prompt.difficulty}, {seconds:g} s\n")
    heard = {audio.segment: audio.text for audio in prompt.sounds}
    table = _table("start", "may change", "view", "text")
    for k, part in enumerate(prompt.timed(seconds)):
        marks = [
            word for word, at in (("cut", prompt.cuts), ("switch", prompt.switches)) if k in at
        ]
        text = f"[{', '.join(marks)}] {part.text}" if marks else part.text
        text += f"\nsound: {heard[k]}" if k in heard else ""
        free = ", ".join(word for word in get_args(Lasting) if word not in part.persist)
        table.add_row(f"{part.start:g} s", free, cell(part.view or ""), cell(text))
    print_table(table)


def _table(*columns: str) -> Table:
    from rich.table import Table

    return Table(*columns, box=None, pad_edge=False)


def _print_json(content: Any) -> None:
    from lvbench.results.files import canonical_json

    echo(canonical_json(content, indent=1))
