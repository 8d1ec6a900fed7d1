"""`lvbench doctor`: can this machine run lvbench, and if not, what is the fix?"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from lvbench.cli.echo import cell, echo, print_table

Level = Literal["ok", "note", "problem"]

_PYTHONS = ((3, 11), (3, 13))
# FFmpeg's "av1" needs a graphics card; software decoders have other names.
_DECODERS = {
    "h264": ("h264",),
    "hevc": ("hevc",),
    "vp8": ("vp8", "libvpx"),
    "vp9": ("vp9", "libvpx-vp9"),
    "av1": ("libdav1d", "libaom-av1"),
}
_COMPILED = ("numpy", "scipy", "cv2", "av", "pandas", "pyarrow", "matplotlib.pyplot")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_LOW_DISK, _LITTLE_DISK = 1e9, 10e9
_REINSTALL = "in lvbench's folder: pip install -c constraints.txt -e ."
_LEARNED_EXTRA = "in lvbench's folder: pip install -c constraints.txt -e '.[learned]'"
_VMAF_EXTRA = "in lvbench's folder: pip install -c constraints.txt -e '.[vmaf]'"
_BOXES = "nothing to do: only torchvision's box operators are missing, and lvbench uses none"
_AV_WHEEL = "install PyAV's own wheel: pip install --force-reinstall --only-binary av av"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's table.

    Attributes:
        check: Subject of the check.
        level: "ok", "note" (works with a limit) or "problem" (something will fail).
        found: State of this machine.
        fix: One step that fixes it; empty if there is nothing to fix.
    """

    check: str
    level: Level
    found: str
    fix: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Check this machine: packages, decoders, torch, browser, disk, settings.

    Exit code 0: no problem (notes are allowed); 1: at least one problem.
    """
    findings = [finding for check in _CHECKS for finding in check()]
    problems = sum(finding.level == "problem" for finding in findings)
    if as_json:
        echo(json.dumps({"problems": problems, "checks": [asdict(f) for f in findings]}))
    else:
        _print_table(findings)
    sys.exit(1 if problems else 0)


def check_python() -> Iterator[Finding]:
    """Check the Python version, and name the platform."""
    supported = _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]
    yield Finding(
        "Python",
        "ok" if supported else "problem",
        platform.python_version(),
        "" if supported else "use Python 3.11 to 3.13",
    )
    yield Finding("platform", "ok", f"{platform.system()} {platform.machine()}")


def check_packages() -> Iterator[Finding]:
    """Compare installed packages with the requirements, then import the compiled ones."""
    from importlib import import_module
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    from lvbench.environment import installed

    required = [Requirement(line) for line in requires("lvbench") or []]
    wrong = []
    for requirement in (
        r for r in required if r.marker is None or r.marker.evaluate({"extra": ""})
    ):
        version = installed(requirement.name)
        if version is None:
            wrong.append(f"{requirement} is not installed")
        elif not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement} required, {version} installed")
    if installed("opencv-python") is not None:
        wrong.append("opencv-python overwrites the files of opencv-python-headless: uninstall it")
    for name in _COMPILED:
        try:
            import_module(name)
        except Exception as error:
            wrong.append(f"import {name}: {error}")
    if wrong:
        yield Finding("core packages", "problem", "; ".join(wrong), _REINSTALL)
    else:
        yield Finding("core packages", "ok", "installed, and they import")


def check_codecs() -> Iterator[Finding]:
    """Check the decoders for videos and the encoder of generated clips."""
    try:
        from av import codecs_available
    except ImportError as error:
        yield Finding("decoders", "problem", f"PyAV does not import: {error}", _REINSTALL)
        return
    missing = [c for c, names in _DECODERS.items() if codecs_available.isdisjoint(names)]
    if missing:
        level: Level = "problem" if "h264" in missing else "note"
        yield Finding("decoders", level, f"missing: {', '.join(missing)}", _AV_WHEEL)
    else:
        yield Finding("decoders", "ok", ", ".join(_DECODERS))
    if "libx264" in codecs_available:
        yield Finding("encoder", "ok", "libx264")
    else:
        yield Finding("encoder", "problem", "libx264 is missing: no clip can be written", _AV_WHEEL)


def check_decoding() -> Iterator[Finding]:
    """Write one frame of h264 and decode it with the decoder of evaluations."""
    import tempfile

    import numpy as np

    from lvbench.environment import installed
    from lvbench.video.decoding.decode import open_video
    from lvbench.video.encode import write_video
    from lvbench.video.frames import Products

    grey = np.full((1, 64, 64, 3), 128, np.uint8)
    av = f"PyAV {installed('av')}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "grey.mp4"
            write_video(path, iter([grey]), 24.0)
            with open_video(path, Products(rgb=True)) as reader:
                pixels = np.concatenate([frames.rgb for frames in reader if frames.rgb is not None])
    except Exception as error:  # For any reason, this machine cannot decode.
        yield Finding("decoding", "problem", f"{av}: {error}", _REINSTALL)
        return
    mean = float(pixels.mean())
    found = f"{av}: {len(pixels)} frame of 1, grey 128 decoded as {mean:.1f}"
    good = len(pixels) == 1 and abs(mean - 128) < 2
    yield Finding("decoding", "ok" if good else "problem", found, "" if good else _AV_WHEEL)


def check_torch() -> Iterator[Finding]:
    """Import torch and torchvision as lvbench does, and report versions that do not match."""
    from lvbench.environment import installed

    torch, torchvision = installed("torch"), installed("torchvision")
    if torch is None or torchvision is None:
        lacking = "torch" if torch is None else "torchvision"
        yield Finding(
            "torch", "note", f"{lacking} is not installed: no learned metrics", _LEARNED_EXTRA
        )
        return
    try:
        from lvbench.features.torchvision_shim import import_torchvision

        module, shimmed = import_torchvision()
    except Exception as error:
        found = f"torch {torch}, torchvision {torchvision}: {error}"
        yield Finding("torch", "problem", found, _LEARNED_EXTRA)
        return
    # The wheel's metadata does not name its CUDA version; the module's version does.
    pair = f"torch {torch}, torchvision {module.__version__}"
    if shimmed:
        yield Finding("torch", "note", f"{pair}: {_mismatch()}, shim needed and working", _BOXES)
    else:
        yield Finding("torch", "ok", f"{pair}: shim not needed")


def _mismatch() -> str:
    import torch

    built = "without CUDA" if torch.version.cuda is None else f"for CUDA {torch.version.cuda}"
    return f"torchvision's operators do not load with a torch built {built}"


def check_browser() -> Iterator[Finding]:
    """Find the browser and driver; only the browser tests need them."""
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if browser and driver:
        yield Finding("browser", "ok", f"{browser}, {driver}")
    else:
        lacking = [n for n, path in (("Chromium", browser), ("chromedriver", driver)) if not path]
        yield Finding(
            "browser",
            "note",
            f"no {' and no '.join(lacking)}: browser tests are left out",
            "on Debian or Ubuntu: apt-get install chromium chromium-driver",
        )


def check_vmaf() -> Iterator[Finding]:
    """Find the ffmpeg program that computes VMAF, and check that it has libvmaf."""
    import subprocess

    from lvbench.errors import MissingDependencyError
    from lvbench.features.paired.libvmaf_program import ffmpeg

    try:
        program = ffmpeg()
        listed = subprocess.run(
            [program, "-hide_banner", "-filters"], capture_output=True, timeout=20, check=True
        )
    except MissingDependencyError:
        yield Finding("VMAF", "note", "imageio-ffmpeg is not installed", _VMAF_EXTRA)
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding("VMAF", "problem", f"its ffmpeg does not run: {error}", _VMAF_EXTRA)
    else:
        if b" libvmaf " in listed.stdout:
            yield Finding("VMAF", "ok", Path(program).name)
        else:
            yield Finding("VMAF", "problem", f"{program} has no libvmaf", _VMAF_EXTRA)


def check_folders() -> Iterator[Finding]:
    """Check the folder of weights, free disk space, and the real videos of the tests."""
    home = Path(os.environ.get("LVBENCH_HOME", "~/.cache/lvbench")).expanduser()
    standing = next(folder for folder in (home, *home.parents) if folder.is_dir())
    if os.access(standing, os.W_OK):
        yield Finding("LVBENCH_HOME", "ok", str(home))
    else:
        yield Finding(
            "LVBENCH_HOME", "problem", f"{standing} is not writable", "set LVBENCH_HOME elsewhere"
        )
    for name, folder in (("disk, here", Path.cwd()), ("disk, LVBENCH_HOME", standing)):
        yield _disk(name, shutil.disk_usage(folder).free)
    assets = os.environ.get("LVBENCH_ASSETS")
    if assets is None:
        yield Finding("LVBENCH_ASSETS", "ok", "not set: tests look in ../shared")
    elif (Path(assets) / "assets" / "videos").is_dir():
        yield Finding("LVBENCH_ASSETS", "ok", assets)
    else:
        yield Finding(
            "LVBENCH_ASSETS",
            "note",
            f"no assets/videos under {assets}",
            "set it to the folder that contains assets/ and goldens/",
        )


def check_weights() -> Iterator[Finding]:
    """Count the weights in the caches, and name files with wrong content."""
    from lvbench.weights.catalogue import catalogue
    from lvbench.weights.download import offline
    from lvbench.weights.locate import missing

    absent = missing(catalogue())
    wrong = [one for one in absent if one.code != "weights_missing"]
    for one in wrong:
        yield Finding(f"weights, {one.name}", "problem", one.found, one.command)
    here = len(catalogue()) - len(absent)
    found = f"{here} of {len(catalogue())} present in lvbench, LVBENCH_HOME or HF_HOME"
    found += "; HF_HUB_OFFLINE is set" if offline() else ""
    if absent:
        fix = "lvbench weights pull --protocol NAME, or give --weights FOLDER"
        yield Finding("weights", "note", found, fix)
    else:
        yield Finding("weights", "ok", found)


def check_threads() -> Iterator[Finding]:
    """Show the cores and the thread limits of numerical libraries."""
    from lvbench.environment import usable_cores

    settings = [f"{name}={os.environ[name]}" for name in _THREADS if name in os.environ]
    yield Finding("threads", "ok", ", ".join([f"{usable_cores()} cores", *settings]))


def _disk(name: str, free: float) -> Finding:
    found = f"{free / 1e9:.1f} GB free"
    if free < _LOW_DISK:
        return Finding(name, "problem", found, "free at least 1 GB")
    if free < _LITTLE_DISK:
        return Finding(name, "note", found, "weights and run folders may need more")
    return Finding(name, "ok", found)


def _print_table(findings: list[Finding]) -> None:
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "note": "yellow", "problem": "bold red"}
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("check", "", "found", "fix"):
        table.add_column(heading)
    for f in findings:
        table.add_row(f.check, Text(f.level, styles[f.level]), cell(f.found), cell(f.fix))
    print_table(table)


def check_protocols() -> Iterator[Finding]:
    """Compare the released protocols and their files with their recorded checksums."""
    from lvbench.protocol.load import edited_files, released_files

    edited, fix = edited_files(), "restore them: a changed protocol needs a new version"
    if edited:
        yield Finding("protocols", "problem", f"edited: {', '.join(edited)}", fix)
    else:
        count = len(released_files())
        found = f"{count} released files, unchanged" if count else "all are drafts, none released"
        yield Finding("protocols", "ok", found)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_packages,
    check_codecs,
    check_decoding,
    check_torch,
    check_browser,
    check_vmaf,
    check_folders,
    check_weights,
    check_threads,
    check_protocols,
)
