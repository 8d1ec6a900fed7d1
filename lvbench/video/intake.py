"""Find the videos at a path, and list the files that are left out, with the reason."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from lvbench.errors import UsageError, VideoDecodeError
from lvbench.video.decoding.images import IMAGE_EXTENSIONS, is_animated, is_numbered
from lvbench.video.decoding.opening import looks_like_container, read_head
from lvbench.video.manifest.entry import ManifestEntry, derive_id
from lvbench.video.manifest.manifest import MANIFEST_NAME, read_manifest
from lvbench.video.problems import kind_of

VIDEO_EXTENSIONS = frozenset(
    {".mp4", ".m4v", ".mov", ".qt", ".f4v", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".divx"}
    | {".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".vob", ".m1v", ".m2v", ".mpv", ".mp4v", ".mpeg4"}
    | {".flv", ".ogv", ".ogm", ".wmv", ".asf", ".rm", ".rmvb", ".mxf", ".nut", ".dv", ".y4m"}
    | {".h264", ".264", ".avc", ".h265", ".265", ".hevc", ".ivf", ".obu", ".mjpeg", ".mjpg"}
    | {".gif", ".apng"}
)
_RUN_MARK = "protocol.lock.yaml"
_NAMED = 5

NO_VIDEO = "no video by its name"
LIKE_A_VIDEO = "begins like a video, under another name: rename it or list it in a manifest"
NO_PICTURE = "no picture, in a folder of pictures"
NO_NUMBER = "a picture without a number in its name"
LOOSE_PICTURE = "a picture, not a video: give the pictures of a clip a folder of their own"
SAME_FILE = "the same file as another one here, under a second name"
SAME_FOLDER = "a link to a folder that is here under another name"
LOOP = "a link back to a folder above it"
BROKEN = "a link that leads nowhere"
NOT_LISTED = f"not in {MANIFEST_NAME}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that is left out.

    Attributes:
        path: Its path, relative to the folder that was searched.
        why: The reason.
    """

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class FoundVideos:
    """The videos at a path, and the files that are left out.

    Attributes:
        entries: The videos, in an order that depends on their names alone.
        left_out: Other files, by path. Hidden files and run folders are not named.
    """

    entries: tuple[ManifestEntry, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_videos(path: str | Path) -> FoundVideos:
    """Return the videos below a path, and the files that are left out.

    A `.jsonl` file is read as a manifest, and so is a folder's `manifest.jsonl`. Without one,
    every file with a video's extension counts, at any depth, every WebP or PNG that moves, and
    every folder of numbered still pictures. Hidden entries are left out. Linked folders are
    followed, each once; a file with two names counts once, under the first.

    Raises:
        UsageError: If the path is not there, cannot be listed, is no video, or has none.
        ConfigError: Code `manifest_invalid`.
    """
    path = Path(path)
    try:
        status = path.stat()
    except FileNotFoundError:
        _refuse(path, "no file or folder of that name", "check the path")
    except OSError as error:
        _refuse(path, f"the system reports: {error.strerror}", "check the path")
    if stat.S_ISREG(status.st_mode):
        if path.suffix.lower() == ".jsonl":
            return FoundVideos(tuple(read_manifest(path)))
        _require_video(path)
        return FoundVideos((_named(path, path.name),))
    if not stat.S_ISDIR(status.st_mode):
        _refuse(path, f"{kind_of(status.st_mode)}, not a file or folder", "give a file or folder")
    walk = _Walk(path)
    manifest = path / MANIFEST_NAME
    if os.path.lexists(manifest):
        listed = read_manifest(manifest)
        return FoundVideos(tuple(listed), tuple(_unlisted(path, walk.videos, listed)))
    if not walk.videos:
        there = ", ".join(f"{one.path} ({one.why})" for one in walk.left_out[:_NAMED])
        found = f"no video in it{': only ' if there else ''}{there}"
        _refuse(path, found, f"videos end in {_extensions()}")
    own = path.absolute().name
    entries = tuple(
        _named(path / name, own if name == "." else name) for name in sorted(walk.videos)
    )
    return FoundVideos(entries, tuple(sorted(walk.left_out, key=lambda one: one.path)))


@dataclass
class _Listing:
    """The visible entries of one folder, by kind."""

    folders: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    videos: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)


