from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from lvbench.report.page.report import render_report, write_report
from lvbench.results.run import load_run

HOSTILE = "x</script><script>alert(1)</script>'\"><img src=x onerror=alert(2)>"


class _Page(HTMLParser):
    """Collect what a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


def test_report_is_written_whole_and_repeats_byte_for_byte(run_folder: Path) -> None:
    path = write_report(run_folder)
    assert path == run_folder / "report.html"
    first = path.read_bytes()
    assert write_report(run_folder).read_bytes() == first
    assert [p.name for p in run_folder.iterdir() if p.name.startswith(".")] == []


def test_sections_stand_in_order(run_folder: Path) -> None:
    html = render_report(load_run(run_folder))
    places = [html.index(f'<section id="{name}"') for name in
              ("over-time", "scores", "events", "videos", "method")]  # fmt: skip
    assert places == sorted(places)
    assert html.index('class="verdict"') < html.index('id="signature"') < places[0]


def test_nothing_is_loaded_from_elsewhere(run_folder: Path) -> None:
    page = _Page(render_report(load_run(run_folder)))
    for tag, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "poster", "data", "action"):
            address = attributes.get(name) or ""
            assert not address or address.startswith(("#", "data:image/jpeg;base64,")), (tag, name)
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_embedded_results_are_the_run(run_folder: Path) -> None:
    run = load_run(run_folder)
    page = _Page(render_report(run))
    data = json.loads(page.scripts[0])
    assert data["run"] == run.record.model_dump()
    assert [item["video"]["id"] for item in data["items"]] == [i.video.id for i in run.items]
    assert not re.search(r"\b(NaN|Infinity|undefined)\b", page.scripts[0])
    assert "nan" not in " ".join(re.findall(r'd="([^"]*)"', render_report(run)))


def test_hostile_names_are_inert(factory: ModuleType, tmp_path: Path) -> None:
    folder = factory.make_run(tmp_path / "run", title=HOSTILE)
    file = next((folder / "items").glob("*.json"))
    content = json.loads(file.read_text("utf-8"))
    content["video"] |= {
        "id": HOSTILE, "path": "javascript:alert(1).mp4", "generator": HOSTILE,
        "prompts": [{"start": 0.0, "text": HOSTILE}],
    }  # fmt: skip
    content["metrics"]["loop"]["events"] = [
        {"kind": HOSTILE, "start": 1.0, "end": 2.0, "details": {HOSTILE: HOSTILE}}
    ]
    file.write_text(json.dumps(content), "utf-8")
    (folder / "javascript:alert(1).mp4").write_bytes(b"")
    page = _Page(render_report(load_run(folder)))
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert {a["src"] for t, a in page.tags if t == "video"} == {"javascript%3Aalert%281%29.mp4"}
    assert all(not (a.get("src") or "").startswith("x") for t, a in page.tags if t == "img")


def test_partial_run_says_why_it_has_no_signature(factory: ModuleType, tmp_path: Path) -> None:
    html = render_report(load_run(factory.make_run(tmp_path / "run", status="partial")))
    said = "lvb-smoke v1 partial: no signature, id:0f1e2d3c4b5a</code> --limit 6 of 12 videos"
    assert said in html
    assert 'data-copy="signature"' not in html


def test_failures_stand_with_code_and_reason(run_folder: Path) -> None:
    html = render_report(load_run(run_folder))
    assert "<code>video_truncated</code>" in html
    assert "the file ends after 12.1 of 20.0 s" in html


def test_player_only_where_the_file_is_within_reach(run_folder: Path, tmp_path: Path) -> None:
    run = load_run(run_folder)
    assert "<video" not in render_report(run)
    clips = tmp_path / "my clips"
    clips.mkdir()
    (clips / "clip_0.mp4").write_bytes(b"")
    page = _Page(render_report(run, videos=clips))
    assert [a["src"] for t, a in page.tags if t == "video"] == ["../my%20clips/clip_0.mp4"]


@pytest.mark.parametrize("thumbnails", [True, False])
def test_filmstrips_are_embedded_where_there_are_any(
    factory: ModuleType, tmp_path: Path, thumbnails: bool
) -> None:
    folder = factory.make_run(tmp_path / "run", thumbnails=thumbnails)
    html = render_report(load_run(folder))
    assert html.count("data:image/jpeg;base64,") == (5 if thumbnails else 0)
