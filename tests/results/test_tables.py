from __future__ import annotations

from pathlib import Path

import pandas as pd

from lvbench.results.schema import ItemRecord, ItemScore, Series, VideoRecord
from lvbench.results.tables import write_tables


def _items() -> list[ItemRecord]:
    good = ItemScore(
        value=1.5, components={"onset": 3.0}, series={"level": Series(t=[0.25, 0.75], y=[1.0, 2.0])}
    )
    bad = ItemScore(status="failed", code="video_truncated")
    return [
        ItemRecord(
            identity="0" * 64,
            video=VideoRecord(id=name, path=f"{name}.mp4", cluster="prompt"),
            metrics={"exposure_drift": score},
        )
        for name, score in (("a", good), ("b", bad))
    ]


def test_tables_hold_values_components_and_points(tmp_path: Path) -> None:
    items_file, series_file = write_tables(tmp_path, _items())
    items = pd.read_parquet(items_file)
    assert list(items["video"]) == ["a", "a", "b"]
    assert list(items["component"]) == ["", "onset", ""]
    assert list(items["value"][:2]) == [1.5, 3.0]
    assert items["value"].isna()[2]
    assert items["code"][2] == "video_truncated"
    series = pd.read_parquet(series_file)
    assert series[["t", "y"]].to_numpy().tolist() == [[0.25, 1.0], [0.75, 2.0]]


def test_same_items_give_the_same_bytes_from_a_list_or_one_at_a_time(tmp_path: Path) -> None:
    first = [p.read_bytes() for p in write_tables(tmp_path / "a", _items())]
    second = [p.read_bytes() for p in write_tables(tmp_path / "b", iter(_items()))]
    assert first == second


def test_no_items_give_empty_tables_with_columns(tmp_path: Path) -> None:
    items_file, series_file = write_tables(tmp_path, [])
    assert list(pd.read_parquet(items_file).columns)[:3] == ["video", "cluster", "metric"]
    assert pd.read_parquet(series_file).empty
