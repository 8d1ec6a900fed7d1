"""Every output of a run bears its signature: whole where there is room, short elsewhere."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from lvbench.cli.main import cli
from lvbench.cli.outcome import print_outcome
from lvbench.protocol.identity import short_signature, signature_line
from lvbench.results.run import load_run
from tests.leaderboard import synthetic

SCORE = "temporal_flicker"
LONG, SHORT = "whole", "short"
PRINTED = {
    "report, Markdown": ("report RUN --format md", LONG),
    "report, JSON": ("report RUN --format json", LONG),
    "report, LaTeX": ("report RUN --format latex", LONG),
    "report, LaTeX, as printed": ("report RUN --format latex", SHORT),
    "report, metadata for a model card": ("report RUN --format hf-eval-results", LONG),
    "explain": (f"explain RUN {SCORE}", LONG),
    "explain, JSON": (f"explain RUN {SCORE} --json", LONG),
    "cite": ("cite RUN", LONG),
    "cite, text": ("cite RUN --format text", LONG),
    "verify": ("verify RUN --sample 0", LONG),
    "verify, JSON": ("verify RUN --sample 0 --json", LONG),
    "compare": ("compare RUN RUN", LONG),
    "compare, Markdown": ("compare RUN RUN --format markdown", LONG),
    "compare, HTML": ("compare RUN RUN --format html", LONG),
    "compare, JSON": ("compare RUN RUN --json", LONG),
    "compare, GitHub": ("compare RUN RUN --format github", LONG),
}
FIGURES = [
    f"{stem}_{width}.{suffix}"
    for stem in ("over_time", "against_cost")
    for width in ("column", "page")
    for suffix in ("pdf", "svg")
]
# Numbers of one model carry their own; a table of several bears what its rows share.
BOARDS = {
    "board.html": (LONG, SHORT),
    "board.md": (SHORT,),
    "board.tex": (SHORT,),
    "board.csv": (LONG,),
    "board.json": (LONG, SHORT),
}
# JSON says it by its keys: no signature, and the protocol with its hash.
BY_KEYS = {"verify, JSON", "compare, JSON"}


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = synthetic.write_run(tmp_path_factory.mktemp("signed") / "whole", videos=8)
    return folder


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = synthetic.write_run(tmp_path_factory.mktemp("signed") / "part", videos=8)
    file = folder / "run.json"
    content = json.loads(file.read_text("utf-8"))
    content |= {"status": "partial", "reasons": ["--limit"], "signature": None}
    file.write_text(json.dumps(content), "utf-8")
    return folder


@pytest.fixture(params=["complete", "partial"])
def run(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


def _printed(command: str, run: Path) -> str:
    words = [str(run) if word == "RUN" else word for word in command.split()]
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    assert done.exception is None, done.exception
    return _plain(done.stdout)


def _plain(text: str) -> str:
    """Return what a reader sees: without the marks that make a character stand for itself."""
    return unescape(text).replace("\\", "")


def _wanted(run: Path) -> dict[str, str]:
    record = load_run(run).record
    return {LONG: signature_line(record), SHORT: short_signature(record)}


def test_both_forms_name_protocol_version_and_id(complete: Path, partial: Path) -> None:
    record = load_run(complete).record
    draft, id_ = "-draft" if record.protocol.draft else "", record.protocol.hash[:12]
    wanted = _wanted(complete)
    assert wanted[LONG] == record.signature
    assert wanted[SHORT] == f"lvb-smoke v1{draft} n:8 id:{id_}"
    assert {f"v:1{draft}", "n:8", f"id:{id_}"} < set(wanted[LONG].split("|"))
    said = f"lvb-smoke v1{draft} partial: no signature, id:{id_}"
    assert set(_wanted(partial).values()) == {said}


@pytest.mark.parametrize("output", PRINTED)
def test_what_is_printed_bears_it(output: str, run: Path) -> None:
    command, form = PRINTED[output]
    text = _printed(command, run)
    if load_run(run).record.signature is None:
        if output in BY_KEYS:
            assert '"signature": null' in text
            return
        if output.startswith("cite"):
            assert "partial: no signature" in text
            assert load_run(run).record.protocol.hash in text
            return
    assert text.count(_wanted(run)[form]) >= command.count("RUN")


@pytest.mark.parametrize("as_json", [False, True])
def test_what_evaluate_prints_and_its_page_bear_it(
    run: Path, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    print_outcome(load_run(run), run, as_json)
    told = capsys.readouterr().out
    if as_json:
        assert json.loads(told)["signature"] == load_run(run).record.signature
    else:
        assert _wanted(run)[LONG] in told.splitlines(), "on one line, to be copied"
    assert _wanted(run)[LONG] in (run / "report.html").read_text("utf-8")


@pytest.mark.parametrize("status", ["complete", "partial"])
def test_figures_for_papers_bear_both(factory: ModuleType, tmp_path: Path, status: str) -> None:
    run = factory.make_run(tmp_path / "run", status=status, thumbnails=False)
    factory.add_cost(run, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [8.0, 8.0, 16.0, 16.0, 32.0, 32.0])
    _printed(f"report RUN --format figures --out {tmp_path / 'figures'}", run)
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == sorted(FIGURES)
    for name in FIGURES:
        text = (tmp_path / "figures" / name).read_bytes().decode("latin-1")
        assert _wanted(run)[LONG] in text, f"{name}, metadata"
        # What is drawn is a comment beside its paths in SVG, and compressed in PDF.
        assert name.endswith("pdf") or f"<!-- {_wanted(run)[SHORT]} -->" in text, name


def test_every_board_bears_it(complete: Path, tmp_path: Path) -> None:
    _printed(f"leaderboard build --root {tmp_path} --out {tmp_path} --run one={complete}", complete)
    wanted = _wanted(complete)
    for name, forms in BOARDS.items():
        text = _plain((tmp_path / "lvb-smoke" / name).read_text("utf-8"))
        for form in forms:
            assert wanted[form] in text, name
    table = csv.DictReader(io.StringIO((tmp_path / "lvb-smoke" / "board.csv").read_text("utf-8")))
    assert {row["signature"] for row in table} == {wanted[LONG]}


def test_a_board_says_that_a_run_is_partial(partial: Path, tmp_path: Path) -> None:
    _printed(f"leaderboard build --root {tmp_path} --out {tmp_path} --run one={partial}", partial)
    for name in ("board.html", "board.md"):
        assert _wanted(partial)[SHORT] in (tmp_path / "lvb-smoke" / name).read_text("utf-8"), name
