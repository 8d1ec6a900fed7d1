"""Refresh docs/ci.md: does the gate fail for a model that drifts, and pass for one that does not?

    python -m benchmarks.ci_gate [FOLDER]     make ci-gate

Samples the reference model on the prompts of lvb-demo three times: with its default preset, with
the same preset and other seeds, and with a preset that drifts deliberately. The latter two are
compared with the first as in a workflow, and the output of `lvbench compare` goes into docs/ci.md,
with a picture of the comment. Clips of other weights are in another folder, so that no stale clip
is scored. Takes a few minutes on one core; the picture needs Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from markdown_it import MarkdownIt

from lvbench.comparison.comment import comparison_markdown
from lvbench.comparison.compare import compare
from lvbench.comparison.terminal import comparison_terminal
from lvbench.engine.evaluate import evaluate
from lvbench.generators.production.produce import produce
from lvbench.generators.registry import build
from lvbench.protocol.load import load_protocol
from lvbench.results.run import Run

PROTOCOL = "lvb-demo"
OTHER_SEEDS = 1  # added to those of the protocol
PAGE, PICTURE = Path("docs/ci.md"), Path("docs/ci/comment.png")
WIDTH, HEIGHT = 960, 2400
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
)
# GitHub's style: type, rules, striped tables, and the frame of a comment.
STYLE = """
body { margin: 0; padding: 16px; background: #fff; color: #1f2328; width: 928px;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
.comment { border: 1px solid #d1d9e0; border-radius: 6px; }
.by { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0;
  padding: 8px 16px; color: #59636e; }
.text { padding: 16px; } h2 { font-size: 1.5em; margin: 0 0 16px; padding-bottom: .3em;
  border-bottom: 1px solid #d1d9e0b3; }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%;
  overflow: auto; margin-bottom: 16px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) td { background: #f6f8fa; }
p, ul, details { margin: 0 0 16px; } ul { padding-left: 2em; } sub { font-size: 75%; }
"""


def main() -> None:
    """Create the runs, compare them, write the page."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/ci-gate")
    base = made(folder, "reference:default", "base")
    seeds = made(folder, "reference:default", "other-seeds", OTHER_SEEDS)
    drift = made(folder, "reference:drift-demo", "drift-demo")
    found = {"drift-demo": compare(base, drift), "other-seeds": compare(base, seeds)}
    levels = {name: comparison.level for name, comparison in found.items()}
    page = PAGE.read_text("utf-8")
    for name, comparison in found.items():
        code = 5 if comparison.level == "fail" else 0
        shown = f"```\n{comparison_terminal(comparison, colour=False)}```\nExit code {code}."
        page = placed(page, name, shown)
    PAGE.write_text(placed(page, "weights", f"Weights: `{revision()}`."), "utf-8")
    draw(comparison_markdown(found["drift-demo"]), PICTURE)
    print(f"{PAGE} and {PICTURE} are up to date: {levels}")
    if levels["drift-demo"] != "fail" or levels["other-seeds"] == "fail":
        sys.exit("wrong result of the gate: drift-demo must fail, other seeds must not")


def made(folder: Path, generator: str, name: str, later: int = 0) -> Run:
    """Return the run of a preset; the clips' seeds are the protocol's plus `later`."""
    protocol = load_protocol(PROTOCOL)
    assert protocol.prompts is not None
    seeds = [seed + later for seed in protocol.prompts.seeds]
    prompts = protocol.prompts.model_copy(update={"seeds": seeds})
    out = folder / revision().replace(" ", "-") / name
    asked = protocol.model_copy(update={"prompts": prompts})
    clips = produce(generator, asked, out / "videos")
    # Scored again, as metrics may have changed, and by the protocol itself whatever the seeds, so
    # that all runs have one hash.
    shutil.rmtree(out / "run", ignore_errors=True)
    return evaluate(clips, out=out / "run", protocol=protocol, workers=1, title=generator)


def revision() -> str:
    """Return the revision of the reference model's weights."""
    return build("reference:default").info.revision.partition(",")[0]


def placed(page: str, name: str, text: str) -> str:
    """Return the page with the text between the markers of that name."""
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    between = re.compile(f"({re.escape(marks[0])}\n).*?(\n{re.escape(marks[1])})", re.DOTALL)
    if len(between.findall(page)) != 1:
        sys.exit(f"{PAGE} must contain '{marks[0]}' and '{marks[1]}' once")
    return between.sub(lambda found: f"{found[1]}{text}{found[2]}", page)


def draw(comment: str, path: Path) -> None:
    """Draw a comment in GitHub's style, cropped below its last line."""
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if browser is None:
        sys.exit("no Chromium: apt-get install chromium")
    body = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    with tempfile.TemporaryDirectory() as scratch:
        page, shot = Path(scratch, "comment.html"), Path(scratch, "comment.png")
        page.write_text(
            f"<!doctype html><meta charset='utf-8'><style>{STYLE}</style><div class='comment'>"
            f"<div class='by'><b>github-actions</b> commented</div>"
            f"<div class='text'>{body.render(comment)}</div></div>",
            "utf-8",
        )
        subprocess.run(
            [browser, *FLAGS, f"--user-data-dir={scratch}/profile", f"--screenshot={shot}",
             f"--window-size={WIDTH},{HEIGHT}", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        image = cv2.imread(str(shot))
    assert image is not None
    last = int(np.flatnonzero((image < 255).any(axis=(1, 2)))[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image[: last + 17])


if __name__ == "__main__":
    main()
