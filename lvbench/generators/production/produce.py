"""Generate the clips of a protocol and their manifest."""

from __future__ import annotations

import filecmp
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from lvbench.errors import (
    ConfigError,
    LvbenchError,
    MissingDependencyError,
    StorageError,
    WeightsError,
)
from lvbench.generators.contract.base import Clip, Generator, Request, failure
from lvbench.generators.contract.requests import requests
from lvbench.generators.production.batched import BatchedGenerator
from lvbench.generators.registry import build
from lvbench.printing import visible
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.folder_lock import locked_folder
from lvbench.results.shard import Shard
from lvbench.video.manifest.entry import Failure, ManifestEntry
from lvbench.video.manifest.manifest import read_manifest, write_manifest


def produce(
    reference: str,
    protocol: Protocol,
    folder: Path,
    *,
    limit: int | None = None,
    protocol_folder: Path | None = None,
    shard: Shard | None = None,
) -> Path:
    """Generate the clips of a protocol; return the path of their manifest.

    Existing clips of the same generator and prompts are kept. A clip that cannot be generated
    stays in the manifest without a file and counts as failed.

    Args:
        reference: The generator, `name` or `name:argument`.
        protocol: The protocol.
        folder: Output folder of clips and manifest.
        limit: Only the first `limit` requests, by id; the manifest keeps earlier clips.
        protocol_folder: Folder of the protocol's file; by default that of the shipped protocols.
        shard: Only this shard of the requests; by default all.

    Raises:
        ConfigError: The protocol has no prompts, the folder contains another generator's clips, or
            another process is writing to it.
        LvbenchError: The generator can serve none of the requests.
    """
    with locked_folder(folder):
        work = Production(
            reference, protocol, folder, limit=limit, protocol_folder=protocol_folder, shard=shard
        )
        missing = [request for request in work.asked if not work.has(request)]
        work.preflight(missing)
        for request in missing:
            if not work.tried(request):
                work.make(request)
        return work.manifest


