"""What `lvbench cite` prints is complete, read by a parser of BibTeX, and the same every time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import bibtexparser
import pytest
import yaml
from bibtexparser.model import Entry

from lvbench.engine.video_pass.tools import build_tools
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import list_protocols, load_protocol, protocols_folder
from lvbench.protocol.lock import lock_text
from lvbench.report.cite.citation import cite_protocol
from lvbench.report.cite.references import references
from lvbench.results.schema import ProtocolRecord, RunRecord


def cite(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lvbench", "cite", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def entries(text: str) -> dict[str, Entry]:
    """Return the entries by key; nothing may be left that the parser does not understand."""
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    assert len(library.entries_dict) == len(library.entries) == text.count("@")
    return library.entries_dict


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Return a run of a protocol of somebody's own, with a lock, without a video."""
    content = yaml.safe_load((protocols_folder() / "lvb-smoke-v1.yaml").read_text("utf-8"))
    content["metrics"] = [
        m for m in content["metrics"] if m["name"] in ("freeze", "sharpness_drift")
    ]
    content.update(name="our-own", draft=True, gates=[], extractors={})
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    identity = build_tools(load_protocol(str(file))).identity
    record = RunRecord(
        status="complete", title="one", videos={"expected": 1, "failed": 0}, scores={},
        protocol=ProtocolRecord(name="our-own", version=1, draft=True, hash=identity.hash),
        signature="our-own|v:1-draft|n:1", timing={},
        environment={"packages": {"lvbench": "0.0.9"}},
    )  # fmt: skip
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "protocol.lock.yaml").write_text(lock_text(identity), "utf-8")
    (folder / "run.json").write_text(record.model_dump_json(by_alias=True), "utf-8")
    return folder


def test_a_protocol_is_cited_with_all_that_it_rests_on() -> None:
    done = cite("lvb-open@1")
    assert (done.returncode, done.stderr) == (0, "")
    found = entries(done.stdout)
    assert list(found)[:2] == ["lvb-open-v1", "lvbench"]
    assert list(found)[2:] == sorted(list(found)[2:])
    content = (protocols_folder() / "lvb-open-v1.yaml").read_bytes()
    assert hashlib.sha256(content).hexdigest() in found["lvb-open-v1"]["note"]
    for metric in load_protocol("lvb-open@1").metrics:
        assert set(METRICS.get(metric.name).info.cites) <= found.keys()
        assert f"% metric {metric.name}" in done.stdout
    for network in ("carreira2017i3d", "radford2021clip", "teed2020raft", "sandler2018mobilenetv2"):
        assert found[network]["title"] == references()[network].fields["title"]
    assert cite("lvb-open@1").stdout == done.stdout


@pytest.mark.parametrize("name", list_protocols())
def test_every_protocol_can_be_cited(name: str) -> None:
    citation = cite_protocol(name)
    assert all(use.keys for use in citation.uses)
    found = entries(citation.bibtex())
    assert set(found) == {entry.key for entry in citation.entries}
    assert {key for use in citation.uses for key in use.keys} <= set(found)
    assert "\\" not in citation.text()


def test_a_run_is_cited_by_its_lock_and_signature(run_folder: Path) -> None:
    done = cite(run_folder)
    assert (done.returncode, done.stderr) == (0, "")
    found = entries(done.stdout)
    assert list(found) == ["our-own-v1", "lvbench", "immerkaer1996noise", "zhuo2011defocus"]
    note = found["our-own-v1"]["note"]
    record = json.loads((run_folder / "run.json").read_text("utf-8"))
    assert record["protocol"]["hash"] in note
    assert "our-own|v:1-draft|n:1" in note
    # Nobody knows who wrote a protocol that does not ship with lvbench.
    assert "author" not in found["our-own-v1"]
    assert found["lvbench"]["note"] == "Version 0.0.9"


def test_text_numbers_its_references(run_folder: Path) -> None:
    text = cite(run_folder / "run.json", "--format", "text").stdout
    assert "signature our-own|v:1-draft|n:1." in text
    assert "metric freeze version 1" in text
    assert "[2]  card metrics/motion/freeze.md" in text
    assert "\n[3] John Immerkaer. Fast Noise Variance Estimation" in text


def test_a_protocol_that_ships_has_its_authors() -> None:
    entry = cite_protocol("lvb-smoke@1").entries[0]
    assert entry.fields["author"] == "{The lvbench authors}"
    assert entry.fields["title"].endswith(": Smoke test on any videos")


def test_a_subject_that_cannot_be_cited_is_an_error(run_folder: Path, tmp_path: Path) -> None:
    (run_folder / "protocol.lock.yaml").unlink()
    lacking = cite(run_folder)
    assert (lacking.returncode, lacking.stdout) == (3, "")
    assert "there is no protocol.lock.yaml" in lacking.stderr
    assert cite("lvb-smok").returncode == 2
    (tmp_path / "empty").mkdir()
    assert "there is no run.json" in cite(tmp_path / "empty").stderr


def test_a_plugins_metric_brings_its_own_entry(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lvbench.metrics.motion.freeze import Freeze
    from lvbench.report.cite import citation
    from lvbench.results.run import load_run

    (tmp_path / "references.bib").write_text(
        "@misc{doe2030, title={Of {F}reezes}, author={Doe, Jo}, year={2030}}", "utf-8"
    )
    plugin = ModuleType("plugin_of_doe")
    plugin.__file__ = str(tmp_path / "plugin_of_doe.py")
    monkeypatch.setitem(sys.modules, plugin.__name__, plugin)

    class Thawing(Freeze):
        info = replace(Freeze.info, name="thawing", cites=("doe2030", "nowhere"))

    Thawing.__module__ = plugin.__name__
    monkeypatch.setitem(METRICS._registered, "thawing", Thawing)
    file = run_folder / "protocol.lock.yaml"
    lock = yaml.safe_load(file.read_text("utf-8"))
    lock["metrics"] |= {name: {"version": 1, "parameters": {}} for name in ("thawing", "gone")}
    file.write_text(yaml.safe_dump(lock), "utf-8")
    text = citation.cite_run(load_run(run_folder)).bibtex()
    assert entries(text)["doe2030"]["title"] == "Of {F}reezes"
    assert "% metric thawing version 1: doe2030\n" in text
    assert "% metric gone version 1: not installed here" in text
