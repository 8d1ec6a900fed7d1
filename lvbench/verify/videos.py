"""Find the videos of a run again, or make them again with their generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvbench.engine.video_pass.task import VideoTask, find_tasks
from lvbench.errors import ConfigError, LvbenchError, UsageError, VideoDecodeError
from lvbench.generators.production.produce import Production
from lvbench.results.schema import ItemRecord
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding, Unverified, error_finding
from lvbench.video.file_hash import sha256_file
from lvbench.video.manifest.manifest import read_manifest, write_manifest

VIDEOS_FOLDER = "videos"


@dataclass(slots=True)
class LocatedVideos:
    """The videos of a run.

    Attributes:
        tasks: Videos whose files are those that the records name, by id.
        others: Ids of videos without an item in the run.
        findings: What differs.
        unverifiable: Items whose video is missing.
    """

    tasks: dict[str, VideoTask] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    findings: list[RunFinding] = field(default_factory=list)
    unverifiable: list[Unverified] = field(default_factory=list)


def locate_videos(context: VerifyContext, scratch: Path) -> LocatedVideos:
    """Return the videos of a run's items, each compared with the checksum in its record.

    They come from the verifier's folder or manifest, from a generator that makes the drawn ones
    again, or from the run's own folder `videos`.

    Args:
        context: The run, its sample drawn.
        scratch: Folder for clips that are made again.

    Raises:
        UsageError: There is no video at the verifier's path.
        ConfigError: The manifest there is not valid.
        RegistryError: There is no such generator.
    """
    found, given = LocatedVideos(), context.options.videos
    if context.options.regenerate is not None:
        given = _regenerate(context, context.options.regenerate, scratch)
    tasks = _own_tasks(context.result.folder, found) if given is None else _by_id(given)
    for item in context.items:
        task = tasks.pop(item.video.id, None)
        if task is None:
            where = "the run folder" if given is None else str(given)
            reason = f"{item.video.path} is not in {where}; give its folder or manifest by --videos"
            found.unverifiable.append(Unverified(item.video.id, "video_missing", reason))
        else:
            _compare_checksum(item, task, found, context.options.regenerate is not None)
    found.others = sorted(tasks)
    return found


def check_all_scored(
    others: Sequence[str], items: int, expected: int | None
) -> Iterator[RunFinding]:
    """Yield the videos that were not scored, though the run does not state so.

    Args:
        others: Ids of videos without an item.
        items: Items of the run.
        expected: Number of videos that a partial run states; None where it states none.
    """
    if expected is None:
        for name in others:
            yield RunFinding("video_left_out", name, detail="the run has no item of this video")
    elif others and items + len(others) != expected:
        yield RunFinding("status_differs", "run.json", "reasons", expected, items + len(others))


def _by_id(path: Path) -> dict[str, VideoTask]:
    return {task.id: task for task in find_tasks(path)}


def _own_tasks(folder: Path, found: LocatedVideos) -> dict[str, VideoTask]:
    """Return the videos in the run's own folder, without those that link to another place."""
    own, root = folder / VIDEOS_FOLDER, folder.resolve()
    try:
        tasks = _by_id(own) if own.is_dir() else {}
    except UsageError:
        return {}
    except ConfigError as error:
        found.findings.append(error_finding(error))
        return {}
    for name, task in list(tasks.items()):
        path = Path(task.path)
        # A reader of a pipe or a device would wait for ever.
        special = path.exists() and not (path.is_file() or path.is_dir())
        if special or not path.resolve().is_relative_to(root):
            detail = f"{task.shown} is no file of the run folder; give --videos to allow it"
            found.unverifiable.append(Unverified(name, "link_outside", detail))
            del tasks[name]
    return tasks


def _compare_checksum(
    item: ItemRecord, task: VideoTask, found: LocatedVideos, regenerated: bool
) -> None:
    """Accept a file with the checksum of its record.

    A clip made again has other bytes where the encoder differs: its frames are compared instead.
    """
    name, stated = item.video.id, item.video.sha256
    try:
        checksum = sha256_file(Path(task.path))
    except VideoDecodeError as error:
        # A file that was missing at the evaluation fails again in the same way.
        if stated is None:
            found.tasks[name] = task
        else:
            found.unverifiable.append(Unverified(name, f"video_{error.code}", error.found))
        return
    if checksum == stated or regenerated:
        found.tasks[name] = task
    else:
        values, detail = (stated, checksum), "not the file that was scored"
        found.findings.append(RunFinding("video_swapped", name, "sha256", *values, detail=detail))


def _regenerate(context: VerifyContext, generator: str, folder: Path) -> Path | None:
    """Return a manifest of the drawn clips, made again; None, with reasons, where there are none.

    Seams, cost and the like stay as the run's manifest states them: only the file is new.
    """
    result, protocol = context.result, context.locked.protocol
    try:
        manifest = context.files.path(f"{VIDEOS_FOLDER}/manifest.jsonl")
        listed = {entry.id: entry for entry in read_manifest(manifest)}
        work = Production(generator, protocol, folder, beside=context.protocol_folder)
    except ConfigError as error:
        _give_up(context, result.drawn, error.code, f"clips cannot be made again: {error.found}")
        return None
    info = work.generator.info
    if not info.deterministic:
        reason = f"{info.name} declares that it makes other frames each time"
        _give_up(context, result.drawn, "not_deterministic", reason)
        return None
    drawn, entries = set(result.drawn), []
    for request in work.asked:
        if request.id not in drawn or request.id not in listed:
            continue
        try:
            made = work.entry(request) if work.tried(request) else work.make(request)
        except LvbenchError as error:
            _give_up(context, [request.id], error.code, f"it cannot be made again: {error.found}")
            continue
        assert made is not None
        update = {"path": made.path, "failure": made.failure}
        entries.append(listed[request.id].model_copy(update=update))
    if not entries:
        return None
    write_manifest(folder / "again.jsonl", entries)
    return folder / "again.jsonl"


def _give_up(context: VerifyContext, names: Iterable[str], code: str, reason: str) -> None:
    context.result.unverifiable += [Unverified(name, code, reason) for name in names]
