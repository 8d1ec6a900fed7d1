"""Submit a run: write its row for the leaderboard and its items."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lvbench.engine.aggregation.feature_sets import set_extractors
from lvbench.engine.aggregation.recompute import tools_of
from lvbench.errors import ConfigError
from lvbench.leaderboard.curves import drift_curves
from lvbench.leaderboard.faults import find_faults
from lvbench.leaderboard.items import pack_items
from lvbench.leaderboard.schema import Row, items_file, place
from lvbench.plain_yaml import read_yaml
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.locked import Locked, read_lock
from lvbench.results.files import canonical_json, sweep, write_atomic
from lvbench.results.journal import read_features
from lvbench.results.run import Run, load_run


def submit(
    run_folder: str | Path,
    root: Path,
    *,
    organisation: str,
    model: str,
    revision: str,
    allow_draft: bool = False,
    **about: Any,
) -> Path:
    """Write the row of a run and its items under leaderboards/; return the row's path.

    Args:
        run_folder: The run folder.
        root: The folder leaderboards/.
        organisation: The model's maker.
        model: The model's name.
        revision: Version of the model.
        allow_draft: Accept a run of a draft protocol; its row is marked, and ranked among rows of
            the draft.
        about: Further fields of a `Row`: `url`, `open_weights`, `baseline`, `reproduce`.

    Raises:
        UsageError: The folder contains no run.
        ConfigError: The run is partial (`run_partial`), of a draft (`protocol_draft`), its items
            are too large (`items_too_large`), `check` would refuse it (`submission_invalid`), or
            the row exists already (`row_exists`). Nothing is written.
        StorageError: A file cannot be written.
    """
    run = load_run(run_folder)
    draft = run.record.protocol.draft
    _refuse(run, draft and not allow_draft)
    locked = read_lock(run.folder / LOCK_FILE, draft=draft)
    items = pack_items(run.items, _arrays(run, locked))
    fields = {
        "organisation": organisation, "model": model, "revision": revision, "draft": draft,
        "run": run.record, "lock": read_yaml(run.folder / LOCK_FILE),
        "curves": drift_curves(run.items),
        "items_sha256": hashlib.sha256(items).hexdigest(), **about,
    }  # fmt: skip
    try:
        row = Row(**fields)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, e['loc'])) or 'row'}: {e['msg']}" for e in error.errors()]
        raise _invalid(run, "; ".join(found)) from error
    faults, _ = find_faults(row, items)
    if faults:
        raise _invalid(run, "; ".join(f"{fault.code}: {fault.message}" for fault in faults))
    file = root / place(row)
    if file.exists():
        raise ConfigError(
            "submit the run",
            found="a row of that model and revision exists",
            where=str(file),
            fix="give another --revision: an existing row is not replaced",
            code="row_exists",
        )
    sweep(root)
    # The row last: a row never exists without its items.
    write_atomic(items_file(file), items)
    write_atomic(file, canonical_json(row.model_dump(), indent=1) + "\n")
    return file


def _refuse(run: Run, draft: bool) -> None:
    if run.record.status != "complete":
        raise ConfigError(
            "submit the run",
            found=f"it is partial: {'; '.join(run.record.reasons) or 'no reason given'}",
            where=str(run.folder),
            fix="run 'lvbench evaluate' again without --limit, with every weight and extra",
            code="run_partial",
        )
    if draft:
        protocol = run.record.protocol
        raise ConfigError(
            "submit the run",
            found=f"{protocol.name} v{protocol.version} is a draft: its numbers may still change",
            where=str(run.folder),
            fix="use a released protocol ('lvbench list protocols'), or pass --allow-draft for "
            "a row that is never ranked",
            code="protocol_draft",
        )


def _arrays(run: Run, locked: Locked) -> Mapping[str, Mapping[str, Any]]:
    """Return the features that set metrics read, by video."""
    read = set_extractors(tools_of(locked, run.items))
    return {
        item.video.id: {
            name: array
            for name, array in read_features(run.folder, item).items()
            if name.partition(".")[0] in read
        }
        for item in run.items
    }


def _invalid(run: Run, found: str) -> ConfigError:
    return ConfigError(
        "submit the run",
        found=found,
        where=str(run.folder),
        fix="'lvbench leaderboard check' would refuse it: fix what is named, or run the "
        "evaluation again with this lvbench",
        code="submission_invalid",
    )
