"""Where the faces are: OpenCV's face detector YuNet."""

from __future__ import annotations

from lvbench.features.faces.faces import FaceExtractor


class YuNet(FaceExtractor):
    """Find the faces of a frame, without embeddings; parameters and values: `FaceExtractor`.

    Source:
        Wu, Peng and Yu, YuNet, Machine Intelligence Research 20 (2023), 656-665;
        cv2.FaceDetectorYN.
    """

    name = "yunet"
