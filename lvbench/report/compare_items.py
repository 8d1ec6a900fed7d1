"""The items of a run as a comparison needs them: values alone, however long the videos are."""

from __future__ import annotations

from lvbench.results.run import Run, read_item
from lvbench.results.schema import ItemRecord


def compared_items(run: Run) -> list[ItemRecord]:
    """Return a run's item records without curves and events, sorted by video id.

    Curves are dropped record by record, so that two runs of a thousand long videos fit in memory.
    """
    files = sorted((run.folder / "items").glob("*.json"))
    return sorted((_bare(read_item(file)) for file in files), key=lambda r: r.video.id)


def _bare(item: ItemRecord) -> ItemRecord:
    bare = {
        name: score.model_copy(update={"events": [], "series": {}})
        for name, score in item.metrics.items()
    }
    return item.model_copy(update={"metrics": bare})