class _Walk:
    """Search a folder: its own sub-folders first, then linked ones."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: set[tuple[int, int]] = set()
        self._files: set[tuple[int, int]] = set()
        self._links: list[str] = []
        self.videos: list[str] = []
        self.left_out: list[LeftOut] = []
        self._enter(".")
        while self._links:
            self._links.sort()
            self._follow(self._links.pop(0))

    def _enter(self, name: str) -> None:
        """Search a folder and all below it, without following links."""
        here = self._root / name
        status = _status(here)
        if status is not None:
            self._folders.add((status.st_dev, status.st_ino))
        listing = self._list(name)
        before = len(self.videos)
        self.videos += [_join(name, file) for file in listing.videos]
        self._links += [_join(name, link) for link in listing.linked]
        for folder in listing.folders:
            self._enter(_join(name, folder))
        holds = len(self.videos) > before or bool(listing.linked)
        sequence = not holds and any(is_numbered(Path(file)) for file in listing.pictures)
        if sequence:
            self.videos.append(name)
        for file in listing.pictures:
            if not is_numbered(Path(file)):
                self._leave(_join(name, file), NO_NUMBER)
            elif not sequence:
                self._leave(_join(name, file), LOOSE_PICTURE)
        for file, why in listing.others:
            self._leave(_join(name, file), NO_PICTURE if sequence and why == NO_VIDEO else why)

    def _list(self, name: str) -> _Listing:
        here, found = self._root / name, _Listing()
        try:
            names = sorted(entry.name for entry in os.scandir(here))
        except OSError as error:
            if name == ".":
                _refuse(here, f"the system reports: {error.strerror}", "make the folder readable")
            self._leave(name, f"a folder that cannot be read: {error.strerror}")
            return found
        if _RUN_MARK in names and name != ".":
            return found
        for file in names:
            if not file.startswith("."):
                self._sort(here / file, found)
        return found

    def _sort(self, file: Path, found: _Listing) -> None:
        name, suffix = file.name, file.suffix.lower()
        status = _status(file)
        if status is not None and stat.S_ISDIR(status.st_mode):
            (found.linked if file.is_symlink() else found.folders).append(name)
        elif suffix in VIDEO_EXTENSIONS:
            # A pipe or a broken link of that name is a video that failed.
            self._once(file, status, found.videos, found)
        elif status is None:
            found.others.append((name, BROKEN))
        elif not stat.S_ISREG(status.st_mode):
            found.others.append((name, kind_of(status.st_mode)))
        elif suffix in IMAGE_EXTENSIONS:
            if _moves(file):
                self._once(file, status, found.videos, found)
            else:
                found.pictures.append(name)
        else:
            found.others.append((name, LIKE_A_VIDEO if _begins_like_video(file) else NO_VIDEO))

    def _once(
        self, file: Path, status: os.stat_result | None, into: list[str], found: _Listing
    ) -> None:
        """Count a file unless it was counted under another name."""
        if status is not None and status.st_ino:
            mark = status.st_dev, status.st_ino
            if mark in self._files:
                found.others.append((file.name, SAME_FILE))
                return
            self._files.add(mark)
        into.append(file.name)

    def _follow(self, link: str) -> None:
        path = self._root / link
        status = _status(path)
        if status is None:
            self._leave(link, BROKEN)
            return
        target, above = path.resolve(), path.parent.resolve()
        if above == target or above.is_relative_to(target):
            self._leave(link, LOOP)
        elif (status.st_dev, status.st_ino) in self._folders:
            self._leave(link, SAME_FOLDER)
        else:
            self._enter(link)

    def _leave(self, path: str, why: str) -> None:
        self.left_out.append(LeftOut(path, why))


def _unlisted(
    root: Path, videos: Sequence[str], listed: Sequence[ManifestEntry]
) -> Iterable[LeftOut]:
    """Yield the videos of a folder that its manifest does not name."""
    known = {os.path.realpath(entry.path) for entry in listed}
    known |= {os.path.realpath(entry.reference) for entry in listed if entry.reference}
    for name in sorted(videos):
        if os.path.realpath(root / name) not in known:
            yield LeftOut(name, NOT_LISTED)


def _require_video(path: Path) -> None:
    """Refuse a named file that is no video by its name nor by its first bytes."""
    suffix = path.suffix.lower()
    if suffix in VIDEO_EXTENSIONS:
        return
    if suffix in IMAGE_EXTENSIONS:
        if _moves(path):
            return
        _refuse(path, "one still picture", "give the folder with the pictures of a clip")
    if not _begins_like_video(path):
        _refuse(
            path,
            "a file that is no video, by its name and by its first bytes",
            "give a video, a folder of videos, or a manifest: a file that ends in .jsonl with one "
            'object a line, such as {"path": "a.mp4", "prompts": [{"text": "a dog"}]}',
        )


def _moves(path: Path) -> bool:
    """Return whether a file with a picture's extension is a video."""
    suffix = path.suffix.lower()
    return suffix in (".webp", ".png") and (
        is_animated(path) or (suffix == ".webp" and _begins_like_video(path))
    )


def _begins_like_video(path: Path) -> bool:
    try:
        head = read_head(path)
    except VideoDecodeError:
        return False
    return looks_like_container(head) and not _is_other(head)


def _is_other(head: bytes) -> bool:
    """Return whether first bytes like a container's are those of text, audio or a picture."""
    if head[:4] == b"RIFF":
        return head[8:12] != b"AVI "
    if head[4:8] == b"ftyp":
        return head[8:12] in (b"M4A ", b"M4B ", b"heic", b"heix", b"mif1", b"avif", b"crx ")
    return b"\0" not in head and head[:1] != b"Y"


def _status(path: Path) -> os.stat_result | None:
    """Return the status of a path; None for a link that leads nowhere."""
    try:
        return path.stat()
    except OSError:
        return None


def _extensions() -> str:
    return " ".join(sorted(VIDEO_EXTENSIONS))


def _join(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _named(path: Path, relative: str) -> ManifestEntry:
    return ManifestEntry(path=path.absolute(), id=derive_id(relative))


def _refuse(path: Path, found: str, fix: str) -> NoReturn:
    raise UsageError("find the videos", found=found, where=str(path), fix=fix)
