from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from lvbench.errors import WeightsError
from lvbench.weights.torchscript_tensors import is_torchscript, read_torchscript


class Small(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = torch.nn.Sequential(torch.nn.Conv3d(2, 3, 1), torch.nn.BatchNorm3d(3))
        self.steps = [1, 2]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.stem(x) * self.steps[0]


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Small, Path]:
    torch.manual_seed(0)
    module, path = Small(), tmp_path / "small.pt"
    torch.jit.script(module).save(str(path))
    return module, path


def test_its_tensors_are_the_modules(archive: tuple[Small, Path]) -> None:
    module, path = archive
    tensors = read_torchscript(path)
    assert is_torchscript(path)
    assert set(tensors) == set(module.state_dict())
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(tensors[name], tensor.numpy())


def test_a_checkpoint_of_tensors_is_no_archive_of_code(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(b"no zip")
    assert not is_torchscript(tmp_path / "a.pt")
    assert not is_torchscript(tmp_path / "b.pt")


class _Calls:
    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise SystemExit",)


def test_a_table_that_calls_something_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps(_Calls(), protocol=2))
        archive.writestr("evil/constants.pkl", b"")
    with pytest.raises(WeightsError, match=r"builtin.*exec") as caught:
        read_torchscript(path)
    assert caught.value.code == "weights_unreadable"


def test_a_tensor_past_its_storage_is_refused(archive: tuple[Small, Path], tmp_path: Path) -> None:
    _, path = archive
    cut = tmp_path / "cut.pt"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(cut, "w") as archive_cut:
        for name in whole.namelist():
            data = whole.read(name)
            archive_cut.writestr(name, data[:4] if "/data/" in name else data)
    with pytest.raises(WeightsError, match="past its storage"):
        read_torchscript(cut)


def test_a_file_cut_short_is_refused(archive: tuple[Small, Path], tmp_path: Path) -> None:
    _, path = archive
    cut = tmp_path / "cut.pt"
    cut.write_bytes(io.BytesIO(path.read_bytes()).read(200))
    with pytest.raises(WeightsError):
        read_torchscript(cut)
