"""The items of a run as a comparison needs them: values alone, however long the videos are."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lvbench.reading import read_json
from lvbench.results.run import Run, read_item
from lvbench.results.schema import (
    SCHEMA,
    Event,
    ItemRecord,
    ItemScore,
    Series,
    VideoRecord,
)


class _Bare(ItemScore):
    """A score whose curves and events are passed over: nearly all of a record is made of them."""

    model_config = ConfigDict(extra="ignore")

    series: dict[str, Series] = Field({}, validation_alias="unread_series")
    events: list[Event] = Field([], validation_alias="unread_events")


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    schema_number: int = Field(alias="schema")
    identity: str
    video: VideoRecord
    metrics: dict[str, _Bare]


def compared_items(run: Run) -> list[ItemRecord]:
    """Return a run's item records without curves and events, sorted by video id.

    Raises:
        ConfigError: One of them is not valid.
    """
    files = sorted((run.folder / "items").glob("*.json"))
    return sorted((_read(file) for file in files), key=lambda record: record.video.id)


def _read(file: Path) -> ItemRecord:
    try:
        item = _Item.model_validate(read_json(file))
    except (OSError, ValueError):
        return read_item(file)  # says what is wrong
    if item.schema_number != SCHEMA:
        return read_item(file)
    return ItemRecord.model_construct(
        identity=item.identity, video=item.video, metrics=dict[str, ItemScore](item.metrics)
    )
