from __future__ import annotations

import threading

import pytest
import torch

from lvbench.reference.sampling.side_by_side import SideBySide, parted

CPU, META = torch.device("cpu"), torch.device("meta")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_parts_are_the_batch_in_order_and_alike_in_size(count: int) -> None:
    items = list(range(count))
    parts = parted(items, CPU)
    assert [item for part in parts for item in part] == items
    assert len(parts) == (1 if count < 2 else 2)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert parted(items, META) == [items]


def test_every_part_has_one_thread_and_results_keep_their_order() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    met = threading.Barrier(2, timeout=60)

    def work(part: int) -> tuple[int, int]:
        met.wait()  # passes where two parts are worked on at a time
        return part, torch.get_num_threads()

    with SideBySide(CPU, 2) as side_by_side:
        assert side_by_side.each(work, [5, 3]) == [(5, 1), (3, 1)]
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_what_goes_wrong_in_a_part_is_raised() -> None:
    with SideBySide(CPU, 2) as side_by_side, pytest.raises(ZeroDivisionError):
        side_by_side.each(lambda part: 1 // part, [1, 0])


def test_elsewhere_than_on_a_processor_all_stays_in_its_thread() -> None:
    with SideBySide(META, 1) as side_by_side:
        found = side_by_side.each(lambda _: threading.current_thread(), [0])
    assert found == [threading.current_thread()]
