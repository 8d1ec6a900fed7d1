"""A row of a leaderboard: a run's record, whose it is, and what it takes to check it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lvbench.errors import ConfigError
from lvbench.leaderboard.items import SUFFIX
from lvbench.reading import parse_json, read_text
from lvbench.results.schema import Number, RunRecord

MOST_POINTS = 60
_LARGEST = 8 << 20

Name = Annotated[str, Field(min_length=1, max_length=80)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s\"'<>]+$", max_length=300)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Points = Annotated[list[Number], Field(max_length=MOST_POINTS)]
Baseline = Literal["lower", "upper"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Verification(_Strict):
    """Say that somebody else has run `lvbench verify` on the run and its videos.

    Attributes:
        by: Who; not the organisation whose row it is.
        date: When, `YYYY-MM-DD`.
        lvbench: The version that verified.
        digest: SHA-256 of what `lvbench verify RUN --json` printed.
    """

    by: Name
    date: Day
    lvbench: Annotated[str, Field(min_length=1, max_length=40)]
    digest: Sha256


class Curve(_Strict):
    """How a drifting quantity moves, as change from each video's own start.

    Attributes:
        title: What is drawn.
        unit: Its unit.
        t: Seconds, `(n,)`, at most 60.
        median: Median over videos, `(n,)`.
        low: Lower bound of its 95 % interval over prompts, `(n,)`; empty with too few prompts.
        high: Upper bound, `(n,)`.
    """

    title: str
    unit: str
    t: Points
    median: Points
    low: Points
    high: Points

    @model_validator(mode="after")
    def _same_length(self) -> Curve:
        lengths = {len(self.t), len(self.median)}
        band = {len(self.low), len(self.high)}
        if len(lengths) > 1 or (band != {0} and band != lengths):
            raise ValueError("t, median, low and high differ in length")
        return self


class Row(_Strict):
    """One model's run of one protocol, as a file of leaderboards/.

    Attributes:
        model: The model's name.
        organisation: Who made the model.
        revision: Which version of it.
        url: Where the model is described, None where nowhere.
        open_weights: Whether anyone may download the model; None where it is not said.
        baseline: `lower` for what no model should fall below (a still picture, noise, a loop),
            `upper` for what none can surpass (ground truth); both stand outside the ranks.
        reproduce: The command that makes and judges the clips; None where the paper says it.
        draft: Whether the protocol was a draft: then the row is ranked among rows of the draft.
        verification: Who verified it; None where the organisation's word is all there is.
        run: The content of the run's run.json.
        lock: The content of its protocol.lock.yaml.
        items_sha256: Checksum of the `.items.parquet` beside the row.
        curves: The drift curves, by metric: pictures, which `check` cannot recompute.
    """

    model: Name
    organisation: Name
    revision: Name
    url: WebAddress | None = None
    open_weights: bool | None = None
    baseline: Baseline | None = None
    reproduce: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    draft: bool = False
    verification: Verification | None = None
    run: RunRecord
    lock: dict[str, Any] = {}
    items_sha256: Sha256 | None = None
    curves: dict[str, Curve] = {}

    @property
    def verified(self) -> bool:
        """Return whether somebody other than the organisation has verified the run."""
        return self.verification is not None

    @model_validator(mode="after")
    def _marked(self) -> Row:
        if self.run.protocol.draft and not self.draft:
            raise ValueError("the protocol was a draft and the row is not marked as draft")
        return self


def parse_row(text: str, where: str) -> Row:
    """Return the row in a text; raise `ConfigError` where it is not valid."""
    try:
        return Row.model_validate(parse_json(text, _LARGEST))
    except ValueError as error:
        raise ConfigError(
            "read a row of the leaderboard",
            found=str(error),
            where=where,
            fix="write the file with 'lvbench leaderboard submit'",
            code="row_invalid",
        ) from error


def read_row(file: Path) -> Row:
    """Return the row in a file; raise `ConfigError` where it is not valid."""
    try:
        text = read_text(file, _LARGEST)
    except (OSError, ValueError) as error:
        raise ConfigError(
            "read a row of the leaderboard",
            found=str(error),
            where=str(file),
            fix="write the file with 'lvbench leaderboard submit'",
            code="row_invalid",
        ) from error
    return parse_row(text, str(file))


def slug(name: str) -> str:
    """Return a name as it stands in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def place(row: Row) -> str:
    """Return where a row's file belongs under leaderboards/."""
    # Two underscores end the organisation: in its name there is never more than one.
    folder = f"{owner_slug(row.organisation)}__{slug(row.model)}"
    return f"{row.run.protocol.name}/{folder}/{slug(row.revision)}.json"


def owner_slug(organisation: str) -> str:
    """Return an organisation as it stands in a path."""
    return re.sub(r"_+", "_", slug(organisation)).strip("_") or "-"


def items_file(row: Path) -> Path:
    """Return where the items of a row lie."""
    return row.with_name(row.name.removesuffix(".json") + SUFFIX)


def owner_of(file: Path) -> str:
    """Return the organisation that a row or its items belong to, as it stands in the path."""
    return file.parent.name.partition("__")[0]
