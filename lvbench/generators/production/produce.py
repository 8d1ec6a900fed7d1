"""Have a generator make the clips of a protocol."""

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
from lvbench.generators.contract.base import Clip, Generator, Request
from lvbench.generators.contract.failure import failure
from lvbench.generators.contract.requests import requests
from lvbench.generators.production.batched import Together
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
    beside: Path | None = None,
    shard: Shard | None = None,
) -> Path:
    """Make the clips that a protocol's prompts ask for; return their manifest.

    Clips that are there already, from the same generator and prompts, are kept. A clip that cannot
    be made stays in the manifest without a file: it will count as failed, not vanish.

    Args:
        reference: The generator, `name` or `name:argument`.
        protocol: The protocol.
        folder: Where clips and manifest go.
        limit: Only the first so many requests, by id; the manifest keeps what was made before.
        beside: Folder of the protocol's file; that of the shipped ones if left out.
        shard: Only this part of the requests; all if left out.

    Raises:
        ConfigError: The protocol has no prompts, or the folder holds another generator's clips, or
            another process is making clips there.
        LvbenchError: The generator can serve none of the requests.
    """
    with locked_folder(folder):
        work = Production(reference, protocol, folder, limit=limit, beside=beside, shard=shard)
        wanting = [request for request in work.asked if not work.has(request)]
        work.foretell(wanting)
        for request in wanting:
            if not work.tried(request):
                work.make(request)
        return work.manifest


class Production:
    """The clips of one protocol by one generator, in a folder.

    Args:
        reference: The generator, `name` or `name:argument`.
        protocol: The protocol.
        folder: Where clips and manifest go.
        limit: Only the first so many requests, by id.
        beside: Folder of the protocol's file; that of the shipped ones if left out.
        shard: Only this part of the requests; all if left out.

    Attributes:
        generator: The generator.
        plan: Names of all clips, of every part.
        asked: What it is asked for.
        manifest: The manifest's path.
        settled: Names of clips that are wanted no more, though their files are not there.

    Raises:
        ConfigError: The protocol has no prompts, or the folder holds another generator's clips.
    """

    def __init__(
        self,
        reference: str,
        protocol: Protocol,
        folder: Path,
        *,
        limit: int | None = None,
        beside: Path | None = None,
        shard: Shard | None = None,
    ) -> None:
        if protocol.prompts is None:
            raise ConfigError(
                "make clips",
                found=f"the protocol {protocol.name} has no prompts",
                where=protocol.name,
                fix="choose a protocol with prompts; 'lvbench list protocols' tells",
            )
        self.generator = build(reference)
        folder.mkdir(parents=True, exist_ok=True)
        every = requests(protocol.prompts, beside)[:limit]
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
        if isinstance(self.generator, Together):
            # Of the whole plan: what a part holds does not move what is made together.
            for batch in self.generator.batches(every):
                self._batches |= {request.id: batch for request in batch}

    def entry(self, request: Request) -> ManifestEntry | None:
        """Return the manifest's line of a clip; None where it was never asked for."""
        return self._entries.get(request.id)

    def has(self, request: Request) -> bool:
        """Tell whether a clip was made and its file is there."""
        entry = self.entry(request)
        # What was made has a cost: a file without one is what an interrupted call left.
        return entry is not None and entry.cost is not None and entry.path.exists()

    def tried(self, request: Request) -> bool:
        """Tell whether this call has made the clip already, as one of a batch, or failed to."""
        return request.id in self._tried

    def foretell(self, wanting: Iterable[Request]) -> int:
        """Say what will be made otherwise than asked, and what cannot be made.

        Returns:
            The number of frames that will be made.

        Raises:
            LvbenchError: Nothing that is asked for can be made.
        """
        notes: Counter[str] = Counter()
        refused: list[LvbenchError] = []
        frames, wanting = 0, list(wanting)
        for request in wanting:
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
            _say(f"{self.generator.info.name}: {note} ({count} of {len(wanting)} clips)")
        if refused:
            _say(f"{len(refused)} of {len(wanting)} clips cannot be made and will count as failed")
        return frames

    def make(self, request: Request) -> ManifestEntry:
        """Make a clip; return its line of the manifest, which says why where it has no file.

        Where the generator makes clips in batches, the others of its batch are made too: a batch
        that was interrupted is made anew, whole, and those of its clips that are wanting are
        written.
        """
        batch = self._batches.get(request.id, [request])
        _say(f"[{self.asked.index(request) + 1}/{len(self.asked)}] {request.id}")
        if isinstance(self.generator, Together):
            own = {one.id for one in self.asked} - self.settled
            wanting = [r for r in batch if r.id in own and not self.has(r)]
            self._tried |= {one.id for one in wanting}
            entries = [self._list(self._asked(one)) for one in wanting]
            for entry in _made_together(self.generator, batch, entries):
                self._list(self._compared(entry))
            return self._entries[request.id]
        made = _made(self.generator, request, self._list(self._asked(request)))
        return self._list(self._compared(made))

    def _compared(self, entry: ManifestEntry) -> ManifestEntry:
        """Return a clip's line; it says so where another request got the same file's content."""
        if entry.cost is None or not entry.path.is_file():
            return entry
        for other in self._entries.values():
            if other.id != entry.id and other.cost is not None and _equal(entry.path, other.path):
                _say(f"{entry.id}: the file is that of {other.id}, byte for byte")
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
                "make clips",
                found="the folder holds clips of another generator, or other prompts",
                where=str(path),
                fix="give another --out",
                code="clips_of_other_generator",
            )
        write_atomic(path, wanted)


def _made_together(
    generator: Together, batch: list[Request], entries: list[ManifestEntry]
) -> list[ManifestEntry]:
    try:
        clips = generator.make_batch(batch, {entry.id: entry.path for entry in entries})
    except (StorageError, MissingDependencyError, WeightsError):
        raise
    except LvbenchError as error:
        return [_failed(generator, batch[0], entry, error) for entry in entries]
    return [_told(entry, clips[entry.id]) for entry in entries]


def _made(generator: Generator, request: Request, entry: ManifestEntry) -> ManifestEntry:
    try:
        clip = generator.make(request, entry.path)
    except (StorageError, MissingDependencyError, WeightsError):
        raise
    except LvbenchError as error:
        return _failed(generator, request, entry, error)
    return _told(entry, clip)


def _failed(
    generator: Generator, request: Request, entry: ManifestEntry, error: LvbenchError
) -> ManifestEntry:
    failed = failure(error, generator.info, request)
    _say(f"lvbench: {failed}")
    return entry.model_copy(update={"failure": Failure(code=failed.code, detail=failed.found)})


def _equal(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same; what is not there is equal to nothing."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _told(entry: ManifestEntry, clip: Clip) -> ManifestEntry:
    told = {"path": clip.path, "seams": clip.seams, "cost": clip.cost, "fps": clip.fps}
    return entry.model_copy(update=told)


def _say(text: str) -> None:
    print(visible(text), file=sys.stderr, flush=True)
