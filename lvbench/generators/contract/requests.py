"""Requests of a protocol: one for every prompt, length, seed and sample."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lvbench.errors import ConfigError
from lvbench.generators.contract.types import Request
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.prompt_set import StoryPrompt, parse_prompt
from lvbench.protocol.schema import PromptEntry
from lvbench.reading import lines_of, parse_json
from lvbench.video.manifest.entry import Prompt, SoundEvent, Times
from lvbench.world.grammar import LEVELS

_LONGEST_LINE = 1 << 20
_NEXT_SAMPLE = 1_000_000  # far beyond the seeds that a protocol counts up


class GivenFile(BaseModel):
    """A picture or audio file given with a prompt, in the folder of the prompt file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: str


class PromptLine(BaseModel):
    """One line of a prompt file; unknown keys are refused.

    Attributes:
        id: Name of the schedule.
        prompts: The schedule.
        seconds: Length, if it differs from the protocol's.
        cuts: Ordered cuts, in seconds.
        sounds: Ordered sound events.
        image: Picture of the first frame.
        audio: Audio that the clip shall match.
        level: Level of lvbench's own world; for readers, not passed to generators.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str
    prompts: tuple[Prompt, ...]
    seconds: float | None = Field(None, gt=0)
    cuts: Times = ()
    sounds: tuple[SoundEvent, ...] = ()
    image: GivenFile | None = None
    audio: GivenFile | None = None
    level: int | None = Field(None, ge=0, lt=LEVELS)


def requests(prompts: PromptEntry, protocol_folder: Path | None = None) -> list[Request]:
    """Return a request for every prompt, length, seed and sample of a protocol, sorted by id.

    A storyline (a line with `segments`) is scaled to each length; other lines are not scaled.

    Args:
        prompts: The prompt section of the protocol.
        protocol_folder: Folder of the protocol's file; a missing file is looked up among the
            shipped ones.

    Raises:
        ConfigError: The prompt file, or a file that it names, is missing or differs from the
            pinned checksum; a line is invalid; or no line is of the requested categories.
    """
    shipped = protocols_folder() / prompts.file
    path = shipped if protocol_folder is None else protocol_folder / prompts.file
    if not path.is_file() and shipped.is_file():
        path = shipped
    data = _pinned(path, prompts.sha256, "a changed prompt set needs a new protocol version")
    found: list[Request] = []
    for number, text in enumerate(lines_of(_text(path, data)), 1):
        line = _line(path, number, text)
        if len(prompts.lengths) > 1 and isinstance(line, PromptLine) and line.seconds is not None:
            found_here = f"seconds: {line.seconds:g}, but the protocol has several lengths"
            raise _no_prompt(path, number, found_here, "remove the line's seconds")
        if prompts.categories is None or _category(line) in prompts.categories:
            for seconds in prompts.lengths:
                found += _requests(line, prompts, path.parent, seconds)
    if not found:
        raise ConfigError(
            "read the prompts",
            found=f"no prompt of the categories {', '.join(prompts.categories or [])}",
            where=str(path),
            fix="set the protocol's prompts.categories to categories of the file",
            code="prompts_invalid",
        )
    return sorted(found, key=lambda request: request.id)


def _line(path: Path, number: int, text: str) -> PromptLine | StoryPrompt:
    if '"segments"' in text:
        try:
            return parse_prompt(text)
        except ValueError as error:
            fix = "see the schema of storylines in docs/prompts.md"
            raise _no_prompt(path, number, str(error), fix) from error
    try:
        parse_json(text, _LONGEST_LINE)
        return PromptLine.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        found = f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
        fix = f"keys are {', '.join(PromptLine.model_fields)}"
        raise _no_prompt(path, number, found, fix) from error
    except ValueError as error:
        raise _no_prompt(
            path, number, f"not JSON ({error})", "write one object per line"
        ) from error


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _no_prompt(path, 1, f"not UTF-8 text ({error})", "save it as UTF-8") from error


def _no_prompt(path: Path, number: int, found: str, fix: str) -> ConfigError:
    return ConfigError(
        "read the prompts",
        found=found,
        where=f"{path}, line {number}",
        fix=fix,
        code="prompts_invalid",
    )


def _category(line: PromptLine | StoryPrompt) -> str | None:
    return line.category if isinstance(line, StoryPrompt) else None


def _requests(
    line: PromptLine | StoryPrompt, prompts: PromptEntry, folder: Path, seconds: float
) -> list[Request]:
    """Return the requests of a line at one length, one for every seed and sample."""
    timed = _timed(line, seconds) if isinstance(line, StoryPrompt) else _untimed(line, folder)
    several = len(prompts.lengths) > 1
    at = f"-{seconds:g}s" if several else ""
    found = []
    for seed in prompts.seeds:
        for sample in range(prompts.samples):
            mark = f"-sample{sample}" if prompts.samples > 1 else ""
            one = Request(
                id=f"{line.id}{at}-seed{seed}{mark}",
                prompts=timed.prompts,
                seconds=timed.seconds or seconds,
                fps=prompts.fps,
                width=prompts.width,
                height=prompts.height,
                seed=seed + sample * _NEXT_SAMPLE,
                image=timed.image,
                audio=timed.audio,
                cuts=timed.cuts,
                sounds=timed.sounds,
                sample=sample if prompts.samples > 1 else None,
                cluster=line.id if several else None,
            )
            found.append(one)
    return found


class _TimedRequest(NamedTuple):
    """A line's content at one length."""

    prompts: tuple[Prompt, ...]
    cuts: tuple[float, ...]
    sounds: tuple[SoundEvent, ...]
    seconds: float | None = None
    image: Path | None = None
    audio: Path | None = None


def _timed(line: StoryPrompt, seconds: float) -> _TimedRequest:
    prompts = tuple(Prompt(**part._asdict()) for part in line.timed(seconds))
    return _TimedRequest(prompts, line.timed_cuts(seconds), line.timed_sounds(seconds))


def _untimed(line: PromptLine, folder: Path) -> _TimedRequest:
    image, audio = _given(line.image, folder), _given(line.audio, folder)
    return _TimedRequest(line.prompts, line.cuts, line.sounds, line.seconds, image, audio)


def _given(given: GivenFile | None, folder: Path) -> Path | None:
    if given is None:
        return None
    path = folder / given.file
    _pinned(path, given.sha256, "a changed file needs a new protocol version")
    return path


def _pinned(path: Path, sha256: str, fix: str) -> bytes:
    """Return the content of a file after verifying its checksum."""
    if not path.is_file():
        raise ConfigError(
            "read the prompts",
            found="no such file",
            where=str(path),
            fix="put it in the protocol's folder, under the name that the protocol gives",
            code="prompts_missing",
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ConfigError(
            "read the prompts",
            found="the file's sha256 differs from the one pinned by the protocol",
            where=str(path),
            fix=f"restore the file; {fix}",
            code="prompts_changed",
        )
    return data
