"""The memory of a clip of three minutes is that of twenty seconds, torch's allocations included."""

from __future__ import annotations

import subprocess
import sys

# Few tokens and large frames: cheap to sample, and dear to keep. Kept for 180 s, keys and values
# would take 75 MB more than for 20 s, frames as pixels 252 MB, frames as bytes 63 MB.
MAKE = """
import sys
import torch
from lvbench.memory import peak_memory
from lvbench.reference.config import NetworkConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import ClipRequest, generate
from lvbench.reference.sampling.switches import Switches
from lvbench.world.draw import draw_shots, test_seed

torch.set_num_threads(1)
torch.manual_seed(0)
network = LoopNet(NetworkConfig(64, patch=32, width=128, depth=2, heads=2, window=8, reach=1))
shots = draw_shots(1, test_seed(0), 180.0)
wanted = [ClipRequest(shots, number) for number in range(4)]
switches = Switches(steps=1, sink=2, memory=2)
made = sum(part.shape[1] for part in generate(network.eval(), wanted, float(sys.argv[1]), switches))
assert made == round(float(sys.argv[1]) * 8)
print(peak_memory())
"""


def peak(seconds: float) -> int:
    """Return the most memory of a fresh process that streams clips, in bytes."""
    command = [sys.executable, "-c", MAKE, str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_a_long_clip_needs_no_more_memory_than_a_short_one() -> None:
    assert peak(180.0) < 1.1 * peak(20.0)
