"""Find the videos of a run again: the files of its items, and what is more or less than there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvbench.engine.video_pass.task import VideoTask, find_tasks
from lvbench.errors import ConfigError, UsageError, VideoDecodeError
from lvbench.results.schema import ItemRecord
from lvbench.verify.finding import RunFinding, Unverified, error_finding
from lvbench.video.file_hash import sha256_file

VIDEOS_FOLDER = "videos"


@dataclass(slots=True)
class LocatedVideos:
    """The videos that were found.

    Attributes:
        tasks: The videos of items whose files are those that the records name, by id.
        others: Ids of videos that the run has no item of.
        findings: What differs.
        unverifiable: Items whose video is not there.
    """

    tasks: dict[str, VideoTask] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    findings: list[RunFinding] = field(default_factory=list)
    unverifiable: list[Unverified] = field(default_factory=list)


def locate_videos(
    folder: Path, items: Sequence[ItemRecord], given: Path | None, *, regenerated: bool = False
) -> LocatedVideos:
    """Return the videos of a run's items, each with the checksum that its record states.

    Args:
        folder: The run folder.
        items: Its item records.
        given: Folder or manifest of the videos; the run's own `videos` if left out.
        regenerated: Whether these were made anew: another encoder writes other bytes for the same
            frames, so that the frames are what is compared.

    Raises:
        UsageError: There is no video at `given`.
        ConfigError: The manifest there is not valid.
    """
    found = LocatedVideos()
    tasks = _tasks(folder, given, found)
    for item in items:
        task = tasks.pop(item.video.id, None)
        if task is None:
            found.unverifiable.append(_missing(item, given))
        else:
            _hold(item, task, found, regenerated)
    found.others = sorted(tasks)
    return found


def check_all_scored(others: Sequence[str], items: int, asked: int | None) -> Iterator[RunFinding]:
    """Yield where videos that are there were not judged, though the run does not say so.

    Args:
        others: Ids of videos without an item.
        items: Items of the run.
        asked: How many videos the run says there were; None where it says that all were judged.
    """
    if others and asked is None:
        for name in others:
            yield RunFinding(
                "video_left_out", name, detail="it is there, and the run has no item of it"
            )
    elif asked is not None and others and items + len(others) != asked:
        yield RunFinding("status_differs", "run.json", "reasons", asked, items + len(others))


def _tasks(folder: Path, given: Path | None, found: LocatedVideos) -> dict[str, VideoTask]:
    if given is not None:
        return {task.id: task for task in find_tasks(given)}
    own = folder / VIDEOS_FOLDER
    if not own.is_dir():
        return {}
    try:
        tasks = {task.id: task for task in find_tasks(own)}
    except UsageError:
        return {}
    except ConfigError as error:
        found.findings.append(error_finding(error))
        return {}
    root = folder.resolve()
    for name, task in list(tasks.items()):
        path = Path(task.path)
        # A pipe or a device would have the reader wait for ever.
        special = path.exists() and not (path.is_file() or path.is_dir())
        if special or not path.resolve().is_relative_to(root):
            detail = f"{task.shown} is no file of the run folder; give --videos to allow it"
            found.unverifiable.append(Unverified(name, "link_outside", detail))
            del tasks[name]
    return tasks


def _hold(item: ItemRecord, task: VideoTask, found: LocatedVideos, regenerated: bool) -> None:
    """Hold a file against the checksum in its record."""
    name, stated = item.video.id, item.video.sha256
    try:
        checksum = sha256_file(Path(task.path))
    except VideoDecodeError as error:
        # A file that was missing when it was judged, too, fails again in the same way.
        if stated is None:
            found.tasks[name] = task
        else:
            found.unverifiable.append(Unverified(name, f"video_{error.code}", error.found))
        return
    if checksum == stated or regenerated:
        found.tasks[name] = task
    else:
        detail = "another file than the one that was judged"
        found.findings.append(
            RunFinding("video_swapped", name, "sha256", stated, checksum, detail=detail)
        )


def _missing(item: ItemRecord, given: Path | None) -> Unverified:
    where = "the run folder" if given is None else str(given)
    reason = f"{item.video.path} is not in {where}; give its folder or manifest by --videos"
    return Unverified(item.video.id, "video_missing", reason)
