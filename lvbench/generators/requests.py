"""What a protocol's prompts ask a generator for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lvbench.errors import ConfigError
from lvbench.generators.contract import Request
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.schema import PromptEntry
from lvbench.video.manifest_entry import Prompt, Sound, Times
from lvbench.world.grammar import LEVELS


class GivenFile(BaseModel):
    """A picture or sound that is given with a prompt; it lies beside the prompts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: str


class PromptLine(BaseModel):
    """One line of a prompt file; unknown keys are refused.

    Attributes:
        id: Name of the schedule.
        prompts: The schedule.
        seconds: Length, where it is not the protocol's.
        cuts: Cuts that are ordered, in seconds.
        sounds: Sounds that are ordered.
        image: Picture of the first frame.
        audio: Sound that the clip shall fit.
        level: Level of lvbench's own world that it asks for; for readers, no generator sees it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str
    prompts: tuple[Prompt, ...]
    seconds: float | None = Field(None, gt=0)
    cuts: Times = ()
    sounds: tuple[Sound, ...] = ()
    image: GivenFile | None = None
    audio: GivenFile | None = None
    level: int | None = Field(None, ge=0, lt=LEVELS)


def requests(prompts: PromptEntry, beside: Path | None = None) -> list[Request]:
    """Return a request for every prompt schedule and seed of a protocol, sorted by id.

    Args:
        prompts: What the protocol says of its prompts.
        beside: Folder of the protocol's file; a file that is not there may be a shipped one.

    Raises:
        ConfigError: The prompt file, or a file that it names, is not there or not the one that
            is pinned; or a line is no prompt.
    """
    shipped = protocols_folder() / prompts.file
    path = shipped if beside is None else beside / prompts.file
    if not path.is_file() and shipped.is_file():
        path = shipped
    data = _pinned(path, prompts.sha256, "a changed prompt set needs a new protocol version")
    found: list[Request] = []
    for number, text in enumerate(data.decode().splitlines(), 1):
        line = _line(path, number, text)
        found += [_request(line, prompts, path.parent, seed) for seed in prompts.seeds]
    return sorted(found, key=lambda request: request.id)


def _line(path: Path, number: int, text: str) -> PromptLine:
    try:
        return PromptLine.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            "read the prompts",
            found=f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}",
            where=f"{path}, line {number}",
            mend=f"keys are {', '.join(PromptLine.model_fields)}",
            code="prompts_invalid",
        ) from error


def _request(line: PromptLine, prompts: PromptEntry, folder: Path, seed: int) -> Request:
    return Request(
        id=f"{line.id}-seed{seed}",
        prompts=line.prompts,
        seconds=line.seconds or prompts.seconds,
        fps=prompts.fps,
        width=prompts.width,
        height=prompts.height,
        seed=seed,
        image=_given(line.image, folder),
        audio=_given(line.audio, folder),
        cuts=line.cuts,
        sounds=line.sounds,
    )


def _given(given: GivenFile | None, folder: Path) -> Path | None:
    if given is None:
        return None
    path = folder / given.file
    _pinned(path, given.sha256, "a changed file needs a new protocol version")
    return path


def _pinned(path: Path, sha256: str, mend: str) -> bytes:
    """Return the content of a file that must be the one that is named."""
    if not path.is_file():
        raise ConfigError(
            "read the prompts",
            found="there is no such file",
            where=str(path),
            mend="put it beside the protocol's file, under the name that the protocol gives",
            code="prompts_missing",
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ConfigError(
            "read the prompts",
            found="the file's sha256 is not the one that the protocol pins",
            where=str(path),
            mend=f"restore the file; {mend}",
            code="prompts_changed",
        )
    return data
