"""The released file follows from the weights byte for byte. Skipped where torch is not installed (training extra)."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training extra is not installed")
pytest.importorskip("onnx", reason="the training extra is not installed")


def test_the_same_weights_make_the_same_bytes_and_they_say_what_the_network_says() -> None:
    import onnxruntime as ort

    from training.mrz.export import graph
    from training.mrz.net import LineNet

    def made() -> tuple[bytes, object]:
        torch.manual_seed(3)
        net = LineNet().eval()
        return graph(net).SerializeToString(deterministic=True), net

    (first, net), (second, _) = made(), made()
    assert first == second
    strips = torch.randn(2, 1, 32, 128)
    with torch.no_grad():
        wanted = net(strips).numpy()  # type: ignore[operator]
    (got,) = ort.InferenceSession(first, providers=["CPUExecutionProvider"]).run(None, {"strips": strips.numpy()})
    assert np.abs(wanted - got).max() < 1e-4
