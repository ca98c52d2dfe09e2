"""Write the released model: `python -m training.mrz.export DIR/kept.pt --note "..."`.

The graph is built by hand, with the normalisations folded into the convolutions: the same weights give the same bytes,
whatever version of a converter is installed. Beside it goes `mrz.json`, with the digest that the loader checks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from fanal.capture.mrz_model import ALPHABET, STRIP_HEIGHT
from training.mrz.net import CLASSES, STEP, LineNet, _Along

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "src" / "fanal" / "capture" / "mrz_model"


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def weight(self, values: npt.NDArray[np.generic]) -> str:
        name = f"w_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolve(self, x: str, conv: nn.Conv2d, norm: nn.BatchNorm2d | None) -> str:
        kernel, bias = folded(conv, norm)
        rows, columns = (int(p) for p in conv.padding)
        return self.add(
            "Conv",
            [x, self.weight(kernel), self.weight(bias)],
            kernel_shape=list(conv.kernel_size),
            strides=list(conv.stride),
            dilations=list(conv.dilation),
            pads=[rows, columns, rows, columns],
            group=conv.groups,
        )


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d | None) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """A convolution and the normalisation after it as one convolution."""
    kernel = conv.weight.detach().double()
    bias: Tensor = torch.zeros(kernel.shape[0]).double() if conv.bias is None else conv.bias.detach().double()
    if norm is not None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
        kernel = kernel * scale[:, None, None, None]
        bias = (bias - norm.running_mean.double()) * scale + norm.bias.detach().double()
    return kernel.float().contiguous().numpy(), bias.float().numpy()


def graph(net: LineNet) -> onnx.ModelProto:
    g = _Graph()
    x = "strips"
    for layer in net.look:
        x = g.add("Relu", [g.convolve(x, layer[0], layer[1])])
    for layer in net.along:
        assert isinstance(layer, _Along)
        y = g.add("Relu", [g.convolve(x, layer.depth, layer.norm)])
        x = g.add("Relu", [g.add("Add", [x, g.convolve(y, layer.mix, layer.mix_norm)])])
    x = g.convolve(x, net.say, None)
    x = g.add("Squeeze", [x, g.weight(np.asarray([2], np.int64))])
    x = g.add("Transpose", [x], perm=[0, 2, 1])
    g.nodes.append(helper.make_node("LogSoftmax", [x], ["log_probs"], name="log_probs", axis=2))
    strips = helper.make_tensor_value_info("strips", TensorProto.FLOAT, ["batch", 1, STRIP_HEIGHT, "width"])
    log_probs = helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["batch", "steps", CLASSES])
    made = helper.make_graph(g.nodes, "mrz_line", [strips], [log_probs], g.weights)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="fanal", doc_string=""
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, default=RELEASED)
    parser.add_argument("--version", required=True)
    parser.add_argument("--recipe", required=True, help="the command that made the weights")
    parser.add_argument("--seed", type=int, default=9303)
    options = parser.parse_args()
    net = LineNet()
    net.load_state_dict(torch.load(options.weights, weights_only=True))
    net.eval()
    data = graph(net).SerializeToString(deterministic=True)

    probe = torch.randn(2, 1, STRIP_HEIGHT, 640)
    with torch.no_grad():
        wanted = net(probe).numpy()
    (got,) = ort.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {"strips": probe.numpy()})
    assert np.abs(wanted - got).max() < 1e-3, "the written graph is not the network"

    (options.out / "mrz.onnx").write_bytes(data)
    described = {
        "name": "MRZ line recogniser",
        "version": options.version,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "parameters": sum(weight.numel() for weight in net.parameters()),
        "licence": "Apache-2.0",
        "alphabet": ALPHABET,
        "blank": 0,
        "strip_height": STRIP_HEIGHT,
        "capital_height": 21,
        "pitch": 22,
        "step": STEP,
        "normalisation": "(value - mean) / (deviation + 4), for each strip",
        "training": {"recipe": options.recipe, "seed": options.seed, "data": "made lines only (training/mrz)"},
    }
    text = json.dumps(described, indent=2, ensure_ascii=True)
    (options.out / "mrz.json").write_text(text + "\n", "utf-8")
    print(f"{len(data)} bytes, sha256 {described['sha256']}")


if __name__ == "__main__":
    main()
