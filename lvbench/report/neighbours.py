"""The videos beside the real ones that they are most like."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.results.neighbours import read_neighbours

_MOST = 6


@dataclass(frozen=True, slots=True)
class Side:
    """One video of a pair: its name, where the stretch begins, and its picture's address."""

    name: str
    what: str
    start: float
    address: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A video and its nearest real stretch."""

    said: str
    copied: bool
    sides: tuple[Side, Side]


def nearest_pairs(folder: Path) -> list[Neighbours]:
    """Return the pairs of a run that are most alike, those with pictures."""
    pairs = [pair for pair in read_neighbours(folder) if "video_picture" in pair]
    return [_pair(folder, pair) for pair in pairs[:_MOST]]


def _pair(folder: Path, pair: dict[str, Any]) -> Neighbours:
    return Neighbours(
        said=f"similarity {pair['similarity']:.3f} over {pair['seconds']:.1f} s",
        copied=bool(pair["copied"]),
        sides=(
            Side(pair["video"], "video", pair["start"], _address(folder, pair["video_picture"])),
            Side(pair["real"], "real", pair["real_start"],
                 _address(folder, pair.get("real_picture"))),
        ),
    )  # fmt: skip


def _address(folder: Path, picture: str | None) -> str:
    if picture is None or not (folder / picture).is_file():
        return ""
    content = base64.b64encode((folder / picture).read_bytes()).decode("ascii")
    return f"data:image/jpeg;base64,{content}"
