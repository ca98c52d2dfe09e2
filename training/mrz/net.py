"""The network: strips of height 32 in, log probabilities of 38 classes for every 4 px out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fanal.capture.mrz_model import ALPHABET

CLASSES = len(ALPHABET) + 1
STEP = 4


class _Conv(nn.Sequential):
    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int]
    ):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, pad, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
        )


class _Along(nn.Module):
    """What stands to the left and right of a step, each channel by itself, then mixed; added to what was there."""

    def __init__(self, channels: int, reach: int, dilation: int):
        super().__init__()
        kernel = 2 * reach + 1
        pad = (0, reach * dilation)
        self.depth = nn.Conv2d(
            channels, channels, (1, kernel), padding=pad, dilation=(1, dilation), groups=channels, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.mix_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.mix_norm(self.mix(torch.relu(self.norm(self.depth(x))))))


class LineNet(nn.Module):
    """[batch, 1, 32, width] -> [batch, width / 4, 38]. Fully convolutional: any width that is a multiple of 4."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Sequential(
            _Conv(1, 24, (3, 3), (2, 2), (1, 1)),  # 16 high
            _Conv(24, 48, (3, 3), (2, 2), (1, 1)),  # 8
            _Conv(48, 72, (3, 3), (2, 1), (1, 1)),  # 4
            _Conv(72, 112, (3, 3), (2, 1), (1, 1)),  # 2
            _Conv(112, 160, (2, 3), (1, 1), (0, 1)),  # 1
        )
        self.along = nn.Sequential(_Along(160, 2, 1), _Along(160, 2, 2), _Along(160, 2, 3), _Along(160, 2, 1))
        self.say = nn.Conv2d(160, CLASSES, 1)

    def forward(self, strips: Tensor) -> Tensor:
        scores = self.say(self.along(self.look(strips)))
        return torch.log_softmax(scores.squeeze(2).transpose(1, 2), dim=2)
