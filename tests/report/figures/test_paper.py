from __future__ import annotations

from pathlib import Path
from types import ModuleType

from lvbench.report.figures.over_time import over_time
from lvbench.report.figures.paper import write_figures
from lvbench.results.run import load_run


def test_vector_files_of_both_widths_repeat_byte_for_byte(run_folder: Path, tmp_path: Path) -> None:
    run = load_run(run_folder)
    first, second = (write_figures(over_time(run), run.record, tmp_path / name) for name in "ab")
    assert [p.name for p in first] == [
        "over_time_column.pdf", "over_time_column.svg", "over_time_page.pdf", "over_time_page.svg",
    ]  # fmt: skip
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert first[0].read_bytes().startswith(b"%PDF")
    assert b"/FontFile2" in first[0].read_bytes()
    assert 'width="237.6pt"' in first[1].read_text("utf-8")
    assert 'width="489.6pt"' in first[3].read_text("utf-8")


def test_no_panels_write_no_files(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=1))
    assert write_figures(over_time(run), run.record, tmp_path / "figures") == []
