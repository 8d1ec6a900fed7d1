"""PSNR, SSIM, MS-SSIM, VMAF with its parts, and LPIPS beside the references' own numbers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.engine.pair import score_pair
from lvbench.features import load
from lvbench.features.paired.libvmaf_program import ffmpeg
from lvbench.features.paired.psnr import PairedPsnr
from lvbench.features.paired.ssim import PairedMsSsim, PairedSsim
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames, Planes
from tests.parity.case import Case
from tests.seeded import read_bgr

TEN_BITS = ("src01_hrc00_576x324.yuv420p10le.yuv", "src01_hrc01_576x324.yuv420p10le.yuv")
EIGHT_BITS = ("src01_ref_160x90.yuv", "src01_dis_160x90.yuv")
PARTS = ("vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3", "motion2", "adm2")
PLACES = "its test asks for 4 decimal places of a small number"


def cases(root: Path) -> list[Case]:
    """Return all cases; `root` holds assets/."""
    files = root / "assets"
    index = {entry["file"]: entry for entry in json.loads((files / "index.json").read_text())}
    return [
        *_ten_bits(files, index),
        *_eight_bits(files, index),
        *_other_sizes(files),
        *_second_opinion(files),
        *_lpips(files, index),
    ]


def _places(name: str, ours: float, theirs: float, source: str, places: int = 4) -> Case:
    """Return a case that passes where the reference's own assertion would."""
    tolerance = 0.5 * 10.0**-places / abs(theirs)
    return Case(name, ours, theirs, tolerance, source, PLACES if tolerance > 1e-4 else "")


def _scores(
    files: Path, names: tuple[str, str], raw: str, metrics: list[str]
) -> dict[str, ItemScore]:
    real, video = (files / "vmaf" / name for name in names)
    found = score_pair(real, video, metrics=metrics, raw=raw).record.metrics
    assert all(score.status == "ok" for score in found.values()), found
    return found


def _ten_bits(files: Path, index: dict[str, Any]) -> Iterator[Case]:
    golden = index[f"vmaf/{TEN_BITS[0]}"]["golden"]
    metrics = ["psnr", "ssim", "ms_ssim", "vmaf"]
    found = _scores(files, TEN_BITS, "yuv420p10le:576x324@24", metrics)
    test = "vmafexec_test.test_run_vmafexec_runner_yuv420p10le_b"
    theirs = golden[test]
    where = f"Netflix/vmaf: {test}"
    ours = {
        "float_psnr": found["psnr"].value,
        "float_ssim": found["ssim"].value,
        "float_ms_ssim": found["ms_ssim"].value,
    } | {part: found["vmaf"].components[part] for part in PARTS}
    for name, value in ours.items():
        assert value is not None
        yield _places(f"10 bits: {name}", value, theirs[f"VMAFEXEC_{name}_score"], where)
    assert found["vmaf"].value is not None
    yield _places("10 bits: VMAF", found["vmaf"].value, theirs["VMAFEXEC_score"], where)
    test = "feature_extractor_test.test_run_pypsnr_fextractor_10bit_b"
    planes = found["psnr"].components | {"y": found["psnr"].value}
    for plane in "yuv":
        value, wanted = planes[plane], golden[test][f"PyPsnr_feature_psnr{plane}_score"]
        assert value is not None
        yield Case(f"10 bits: PSNR of {plane}", value, wanted, 1e-10, f"Netflix/vmaf: {test}")


def _eight_bits(files: Path, index: dict[str, Any]) -> Iterator[Case]:
    test = "quality_runner_test.test_run_vmaf_runner_input160x90"
    theirs = index[f"vmaf/{EIGHT_BITS[0]}"]["golden"][test]
    found = _scores(files, EIGHT_BITS, "yuv420p:160x90@24", ["vmaf"])["vmaf"]
    assert found.value is not None
    where = f"Netflix/vmaf: {test}"
    for part in PARTS:
        wanted = theirs[f"VMAF_integer_feature_{part}_score"]
        yield _places(f"8 bits: {part}", found.components[part], wanted, where)
    yield _places("8 bits: VMAF", found.value, theirs["VMAF_score"], where, 2)


