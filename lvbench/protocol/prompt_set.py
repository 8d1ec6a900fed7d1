"""Define and read prompt sets of storylines: timed segments for clips of any length."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lvbench.errors import ConfigError
from lvbench.reading import lines_of, parse_json, read_text
from lvbench.video.manifest.entry import SoundEvent

Category = Literal[
    "one_subject",
    "several_subjects",
    "return",
    "light_and_weather",
    "planned_cuts",
    "crowd_and_traffic",
    "camera_moves",
    "slow_and_quiet",
    "physical_process",
    "text_and_signs",
    "sound_events",
]
Lasting = Literal["identity", "scene", "light", "style"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
DIFFICULTIES = (1, 2, 3)
_LONGEST = 1 << 20
FINEST, CLOSEST = 1 / 32, 1 / 16
"""Grid of the segments' starts and least distance between them, as shares of the clip."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Segment(_Line):
    """A segment of a storyline.

    Attributes:
        at: Start, as a share of the clip in [0, 1).
        text: The prompt, complete in itself.
        persist: What must stay as in the segment before (in the first: as at its start), to the
            segment's end.
        view: Name of the place or person shown; segments of the same name show it again.
    """

    at: Annotated[float, Field(ge=0, lt=1)]
    text: Annotated[str, Field(min_length=1)]
    persist: Annotated[tuple[Lasting, ...], Field(min_length=1)]
    view: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")] | None = None


class OrderedSound(_Line):
    """A sound that opens a segment.

    Attributes:
        segment: Index of the segment; the sound is due at its start.
        text: The sound in words.
    """

    segment: Annotated[int, Field(ge=0)]
    text: Annotated[str, Field(min_length=1)]


class TimedSegment(NamedTuple):
    """A segment of a clip of known length; `start` in seconds."""

    start: float
    text: str
    persist: tuple[Lasting, ...]
    view: str | None


class Return(NamedTuple):
    """A view that comes back: name, start and end of its absence, as shares of the clip."""

    view: str
    left: float
    back: float


class StoryPrompt(_Line):
    """A line of a prompt set; unknown keys are refused.

    Attributes:
        id: `category-NN-what-it-shows`.
        category: What it tests.
        difficulty: 1 to 3; docs/prompts.md has the criterion.
        segments: The storyline.
        cuts: Indices of the segments that begin with a planned cut.
        switches: Indices of the segments that differ from the one before in a way that a single
            frame shows.
        sounds: The ordered sounds.
    """

    id: Annotated[str, Field(pattern=r"^[a-z_]+-[0-9]{2}(-[a-z]+)+$", max_length=80)]
    category: Category
    difficulty: Annotated[int, Field(ge=1, le=3)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=4, max_length=8)]
    cuts: tuple[int, ...] = ()
    switches: tuple[int, ...] = ()
    sounds: tuple[OrderedSound, ...] = ()

    @model_validator(mode="after")
    def _starts_on_the_grid(self) -> Self:
        starts = [segment.at for segment in self.segments]
        if starts[0] != 0:
            raise ValueError(f"segments.0.at: {starts[0]:g}; the first segment begins at 0")
        for k, at in enumerate(starts):
            if at / FINEST % 1:
                raise ValueError(f"segments.{k}.at: {at:g} is no multiple of 1/32")
        for k, (before, at) in enumerate(pairwise(starts), 1):
            if at - before < CLOSEST:
                raise ValueError(f"segments.{k}.at: {at:g} is not 1/16 or more after {before:g}")
        if 1 - starts[-1] < CLOSEST:
            raise ValueError(f"segments.{len(starts) - 1}.at: {starts[-1]:g} leaves less than 1/16")
        return self

    @model_validator(mode="after")
    def _indices_name_segments(self) -> Self:
        heard = tuple(audio.segment for audio in self.sounds)
        for key, indices, least in (
            ("cuts", self.cuts, 1),
            ("switches", self.switches, 1),
            ("sounds", heard, 0),
        ):
            if list(indices) != sorted(set(indices)):
                raise ValueError(f"{key}: {list(indices)}; indices must increase")
            if indices and not (least <= indices[0] and indices[-1] < len(self.segments)):
                last = len(self.segments) - 1
                raise ValueError(f"{key}: {list(indices)}; segments are {least} to {last}")
        return self

    def timed(self, seconds: float) -> list[TimedSegment]:
        """Return the segments of a clip of this length in seconds."""
        return [
            TimedSegment(part.at * seconds, part.text, part.persist, part.view)
            for part in self.segments
        ]

    def timed_cuts(self, seconds: float) -> tuple[float, ...]:
        """Return when the planned cuts are due, in seconds."""
        return tuple(self.segments[k].at * seconds for k in self.cuts)

    def timed_sounds(self, seconds: float) -> tuple[SoundEvent, ...]:
        """Return the ordered sounds; each is due at the start of its segment."""
        return tuple(
            SoundEvent(start=self.segments[audio.segment].at * seconds, text=audio.text)
            for audio in self.sounds
        )

    def returns(self) -> list[Return]:
        """Return every view that is left for at least one segment and comes back, in order."""
        ends = [*(segment.at for segment in self.segments[1:]), 1.0]
        last: dict[str, int] = {}
        found = []
        for k, segment in enumerate(self.segments):
            if segment.view is None:
                continue
            if segment.view in last and last[segment.view] < k - 1:
                found.append(Return(segment.view, ends[last[segment.view]], segment.at))
            last[segment.view] = k
        return found


def read_prompt_set(path: str | Path) -> list[StoryPrompt]:
    """Return the storylines of a prompt set, in the file's order.

    Raises:
        ConfigError: Code `prompts_missing` or `prompts_invalid`, naming line and key.
    """
    path = Path(path)
    prompts: list[StoryPrompt] = []
    lines: dict[str, int] = {}
    for number, text in enumerate(prompt_lines(path), 1):
        try:
            prompt = parse_prompt(text)
        except ValueError as error:
            raise _invalid(path, number, str(error)) from error
        if prompt.id in lines:
            raise _invalid(path, number, f"id: {prompt.id} is in line {lines[prompt.id]} too")
        lines[prompt.id] = number
        prompts.append(prompt)
    if not prompts:
        raise _invalid(path, 1, "the file: no prompt")
    return prompts


def prompt_lines(path: Path) -> list[str]:
    """Return the lines of a prompt set's file.

    Raises:
        ConfigError: It is missing, or is no text.
    """
    try:
        return lines_of(read_text(path))
    except ValueError as error:
        raise _invalid(path, 1, f"the file: {error}") from error
    except OSError as error:
        raise ConfigError(
            "read the prompt set",
            found=f"system error: {error.strerror}",
            where=str(path),
            fix="check the path; 'lvbench prompts show' reads the set that ships with lvbench",
            code="prompts_missing",
        ) from error


def parse_prompt(text: str) -> StoryPrompt:
    """Return the storyline of one line.

    Raises:
        ValueError: `key: message` for every key at fault.
    """
    try:
        parse_json(text, _LONGEST)
    except ValueError as error:
        raise ValueError(f"the line: {error}") from error
    try:
        return StoryPrompt.model_validate_json(text)
    except ValidationError as error:
        raise ValueError("; ".join(map(_explain, error.errors()))) from error


def _explain(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    key = ".".join(map(str, error["loc"]))
    return f"{key}: {message}" if key else message


def _invalid(path: Path, line: int, found: str) -> ConfigError:
    return ConfigError(
        "read the prompt set",
        found=found,
        where=f"{path}, line {line}",
        fix="docs/prompts.md has the schema; 'lvbench prompts validate' names every fault",
        code="prompts_invalid",
    )
