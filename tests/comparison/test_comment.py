from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from lvbench.comparison.comment import COMMENT_BYTES, comparison_markdown, marker
from lvbench.comparison.compare import Comparison, compare
from lvbench.comparison.github import workflow_commands
from lvbench.comparison.html import comparison_page
from lvbench.comparison.record import comparison_record
from lvbench.comparison.terminal import comparison_terminal
from lvbench.errors import UsageError

HOSTILE = (
    "a|b `c` <img src=x onerror=alert(1)> @octocat https://evil.example ![x](y) \x1b[31m \u202ekcab"
)
MakeHostile = Callable[[int], Comparison]


@pytest.fixture
def hostile(factory: ModuleType, tmp_path: Path) -> MakeHostile:
    """Return a function that compares runs of so many scores; every text in them is hostile."""

    def make(scores: int) -> Comparison:
        folders = [tmp_path / f"{side}{scores}" for side in ("base", "head")]
        for folder in folders:
            factory.make_run(folder, videos=12, title=HOSTILE, thumbnails=False)
            content = json.loads((folder / "run.json").read_text("utf-8"))
            seam = content["scores"]["seam"] | {"unit": HOSTILE}
            content["scores"] |= {f"plugin{i:04d}{HOSTILE}": seam for i in range(scores)}
            content["status"], content["reasons"] = "partial", [HOSTILE] * 50
            (folder / "run.json").write_text(json.dumps(content), "utf-8")
            for file in (folder / "items").glob("*.json"):
                item = json.loads(file.read_text("utf-8"))
                names = (f"plugin{i:04d}{HOSTILE}" for i in range(scores))
                item["metrics"] |= dict.fromkeys(names, item["metrics"]["seam"])
                item["video"]["id"] += HOSTILE if folder == folders[0] else ""
                file.write_text(json.dumps(item), "utf-8")
        # Paired by the names that are left the same: the rest is listed as without a partner.
        for file in sorted((folders[1] / "items").glob("*.json"))[:10]:
            item = json.loads(file.read_text("utf-8"))
            item["video"]["id"] += HOSTILE
            file.write_text(json.dumps(item), "utf-8")
        return compare(*folders)

    return make


def test_hostile_text_is_shown_and_does_nothing(hostile: MakeHostile) -> None:
    text = comparison_markdown(hostile(2))
    assert text.startswith("<!-- lvbench-compare: lvb-smoke -->\n")
    tags = set(re.findall(r"<[^>]*>", text))
    assert tags <= {
        "<!-- lvbench-compare: lvb-smoke -->", "<details>", "</details>", "<summary>",
        "</summary>", "<sub>", "</sub>", "<br>",
    }  # fmt: skip
    for live in ("@octocat", "https://", "![x](", "\x1b", "\u202e", " `c`"):
        assert live not in text
    headings = "| Score | Base | Head |"
    for table in text.split("\n\n"):
        if table.startswith(headings):
            bars = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(bars) == 1


@pytest.mark.parametrize("limit", [COMMENT_BYTES, 20_000])
def test_long_comment_is_cut_between_rows_and_says_so(hostile: MakeHostile, limit: int) -> None:
    found = hostile(400)
    whole = comparison_markdown(found, limit=10**7)
    text = comparison_markdown(found, limit=limit)
    assert len(whole.encode()) > COMMENT_BYTES
    assert limit - 1500 < len(text.encode()) <= limit
    for tag in ("details", "summary", "sub"):
        assert text.count(f"<{tag}>") == text.count(f"</{tag}>")
    left = int(re.search(r"(\d+) of \d+ rows, the least worse, are left out", text)[1])
    kept = [line for line in text.splitlines() if line.startswith("| ")]
    assert set(kept) <= set(whole.splitlines())
    assert len(whole.splitlines()) - len(text.splitlines()) >= left - 2


def test_name_cannot_leave_its_marker() -> None:
    assert marker("lvb-60s.v1") == "<!-- lvbench-compare: lvb-60s.v1 -->"
    for wrong in ("", "a -->", "a\nb", "x" * 65):
        with pytest.raises(UsageError):
            marker(wrong)


def test_mismatch_marks_every_output(factory: ModuleType, tmp_path: Path) -> None:
    base = factory.make_run(tmp_path / "base", thumbnails=False)
    head = factory.make_run(tmp_path / "head", protocol_hash="f" * 64, thumbnails=False)
    found = compare(base, head, allow_mismatch=True)
    assert "**protocols differ**" in comparison_markdown(found).split("| Score")[0]
    assert "though the protocols differ" in comparison_terminal(found).splitlines()[-1]
    assert any("protocols differ" in command for command in workflow_commands(found))
    assert comparison_record(found)["mismatched"] == ["hash"]
    assert "protocols differ</span>" in comparison_page(found)