class Production:
    """The clips of one protocol by one generator, in a folder.

    Args:
        reference: The generator, `name` or `name:argument`.
        protocol: The protocol.
        folder: Output folder of clips and manifest.
        limit: Only the first `limit` requests, by id.
        protocol_folder: Folder of the protocol's file; by default that of the shipped protocols.
        shard: Only this shard of the requests; by default all.

    Attributes:
        generator: The generator.
        plan: Names of all clips, of every shard.
        asked: The requests of this shard.
        manifest: Path of the manifest.
        settled: Names of clips that are no longer needed, although their files are missing.

    Raises:
        ConfigError: The protocol has no prompts, or the folder contains another generator's clips.
    """

    def __init__(
        self,
        reference: str,
        protocol: Protocol,
        folder: Path,
        *,
        limit: int | None = None,
        protocol_folder: Path | None = None,
        shard: Shard | None = None,
    ) -> None:
        if protocol.prompts is None:
            raise ConfigError(
                "generate clips",
                found=f"the protocol {protocol.name} has no prompts",
                where=protocol.name,
                fix="choose a protocol with prompts; see 'lvbench list protocols'",
            )
        self.generator = build(reference)
        folder.mkdir(parents=True, exist_ok=True)
        every = requests(protocol.prompts, protocol_folder)[:limit]
        self.plan = [request.id for request in every]
        self.asked = every if shard is None else shard.part(every)
        self._folder = folder
        self._claim(reference, protocol)
        self.manifest = folder / "manifest.jsonl"
        listed = read_manifest(self.manifest) if self.manifest.exists() else []
        self._entries = {entry.id: entry for entry in listed}
        self.settled: set[str] = set()
        self._tried: set[str] = set()
        self._batches: dict[str, list[Request]] = {}
        if isinstance(self.generator, BatchedGenerator):
            # Over all requests, so that sharding does not change the batches.
            for batch in self.generator.batches(every):
                self._batches |= {request.id: batch for request in batch}

    def entry(self, request: Request) -> ManifestEntry | None:
        """Return the manifest entry of a clip; None if it was never requested."""
        return self._entries.get(request.id)

    def has(self, request: Request) -> bool:
        """Return whether a clip was generated and its file exists."""
        entry = self.entry(request)
        # A file without a cost is the output of an interrupted call.
        return entry is not None and entry.cost is not None and entry.path.exists()

    def tried(self, request: Request) -> bool:
        """Return whether this process has tried to generate the clip, possibly in a batch."""
        return request.id in self._tried

    def preflight(self, missing: Iterable[Request]) -> int:
        """Report deviations from the requests, and clips that cannot be generated.

        Returns:
            The number of frames that will be generated.

        Raises:
            LvbenchError: None of the requests can be served.
        """
        notes: Counter[str] = Counter()
        refused: list[LvbenchError] = []
        frames, missing = 0, list(missing)
        for request in missing:
            try:
                plan = self.generator.plan(request)
            except LvbenchError as error:
                refused.append(error)
            else:
                frames += plan.frames
                notes.update(plan.notes)
        if refused and len(refused) == len(self.asked):
            raise refused[0]
        for note, count in notes.items():
            _say(f"{self.generator.info.name}: {note} ({count} of {len(missing)} clips)")
        if refused:
            _say(f"{len(refused)} of {len(missing)} clips are refused and will count as failed")
        return frames

    def make(self, request: Request) -> ManifestEntry:
        """Generate a clip; return its manifest entry, with the failure if there is no file.

        A batched generator also generates the other clips of the batch: an interrupted batch is
        generated again completely, and its missing clips are written.
        """
        batch = self._batches.get(request.id, [request])
        _say(f"[{self.asked.index(request) + 1}/{len(self.asked)}] {request.id}")
        if isinstance(self.generator, BatchedGenerator):
            own = {one.id for one in self.asked} - self.settled
            missing = [r for r in batch if r.id in own and not self.has(r)]
            self._tried |= {one.id for one in missing}
            entries = [self._list(self._asked(one)) for one in missing]
            for entry in _make_batch(self.generator, batch, entries):
                self._list(self._compared(entry))
            return self._entries[request.id]
        made = _made(self.generator, request, self._list(self._asked(request)))
        return self._list(self._compared(made))

    def _compared(self, entry: ManifestEntry) -> ManifestEntry:
        """Return a clip's entry, with `same_as` if another request got an identical file."""
        if entry.cost is None or not entry.path.is_file():
            return entry
        for other in self._entries.values():
            if other.id != entry.id and other.cost is not None and _equal(entry.path, other.path):
                _say(f"{entry.id}: the file is identical to that of {other.id}")
                return entry.model_copy(update={"same_as": other.id})
        return entry

    def _asked(self, request: Request) -> ManifestEntry:
        return ManifestEntry(
            path=self._folder / f"{request.id}.mp4",
            id=request.id,
            prompts=request.prompts,
            cuts=request.cuts,
            sounds=request.sounds,
            generator=self.generator.info.name,
            seed=request.seed,
            sample=request.sample,
            cluster=request.cluster,
        )

    def _list(self, entry: ManifestEntry) -> ManifestEntry:
        self._entries[entry.id] = entry
        write_manifest(self.manifest, [self._entries[name] for name in sorted(self._entries)])
        return entry

    def _claim(self, reference: str, protocol: Protocol) -> None:
        assert protocol.prompts is not None
        content = {
            "generator": reference,
            "revision": self.generator.info.revision,
            "prompts": protocol.content()["prompts"],
        }
        wanted = canonical_json(content, indent=1) + "\n"
        path = self._folder / "generator.json"
        if path.exists() and path.read_text("utf-8") != wanted:
            raise ConfigError(
                "generate clips",
                found="the folder contains clips of another generator, or of other prompts",
                where=str(path),
                fix="choose another --out",
                code="clips_of_other_generator",
            )
        write_atomic(path, wanted)


def _make_batch(
    generator: BatchedGenerator, batch: list[Request], entries: list[ManifestEntry]
) -> list[ManifestEntry]:
    try:
        clips = generator.make_batch(batch, {entry.id: entry.path for entry in entries})
    except (StorageError, MissingDependencyError, WeightsError):
        raise
    except LvbenchError as error:
        return [_failed(generator, batch[0], entry, error) for entry in entries]
    return [_filled_entry(entry, clips[entry.id]) for entry in entries]


def _made(generator: Generator, request: Request, entry: ManifestEntry) -> ManifestEntry:
    try:
        clip = generator.make(request, entry.path)
    except (StorageError, MissingDependencyError, WeightsError):
        raise
    except LvbenchError as error:
        return _failed(generator, request, entry, error)
    return _filled_entry(entry, clip)


def _failed(
    generator: Generator, request: Request, entry: ManifestEntry, error: LvbenchError
) -> ManifestEntry:
    failed = failure(error, generator.info, request)
    _say(f"lvbench: {failed}")
    return entry.model_copy(update={"failure": Failure(code=failed.code, detail=failed.found)})


def _equal(one: Path, other: Path) -> bool:
    """Return whether two files are identical; False if one is missing."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _filled_entry(entry: ManifestEntry, clip: Clip) -> ManifestEntry:
    filled = {"path": clip.path, "seams": clip.seams, "cost": clip.cost, "fps": clip.fps}
    return entry.model_copy(update=filled)


def _say(text: str) -> None:
    print(visible(text), file=sys.stderr, flush=True)