def _other_sizes(files: Path) -> Iterator[Case]:
    """Compare SSIM where it makes pictures smaller first, odd sides included."""
    picture = cv2.imread(str(files / "images" / "astronaut.png"), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    rng = np.random.default_rng(0)
    for width, height in ((1280, 720), (1025, 577), (854, 480)):
        real = np.asarray(cv2.resize(picture, (width, height)), np.uint8)
        soft = cv2.GaussianBlur(real, (0, 0), 1.5).astype(np.int64)
        video = np.clip(soft + rng.integers(-6, 7, soft.shape), 0, 255).astype(np.uint8)
        theirs = _by_libvmaf(real, video)
        pair = _frames(video, _frames(real))
        ours = {
            "float_psnr": PairedPsnr()(pair)["psnr"],
            "float_ssim": PairedSsim()(pair)["ssim"],
            "float_ms_ssim": PairedMsSsim()(pair)["ms_ssim"],
        }
        for name, value in ours.items():
            yield Case(
                f"{width}x{height}: {name}",
                float(value[0]),
                theirs[name],
                2e-6,
                "libvmaf within FFmpeg, six decimals printed",
            )


def _frames(luma: NDArray[np.uint8], reference: Frames | None = None) -> Frames:
    return Frames(np.zeros(1), planes=Planes(luma[None], None, None, 8), reference=reference)


def _by_libvmaf(real: NDArray[np.uint8], video: NDArray[np.uint8]) -> dict[str, float]:
    """Return libvmaf's own SSIM, MS-SSIM and PSNR of one frame, both given in one raw stream."""
    height, width = real.shape
    chroma = np.full(2 * -(-width // 2) * -(-height // 2), 128, np.uint8).tobytes()
    stream = b"".join(plane.tobytes() + chroma for plane in (video, real))
    graph = (
        "[0:v]split[a][b];[a]trim=end_frame=1[video];[b]trim=start_frame=1,setpts=0[real];"
        "[video][real]libvmaf=log_fmt=json:log_path=/dev/stdout"
        ":feature=name=float_ssim|name=float_ms_ssim|name=float_psnr"
    )
    raw = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", f"{width}x{height}"]
    command = [ffmpeg(), "-loglevel", "error", *raw, "-i", "-", "-lavfi", graph]
    done = subprocess.run(
        [*command, "-f", "null", "-"], input=stream, capture_output=True, check=True
    )
    metrics: dict[str, float] = json.loads(done.stdout)["frames"][0]["metrics"]
    return metrics


def _second_opinion(files: Path) -> Iterator[Case]:
    """Compare VMAF with another implementation of it, on a few frames: it is slow."""
    import torch
    from vmaf_torch import VMAF

    frames, samples = 3, 160 * 90
    lumas = []
    for name in EIGHT_BITS:
        data = np.fromfile(files / "vmaf" / name, np.uint8).reshape(-1, samples * 3 // 2)
        lumas.append(data[:frames, :samples].reshape(frames, 90, 160))
    with torch.inference_mode():
        pixels = [torch.from_numpy(luma[:, None].astype(np.float32)) for luma in lumas]
        theirs = VMAF(temporal_pooling=True)(*pixels)
    real, video = (
        Frames(np.arange(float(frames)), planes=Planes(luma, None, None, 8)) for luma in lumas
    )
    pair = Frames(video.pts, planes=video.planes, reference=real)
    ours = float(load("libvmaf")(pair)["vmaf"].mean())
    yield Case("8 bits: VMAF, first frames", ours, float(theirs), 1e-4, "vmaf-torch")


def _lpips(files: Path, index: dict[str, Any]) -> Iterator[Case]:
    import torch

    golden = index["perceptual/lpips_v0.1_squeeze.pth"]["golden"]
    extractor: Any = load("lpips_squeeze", weights=files)
    draw = torch.Generator().manual_seed(42)
    first, second = (torch.rand(2, 3, 100, 100, generator=draw) * 2 - 1 for _ in range(2))
    with torch.inference_mode():
        ours = extractor.network(first, second).flatten().tolist()
    source = golden["published_doc_golden"]["source"]
    for i, (our, their) in enumerate(
        zip(ours, golden["published_doc_golden"]["published"], strict=True)
    ):
        yield _places(f"LPIPS-squeeze, documented tensors {i}", our, their, source)
    real = Frames(np.zeros(1), rgb=_rgb(files / "perceptual" / "ex_ref.png"))
    for name in ("ex_p0", "ex_p1"):
        pair = Frames(np.zeros(1), rgb=_rgb(files / "perceptual" / f"{name}.png"), reference=real)
        our = float(extractor(pair)["lpips"][0])
        theirs = golden["images"][f"ex_ref-{name}"][0]
        source = "richzhang/PerceptualSimilarity: its example patches by its own code"
        yield Case(f"LPIPS-squeeze, ex_ref and {name}", our, theirs, 1e-5, source)


def _rgb(path: Path) -> NDArray[np.uint8]:
    return np.ascontiguousarray(read_bgr(path)[None, ..., ::-1])
