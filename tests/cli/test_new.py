"""`lvbench new` lists what it wrote and the next steps; outside a checkout it states a way."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.cli.main import run
from lvbench.errors import UsageError


def test_a_plugin_is_listed_with_its_next_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "lvbench-mine"
    assert not run(["new", "metric", "my_metric", "--plugin", str(folder)])
    printed = capsys.readouterr().out
    written = [line.split()[1] for line in printed.splitlines() if line.startswith("wrote")]
    assert {Path(path) for path in written} == {p for p in folder.rglob("*") if p.is_file()}
    assert f"1. run: pip install --editable {folder}" in printed
    assert "run: lvbench explain my_metric" in printed


def test_outside_a_checkout_a_protocol_goes_into_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not run(["new", "protocol", "mine"])
    assert [path.name for path in tmp_path.iterdir()] == ["mine-v1.yaml"]
    assert "lvbench plan clips --protocol mine-v1.yaml" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["metric", "generator"])
def test_outside_a_checkout_the_error_names_the_option(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        run(["new", kind, "mine"])
    assert "--plugin FOLDER" in caught.value.fix
    assert not list(tmp_path.iterdir())
