"""The videos with the most similar clips of real videos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.reading import read_bytes
from lvbench.report.page.assets import jpeg_address
from lvbench.results.neighbours import PICTURES_FOLDER, read_neighbours

_MOST, _LARGEST = 6, 4 << 20


@dataclass(frozen=True, slots=True)
class Side:
    """One video of a pair: its name, the start of its clip, and its picture's address."""

    name: str
    what: str
    start: float
    address: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A video and the nearest clip of a real video."""

    summary: str
    copied: bool
    sides: tuple[Side, Side]


def nearest_pairs(folder: Path) -> list[Neighbours]:
    """Return the most similar pairs of a run, of those with pictures."""
    pairs = [pair for pair in read_neighbours(folder) if "video_picture" in pair]
    return [_pair(folder, pair) for pair in pairs[:_MOST]]


def _pair(folder: Path, pair: dict[str, Any]) -> Neighbours:
    return Neighbours(
        summary=f"similarity {pair['similarity']:.3f} over {pair['seconds']:.1f} s",
        copied=bool(pair["copied"]),
        sides=(
            Side(pair["video"], "video", pair["start"], _address(folder, pair["video_picture"])),
            Side(pair["real"], "real", pair["real_start"],
                 _address(folder, pair.get("real_picture"))),
        ),
    )  # fmt: skip


def _address(folder: Path, picture: str | None) -> str:
    if picture is None:
        return ""
    path = (folder / picture).resolve()
    # A run folder may be malicious: no other file of this machine goes into its page.
    if not path.is_relative_to((folder / PICTURES_FOLDER).resolve()):
        return ""
    try:
        content = read_bytes(path, _LARGEST)
    except (OSError, ValueError):
        return ""
    return jpeg_address(content)
