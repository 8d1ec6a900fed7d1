"""Make clips anew that a run judged and did not keep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvbench.errors import ConfigError, LvbenchError
from lvbench.generators.production.produce import Production
from lvbench.protocol.schema import Protocol
from lvbench.verify.finding import Unverifiable, Verification
from lvbench.verify.read import RunFiles
from lvbench.verify.videos import VIDEOS_FOLDER
from lvbench.video.manifest.manifest import read_manifest, write_manifest

_LISTED = f"{VIDEOS_FOLDER}/manifest.jsonl"


def regenerate_clips(
    generator: str,
    protocol: Protocol,
    files: RunFiles,
    done: Verification,
    folder: Path,
    beside: Path | None = None,
) -> Path | None:
    """Return a manifest of the drawn clips, made anew; None, with reasons, where none could be.

    What the run's manifest says of a clip (its seams, what it cost) stands as it is: only the
    file is made again.

    Args:
        generator: The generator, `name` or `name:argument`, as the verifier gives it.
        protocol: The run's protocol.
        files: The run folder.
        done: The verification, which says which clips were drawn.
        folder: Where the clips go.
        beside: Folder of the protocol's file; that of the shipped ones if left out.

    Raises:
        RegistryError: There is no such generator.
        UsageError: Its argument does not serve.
    """
    try:
        listed = {entry.id: entry for entry in read_manifest(files.path(_LISTED))}
        work = Production(generator, protocol, folder, protocol_folder=beside)
    except ConfigError as error:
        _give_up(done, done.drawn, error.code, f"the clips cannot be made anew: {error.found}")
        return None
    if not work.generator.info.deterministic:
        reason = f"{work.generator.info.name} makes other frames each time, by its own word"
        _give_up(done, done.drawn, "not_deterministic", reason)
        return None
    drawn, entries = set(done.drawn), []
    for request in work.asked:
        if request.id not in drawn or request.id not in listed:
            continue
        try:
            made = work.entry(request) if work.tried(request) else work.make(request)
        except LvbenchError as error:
            _give_up(done, [request.id], error.code, f"it cannot be made anew: {error.found}")
            continue
        assert made is not None
        update = {"path": made.path, "failure": made.failure}
        entries.append(listed[request.id].model_copy(update=update))
    if not entries:
        return None
    manifest = folder / "again.jsonl"
    write_manifest(manifest, entries)
    return manifest


def _give_up(done: Verification, names: Sequence[str], code: str, reason: str) -> None:
    done.unverifiable += [Unverifiable(name, code, reason) for name in names]
