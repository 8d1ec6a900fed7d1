"""A generator that is a folder of clips which somebody has made already."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from lvbench.errors import GeneratorError
from lvbench.generators.contract.base import Clip, FileGenerator, GeneratorInfo, Plan, Request
from lvbench.generators.contract.plan import departures
from lvbench.results.files import canonical_json
from lvbench.video.decoding.decode import probe
from lvbench.video.intake import find_videos
from lvbench.video.manifest.entry import ManifestEntry, Prompt

_NAMED = 5


class Folder(FileGenerator):
    """Serve clips that are there: `folder:PATH`, a folder or a manifest.

    A clip is found by its id, which is that of the request (`harbour-seed0`; without a manifest the
    file's name, as in harbour-seed0.mp4), else by the texts of its prompts and its seed in the
    manifest. Files stay where they are, as they are: none is copied or encoded again. Seams and
    cost are the manifest's.

    Args:
        argument: Path of the folder or the manifest.

    Raises:
        UsageError: There is no video.
        ConfigError: The manifest is not valid.
    """

    def __init__(self, argument: str) -> None:
        self._where = Path(argument)
        self._entries = find_videos(self._where).entries
        self.info = GeneratorInfo(
            self._name(), "as given", "unknown", seedable=False, streams=False, schedule="unknown"
        )

    def plan(self, request: Request) -> Plan:
        """Say what the file holds.

        Raises:
            GeneratorError: There is no such clip (`clip_missing`), or more than one
                (`clip_ambiguous`), or it is of other prompts (`clip_of_other_prompts`).
            VideoDecodeError: The file cannot be read.
        """
        entry = self._found(request)
        info = probe(entry.path, fps=entry.fps)
        fps = entry.fps or info.fps or request.fps
        declared = info.frames_declared or round((info.duration or request.seconds) * fps)
        plan = Plan(declared, fps, info.width, info.height, entry.seams)
        notes = [said.partition(":")[0] for said in departures(request, plan)]
        if abs(plan.seconds - request.seconds) > 1 / fps:
            notes.append(f"{plan.seconds:.2f} s instead of {request.seconds:g}")
        return replace(plan, notes=tuple(notes))

    def make(self, request: Request, path: Path) -> Clip:
        """Return the clip that is there; nothing is written.

        Raises:
            GeneratorError: There is none, or more than one, or it is of other prompts.
        """
        entry = self._found(request)
        if not entry.path.exists():
            raise self._failure(request, "clip_missing", f"there is no file {entry.path}")
        return Clip(entry.path, entry.seams, dict(entry.cost or {}), entry.fps)

    def example(self) -> Request:
        """Return the request that the first clip answers."""
        entry = self._entries[0]
        info = probe(entry.path, fps=entry.fps)
        fps = entry.fps or info.fps or 24.0
        frames = info.frames_declared or round((info.duration or 1.0) * fps)
        return Request(
            entry.id, entry.prompts, frames / fps, fps, info.width, info.height, entry.seed or 0
        )

    def _name(self) -> str:
        """Return the name of who made all the clips, else the folder's."""
        makers = {entry.generator for entry in self._entries}
        folder = self._where.parent if self._where.is_file() else self._where
        return (len(makers) == 1 and makers.pop()) or f"folder:{folder.resolve().name}"

    def _found(self, request: Request) -> ManifestEntry:
        named = self._by_id.get(request.id, [])
        said = named or self._by_words.get(_words(request.prompts, request.seed), [])
        if len(said) > 1:
            names = ", ".join(str(entry.path) for entry in said[:_NAMED])
            found = f"{len(said)} clips are of that id, or of its prompts and seed: {names}"
            raise self._failure(request, "clip_ambiguous", found)
        if not said:
            names = ", ".join(entry.id for entry in self._entries[:_NAMED])
            more = " ..." if len(self._entries) > _NAMED else ""
            found = f"none of that id, none of its prompts and seed {request.seed}"
            there = f"there are {len(self._entries)}: {names}{more}"
            raise self._failure(request, "clip_missing", f"{found}; {there}")
        entry = said[0]
        if entry.prompts and _words(entry.prompts, 0) != _words(request.prompts, 0):
            found = f"the clip of that id was made for '{entry.prompts[0].text}'"
            raise self._failure(request, "clip_of_other_prompts", found)
        return entry

    def _failure(self, request: Request, code: str, found: str) -> GeneratorError:
        return GeneratorError(
            f"find the clip '{request.id}'",
            found=found,
            where=str(self._where),
            fix=f"name the file {request.id}.mp4, or write a manifest.jsonl with path and id, or "
            "with path, prompts and seed",
            code=code,
        )

    @cached_property
    def _by_id(self) -> dict[str, list[ManifestEntry]]:
        """Return the clips by id, and by their files' names without the suffix."""
        found: dict[str, list[ManifestEntry]] = {}
        for entry in self._entries:
            found.setdefault(entry.path.stem, []).append(entry)
        return found | {entry.id: [entry] for entry in self._entries}

    @cached_property
    def _by_words(self) -> dict[str, list[ManifestEntry]]:
        found: dict[str, list[ManifestEntry]] = {}
        for entry in self._entries:
            if entry.prompts:
                found.setdefault(_words(entry.prompts, entry.seed or 0), []).append(entry)
        return found


def _words(prompts: tuple[Prompt, ...], seed: int) -> str:
    """Return prompts and seed as one text; blanks around and between words do not count."""
    texts = [(prompt.start, " ".join(prompt.text.split())) for prompt in prompts]
    return canonical_json([texts, seed])
