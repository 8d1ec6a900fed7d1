"""A row of a leaderboard: a run's record, its model, and where its files are."""

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
Baseline = Literal["lower", "upper", "real"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Verification(_Strict):
    """Record that another party has run `lvbench verify` on the run and its videos.

    Attributes:
        by: The verifier; not the organisation of the row.
        date: Day of the verification, `YYYY-MM-DD`.
        lvbench: The version that verified.
        digest: SHA-256 of the output of `lvbench verify RUN --json`.
    """

    by: Name
    date: Day
    lvbench: Annotated[str, Field(min_length=1, max_length=40)]
    digest: Sha256


class Curve(_Strict):
    """A drifting quantity over time, as change from each video's own start.

    Attributes:
        title: Title of the quantity.
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
        organisation: The model's maker.
        revision: Version of the model.
        url: Page of the model; None if it has none.
        open_weights: Whether the weights are public; None if not stated.
        baseline: `lower` for what no model should fall below (a still picture, noise, a loop),
            `upper` for what none can surpass (ground truth), `real` for real video; none is
            ranked.
        reproduce: The command that makes and evaluates the clips; None where a paper states it.
        draft: Whether the protocol was a draft: the row is then ranked among rows of the draft.
        verification: Who verified it; None for a self-reported row.
        run: The content of the run's run.json.
        lock: The content of its protocol.lock.yaml.
        items_sha256: Checksum of the row's `.items.parquet`.
        curves: The drift curves, by metric, for drawing; `check` cannot recompute them.
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
        """Return whether another party has verified the run."""
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
        raise _invalid(error, where) from error


def read_row(file: Path) -> Row:
    """Return the row in a file; raise `ConfigError` where it is not valid."""
    try:
        text = read_text(file, _LARGEST)
    except (OSError, ValueError) as error:
        raise _invalid(error, str(file)) from error
    return parse_row(text, str(file))


def _invalid(error: Exception, where: str) -> ConfigError:
    return ConfigError(
        "read a row of the leaderboard",
        found=str(error),
        where=where,
        fix="write the file with 'lvbench leaderboard submit'",
        code="row_invalid",
    )


def place(row: Row) -> str:
    """Return the path of a row's file below leaderboards/."""
    # Two underscores end the organisation: its own name never contains more than one in a row.
    folder = f"{owner_slug(row.organisation)}__{slug(row.model)}"
    return f"{row.run.protocol.name}/{folder}/{slug(row.revision)}.json"


def belongs_at(row: Row, file: Path) -> bool:
    """Return whether a row's file has the path that its content gives."""
    return file.as_posix().endswith(f"/{place(row)}")


def items_file(row: Path) -> Path:
    """Return the path of a row's items, from that of the row."""
    return row.with_name(row.name.removesuffix(".json") + SUFFIX)


def slug(name: str) -> str:
    """Return a name as it is written in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def owner_slug(organisation: str) -> str:
    """Return an organisation as it is written in a path."""
    return re.sub(r"_+", "_", slug(organisation)).strip("_") or "-"


def owner_of(file: Path) -> str:
    """Return the organisation of a row or its items, from their path."""
    return file.parent.name.partition("__")[0]
