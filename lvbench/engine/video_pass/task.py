"""Describe the unit of work: one video."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lvbench.metrics.base import VideoContext
from lvbench.results.files import canonical_json
from lvbench.video.intake import LeftOut, find_videos
from lvbench.video.manifest.entry import ManifestEntry
from lvbench.video.timing.presentation import Presentation


class VideoTask(BaseModel):
    """Everything that a worker must know of a video; sent as JSON.

    Attributes:
        id: Identifier of the video in the run.
        path: The file (or folder of images) to read.
        shown: The path in reports, relative to the evaluated folder.
        entry: The manifest's line.
        raw: Format of the video and its original, if they are raw planar YUV.
        partial: Whether frames without a partner in the original may be left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    path: str
    shown: str
    entry: ManifestEntry
    raw: str | None = None
    partial: bool = False

    @property
    def cluster(self) -> str:
        """Return the prompt of the video, as a short id: the unit that intervals resample."""
        if self.entry.cluster is not None:
            return self.entry.cluster
        if not self.entry.prompts:
            return self.id
        text = "\n".join(f"{p.start:g} {p.text}" for p in self.entry.prompts)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def manifest_sha256(self) -> str:
        """Return the digest of the manifest's line, without the files that it names."""
        entry = self.entry.model_dump(mode="json", exclude={"path", "reference", "same_as"})
        # A later key does not move the digest where it is empty.
        for key in ("failure", "cluster"):
            if entry[key] is None:
                del entry[key]
        return hashlib.sha256(canonical_json(entry).encode()).hexdigest()

    def shareable(self, text: str) -> str:
        """Return a message without folders of this machine: records are shared."""
        text = text.replace(self.path, self.shown)
        if self.entry.reference is not None:
            text = text.replace(str(self.entry.reference), self.entry.reference.name)
        places = {Path(self.path).parent: "", Path.cwd(): "", Path.home(): "~/"}
        for folder, instead in places.items():
            if folder != Path(folder.anchor):
                text = text.replace(f"{folder}/", instead)
        return text

    def context(
        self,
        segment_seconds: float,
        fps: float | None,
        presentation: Presentation | None = None,
    ) -> VideoContext:
        """Return what the metrics may read of the task."""
        declared = [frozenset(p.persist) for p in self.entry.prompts if p.persist]
        return VideoContext(
            segment_seconds=segment_seconds,
            fps=fps,
            seams=self.entry.seams,
            cuts=self.entry.cuts,
            persist=frozenset.intersection(*declared) if declared else None,
            prompts=tuple((p.start, p.text) for p in self.entry.prompts),
            views=tuple(p.view for p in self.entry.prompts),
            sounds=tuple(sorted(s.start for s in self.entry.sounds)) or None,
            cost=self.entry.cost,
            presentation=presentation,
        )


def tasks_from(entries: Sequence[ManifestEntry], root: Path) -> list[VideoTask]:
    """Return the tasks of a manifest, sorted by id, with paths shown relative to `root`."""
    root = root.absolute()
    tasks = []
    for entry in entries:
        path = entry.path.absolute()
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        tasks.append(VideoTask(id=entry.id, path=str(path), shown=shown, entry=entry))
    return sorted(tasks, key=lambda task: task.id)


def find_tasks(path: Path) -> list[VideoTask]:
    """Return the videos at `path` as tasks, sorted by id; raise `UsageError` without any."""
    return find_all(path)[0]


def find_all(path: Path) -> tuple[list[VideoTask], tuple[LeftOut, ...]]:
    """Return the videos at `path` as tasks, sorted by id, and the files left out.

    Raises:
        UsageError: There is no video.
        ConfigError: The manifest is not valid.
    """
    found = find_videos(path)
    root = path if path.is_dir() else path.parent
    return tasks_from(found.entries, root), found.left_out
