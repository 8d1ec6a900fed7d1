"""Generator adapter for a folder of existing clips."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from lvbench.errors import GeneratorError
from lvbench.generators.contract.base import Clip, ClipPlan, FileGenerator, GeneratorInfo, Request
from lvbench.generators.contract.plan import deviations
from lvbench.results.files import canonical_json
from lvbench.video.decoding.decode import probe
from lvbench.video.intake import find_videos
from lvbench.video.manifest.entry import ManifestEntry, Prompt

_NAMED = 5


class FolderGenerator(FileGenerator):
    """Serve existing clips: `folder:PATH`, a folder or a manifest.

    A clip is found by the request's id (`harbour-seed0`; without a manifest by file name, as in
    harbour-seed0.mp4), otherwise by the prompt texts and the seed in the manifest. Files are used
    in place, neither copied nor encoded again. Seams and cost come from the manifest.

    Args:
        argument: Path of the folder or the manifest.

    Raises:
        UsageError: There is no video.
        ConfigError: The manifest is invalid.
    """

    def __init__(self, argument: str) -> None:
        self._where = Path(argument)
        self._entries = find_videos(self._where).entries
        self.info = GeneratorInfo(
            self._name(), "as given", "unknown", seedable=False, streams=False, schedule="unknown"
        )

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan read from the file.

        Raises:
            GeneratorError: The clip is missing (`clip_missing`), ambiguous (`clip_ambiguous`), or
                was generated from other prompts (`clip_of_other_prompts`).
            VideoDecodeError: The file cannot be read.
        """
        entry = self._found(request)
        info = probe(entry.path, fps=entry.fps)
        fps = entry.fps or info.fps or request.fps
        declared = info.frames_declared or round((info.duration or request.seconds) * fps)
        plan = ClipPlan(declared, fps, info.width, info.height, entry.seams)
        notes = [said.partition(":")[0] for said in deviations(request, plan)]
        if abs(plan.seconds - request.seconds) > 1 / fps:
            notes.append(f"{plan.seconds:.2f} s instead of {request.seconds:g}")
        return replace(plan, notes=tuple(notes))

    def make(self, request: Request, path: Path) -> Clip:
        """Return the existing clip; nothing is written.

        Raises:
            GeneratorError: The clip is missing, ambiguous, or from other prompts.
        """
        entry = self._found(request)
        if not entry.path.exists():
            raise self._failure(request, "clip_missing", f"no such file: {entry.path}")
        return Clip(entry.path, entry.seams, dict(entry.cost or {}), entry.fps)

    def example(self) -> Request:
        """Return the request of the first clip."""
        entry = self._entries[0]
        info = probe(entry.path, fps=entry.fps)
        fps = entry.fps or info.fps or 24.0
        frames = info.frames_declared or round((info.duration or 1.0) * fps)
        return Request(
            entry.id, entry.prompts, frames / fps, fps, info.width, info.height, entry.seed or 0
        )

    def _name(self) -> str:
        """Return the generator of all clips if there is one, otherwise the folder's name."""
        makers = {entry.generator for entry in self._entries}
        folder = self._where.parent if self._where.is_file() else self._where
        return (len(makers) == 1 and makers.pop()) or f"folder:{folder.resolve().name}"

    def _found(self, request: Request) -> ManifestEntry:
        named = self._by_id.get(request.id, [])
        said = named or self._by_words.get(_words(request.prompts, request.seed), [])
        if len(said) > 1:
            names = ", ".join(str(entry.path) for entry in said[:_NAMED])
            found = f"{len(said)} clips have that id, or its prompts and seed: {names}"
            raise self._failure(request, "clip_ambiguous", found)
        if not said:
            names = ", ".join(entry.id for entry in self._entries[:_NAMED])
            more = " ..." if len(self._entries) > _NAMED else ""
            found = f"no clip of that id, or of its prompts and seed {request.seed}"
            there = f"there are {len(self._entries)}: {names}{more}"
            raise self._failure(request, "clip_missing", f"{found}; {there}")
        entry = said[0]
        if entry.prompts and _words(entry.prompts, 0) != _words(request.prompts, 0):
            found = f"the clip of that id was generated from '{entry.prompts[0].text}'"
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
        """Return the clips by id, and by file name without the suffix."""
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
    """Return prompts and seed as one text; white space is normalised."""
    texts = [(prompt.start, " ".join(prompt.text.split())) for prompt in prompts]
    return canonical_json([texts, seed])
