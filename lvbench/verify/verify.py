"""Verify a run: its files, its aggregates from its items, and its items from the videos."""

from __future__ import annotations

from pathlib import Path

from lvbench.engine.workers.progress import Progress
from lvbench.errors import ConfigError, LvbenchError, UsageError
from lvbench.protocol.identity import signature_line
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import parse_lock
from lvbench.results.journal import file_stem
from lvbench.results.schema import ItemRecord, RunRecord
from lvbench.verify.context import SAMPLE, Check, VerifyContext, VerifyOptions
from lvbench.verify.finding import RunFinding, Unverified, VerifyResult, error_finding
from lvbench.verify.items import check_items, same_machine
from lvbench.verify.lock import check_lock, too_costly
from lvbench.verify.read import RunFiles
from lvbench.verify.scores import check_header, check_identities, check_prompts, check_scores
from lvbench.verify.sets import check_features
from lvbench.verify.tables import check_manifest, check_tables

__all__ = ["SAMPLE", "VerifyOptions", "verify"]

CHECKS: tuple[Check, ...] = (
    check_lock,
    check_header,
    check_identities,
    check_prompts,
    check_manifest,
    check_tables,
    check_features,
)
"""Checks of what is stated: no metric runs."""

RECOMPUTATIONS: tuple[Check, ...] = (check_scores, check_items)
"""Checks that compute numbers again."""


def verify(
    folder: str | Path, options: VerifyOptions | None = None, progress: Progress | None = None
) -> VerifyResult:
    """Return what differs between a run and what its items, lock and videos give.

    Nothing is written into the run folder. Every fault of the run becomes a finding.

    Args:
        folder: The run folder, or its run.json.
        options: Options of the verification.
        progress: Receives the progress.

    Raises:
        UsageError: There is no run, video or protocol where one was named.
    """
    options, path = options or VerifyOptions(), Path(folder)
    path = path.parent if path.name == "run.json" else path
    if not (path / "run.json").exists():
        raise UsageError(
            "verify a run",
            found="there is no run.json",
            where=str(path),
            fix="give the folder that 'lvbench evaluate --out' wrote",
        )
    result, files = VerifyResult(path), RunFiles(path)
    items = _read_items(files, result)
    try:
        record = files.record(RunRecord, "run.json")
        locked = parse_lock(files.text(LOCK_FILE), draft=record.protocol.draft)
    except ConfigError as error:
        result.refuse(error)
        return result
    result.protocol = f"{locked.protocol.name} v{locked.protocol.version}"
    result.signature, result.signed = record.signature, signature_line(record)
    with progress or Progress() as shown:
        context = VerifyContext(result, files, options, shown, record, locked, items)
        for check in CHECKS:
            result.take(check(context))
        if not too_costly(locked):
            _recompute(context)
    return result


def _recompute(context: VerifyContext) -> None:
    result, options = context.result, context.options
    try:
        same = same_machine(context.record.environment, context.tools, options.setting)
    except LvbenchError as error:
        result.unverifiable.append(Unverified.by("scores and items", error))
        return
    result.exact = same if options.exact is None else options.exact
    for check in RECOMPUTATIONS:
        result.take(check(context))


def _read_items(files: RunFiles, result: VerifyResult) -> list[ItemRecord]:
    """Return the item records that can be read, sorted by id; each other one is a finding."""
    found: dict[str, ItemRecord] = {}
    try:
        names = files.names("items", ".json")
    except ConfigError as error:
        result.refuse(error)
        names = []
    for name in names:
        try:
            item = files.record(ItemRecord, f"items/{name}")
        except ConfigError as error:
            result.take([error_finding(error)])
            continue
        wanted = f"{file_stem(item.video.id)}.json"
        if name != wanted:
            detail = f"it contains the record of {item.video.id}, whose file is {wanted}"
            result.take([RunFinding("item_misplaced", f"items/{name}", detail=detail)])
            continue
        found[item.video.id] = item
    result.videos = len(found)
    return [found[name] for name in sorted(found)]
