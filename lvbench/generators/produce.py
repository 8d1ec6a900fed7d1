"""Have a generator make the clips of a protocol."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from lvbench.errors import ConfigError, GeneratorError
from lvbench.generators.base import Generator, Request
from lvbench.generators.registry import build
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.schema import PromptEntry, Protocol
from lvbench.results.files import canonical_json, write_atomic
from lvbench.video.manifest import read_manifest, write_manifest
from lvbench.video.manifest_entry import ManifestEntry, Prompt


def produce(
    reference: str,
    protocol: Protocol,
    folder: Path,
    *,
    limit: int | None = None,
    beside: Path | None = None,
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

    Raises:
        ConfigError: The protocol has no prompts, or the folder holds another generator's clips.
    """
    if protocol.prompts is None:
        raise ConfigError(
            "make clips",
            found=f"the protocol {protocol.name} has no prompts",
            where=protocol.name,
            mend="choose a protocol with prompts; 'lvbench list protocols' tells",
        )
    generator = build(reference)
    folder.mkdir(parents=True, exist_ok=True)
    asked = requests(protocol.prompts, beside)[:limit]
    _claim(folder, reference, protocol.prompts)
    manifest = folder / "manifest.jsonl"
    listed = read_manifest(manifest) if manifest.exists() else []
    # What was made has a cost: a file without one is what an interrupted call left.
    made = {e.id: e for e in listed if e.cost is not None and e.path.exists()}
    for number, request in enumerate(asked, 1):
        if request.id not in made:
            print(f"[{number}/{len(asked)}] {request.id}", file=sys.stderr, flush=True)
            made[request.id] = _asked(generator, request, folder)
            _list(manifest, made)
            made[request.id] = _make(generator, request, made[request.id])
            _list(manifest, made)
    return manifest


def requests(prompts: PromptEntry, beside: Path | None = None) -> list[Request]:
    """Return a request for every prompt schedule and seed of a protocol, sorted by id.

    Args:
        prompts: What the protocol says of its prompts.
        beside: Folder of the protocol's file; that of the shipped ones if left out.

    Raises:
        ConfigError: The prompt file is not there, or not the one that the protocol pins.
    """
    path = (beside or protocols_folder()) / prompts.file
    if not path.is_file():
        raise ConfigError(
            "read the prompts",
            found="there is no such file",
            where=str(path),
            mend="put it beside the protocol's file, under the name that the protocol gives",
            code="prompts_missing",
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != prompts.sha256:
        raise ConfigError(
            "read the prompts",
            found="the file's sha256 is not the one that the protocol pins",
            where=str(path),
            mend="restore the file; a changed prompt set needs a new protocol version",
            code="prompts_changed",
        )
    found = []
    for line in data.decode().splitlines():
        row = json.loads(line)
        schedule = tuple(Prompt.model_validate_json(json.dumps(p)) for p in row["prompts"])
        found += [
            Request(
                id=f"{row['id']}-seed{seed}",
                prompts=schedule,
                seconds=float(row.get("seconds", prompts.seconds)),
                fps=prompts.fps,
                width=prompts.width,
                height=prompts.height,
                seed=seed,
            )
            for seed in prompts.seeds
        ]
    return sorted(found, key=lambda request: request.id)


def _asked(generator: Generator, request: Request, folder: Path) -> ManifestEntry:
    return ManifestEntry(
        path=folder / f"{request.id}.mp4",
        id=request.id,
        prompts=request.prompts,
        generator=generator.info.name,
        seed=request.seed,
    )


def _make(generator: Generator, request: Request, entry: ManifestEntry) -> ManifestEntry:
    try:
        clip = generator.make(request, entry.path)
    except GeneratorError as error:
        print(f"lvbench: {error}", file=sys.stderr, flush=True)
        return entry
    return entry.model_copy(update={"seams": clip.seams, "cost": clip.cost})


def _list(manifest: Path, made: dict[str, ManifestEntry]) -> None:
    write_manifest(manifest, [made[name] for name in sorted(made)])


def _claim(folder: Path, reference: str, prompts: PromptEntry) -> None:
    wanted = canonical_json({"generator": reference, "prompts": prompts.model_dump()}, indent=1)
    path = folder / "generator.json"
    if path.exists() and path.read_text("utf-8") != wanted + "\n":
        raise ConfigError(
            "make clips",
            found="the folder holds clips of another generator or other prompts",
            where=str(path),
            mend="give another --out",
            code="clips_of_other_generator",
        )
    write_atomic(path, wanted + "\n")
