"""A row of a leaderboard: a run's record, and whose it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lvbench.errors import ConfigError
from lvbench.results.schema import RunRecord

Name = Annotated[str, Field(min_length=1, max_length=80)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s\"'<>]+$", max_length=300)]


class Row(BaseModel):
    """One model's run of one protocol, as a file of leaderboards/.

    Attributes:
        model: The model's name.
        organisation: Who made the model.
        revision: Which version of it.
        url: Where the model is described, None where nowhere.
        verified: Whether somebody other than the organisation computed the run.
        run: The content of the run's run.json.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Name
    organisation: Name
    revision: Name
    url: WebAddress | None = None
    verified: bool
    run: RunRecord


def read_row(file: Path) -> Row:
    """Return the row in a file; raise `ConfigError` where it is not valid."""
    try:
        return Row.model_validate(json.loads(file.read_text("utf-8")))
    except (ValidationError, ValueError) as error:
        raise ConfigError(
            "read a row of the leaderboard",
            found=str(error),
            where=str(file),
            mend="copy run.json under 'run' and add model, organisation, revision, url, verified",
            code="row_invalid",
        ) from error
