"""Evaluate a folder of clips and write a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvbench.engine import left_out
from lvbench.engine.session import EvaluationSession
from lvbench.engine.video_pass.task import VideoTask, find_all
from lvbench.engine.video_pass.tools import Tools
from lvbench.engine.workers.progress import Progress
from lvbench.engine.workers.scoring import score_all
from lvbench.errors import ConfigError
from lvbench.protocol import DEFAULT_PROTOCOL
from lvbench.protocol.lock import claim
from lvbench.protocol.schema import Protocol
from lvbench.results.folder_lock import locked_folder
from lvbench.results.journal import item_path
from lvbench.results.run import Run
from lvbench.results.shard import Shard, write_shard


def evaluate(
    path: str | Path,
    *,
    out: str | Path,
    protocol: str | Protocol = DEFAULT_PROTOCOL,
    workers: int | None = None,
    limit: int | None = None,
    expected: int | None = None,
    title: str | None = None,
    real: str | Path | None = None,
    weights: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    shard: Shard | None = None,
    plan: Sequence[str] | None = None,
) -> Run:
    """Score the videos at `path` by a protocol and write a run folder.

    Call it again with the same arguments after an interruption: finished videos are kept, and the
    result is the same, byte for byte but for the environment and timing blocks of run.json.

    Args:
        path: A folder of clips, a manifest, or one clip.
        out: Run folder to write, or to resume.
        protocol: A protocol's name, `name@version`, file, or object.
        workers: Worker processes; default: the number of cores. Scores do not depend on it.
        limit: Score only the first videos, by id, up to this number; the run is then partial.
        expected: Number of videos of a complete run, where `path` may have fewer.
        title: Title of the run; default: the folder's name.
        real: A folder of real videos, or a file by `lvbench stats build`, that distances between
            sets compare with; default: the one that ships with the protocol, if any.
        weights: A weights file, or a folder whose files are matched by content; default: the
            cache. A metric whose weights are missing is unavailable; the others run.
        device: Where networks run: `cpu`, `cuda`, `mps` or `auto`.
        progress: Receives the progress.
        shard: Score this shard of the videos alone; `lvbench merge` merges the shards.
        plan: Ids of the videos of all shards, where `path` may have those of one.

    Returns:
        The run. Videos that failed are in its items, with a code and a fix.

    Raises:
        UsageError: There is no video at `path`.
        ConfigError: The protocol is not valid, or `out` contains another run, or another process
            is writing there.
        StorageError: A result cannot be written.

    Examples:
        >>> import lvbench
        >>> run = lvbench.evaluate("clips", protocol="lvb-smoke", out="runs/mine", workers=1)
        >>> run.scores["freeze"].value, run.scores["freeze"].n_scored
        (0.0, 2)
    """
    run = EvaluationSession.begin(
        protocol, out, workers=workers, real=real, weights=weights, device=device
    )
    found, others = find_all(Path(path))
    planned = plan or [task.id for task in found[:limit]]
    own = set(planned if shard is None else shard.part(sorted(planned)))
    tasks = [task for task in found if task.id in own]
    complete = max(len(found), expected or 0)
    with locked_folder(run.folder):
        open_run_folder(run.folder, run.tools, tasks)
        write_shard(run.folder, shard, planned, complete)
        left_out.log(run.folder, run.left_out(others))
        with progress or Progress() as progress:
            work = score_all(run.tools, run.setting, tasks, run.folder, run.workers, progress)
            references = run.references(progress)
        title = title or _title(Path(path))
        return run.finish(tasks, complete, work, references, title, run.left_out(others))


def open_run_folder(folder: Path, tools: Tools, tasks: Sequence[VideoTask]) -> None:
    """Write the lock into a run folder, or check that it may be resumed with these videos.

    Raises:
        ConfigError: It contains a run of another protocol, or of other videos.
        StorageError: It cannot be written.
    """
    claim(folder, tools.identity)
    requested = {item_path(folder, task.id) for task in tasks}
    others = sorted(p.stem for p in (folder / "items").glob("*.json") if p not in requested)
    if others:
        raise ConfigError(
            "resume the run",
            found=f"it contains {len(others)} videos that were not requested: "
            f"{', '.join(others[:3])}{' ...' if len(others) > 3 else ''}",
            where=str(folder / "items"),
            fix="give another --out, or request the same videos (and the same --limit) again",
            code="run_of_other_videos",
        )


def _title(path: Path) -> str:
    named = path.parent if path.name == "manifest.jsonl" else path
    return named.resolve().name
