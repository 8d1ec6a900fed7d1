from __future__ import annotations

import threading

import pytest
import torch

from lvbench.reference.sampling.parallel import ParallelParts, split_batch

CPU, META = torch.device("cpu"), torch.device("meta")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_parts_are_the_batch_in_order_and_alike_in_size(count: int) -> None:
    items = list(range(count))
    parts = split_batch(items, CPU)
    assert [item for part in parts for item in part] == items
    assert len(parts) == (1 if count < 2 else 2)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert split_batch(items, META) == [items]


def test_every_part_has_one_thread_and_results_keep_their_order() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    met = threading.Barrier(2, timeout=60)

    def work(part: int) -> tuple[int, int]:
        met.wait()  # passes where two parts are worked on at a time
        return part, torch.get_num_threads()

    with ParallelParts(CPU, 2) as parallel:
        assert parallel.each(work, [5, 3]) == [(5, 1), (3, 1)]
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_what_goes_wrong_in_a_part_is_raised() -> None:
    with ParallelParts(CPU, 2) as parallel, pytest.raises(ZeroDivisionError):
        parallel.each(lambda part: 1 // part, [1, 0])


def test_elsewhere_than_on_a_processor_all_stays_in_its_thread() -> None:
    with ParallelParts(META, 1) as parallel:
        found = parallel.each(lambda _: threading.current_thread(), [0])
    assert found == [threading.current_thread()]
