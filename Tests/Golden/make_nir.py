"""Makes files/nir/: graphs written by the Python package nir, networks exported by snnTorch and SpikingJelly with their outputs,
and the check that files written by Cajal are read by nir.

Needs nir, nirtorch, torch, snntorch and spikingjelly; run it in this folder. `make_nir.py check FILE...` only reads files.
"""
import json
import os
import sys

import nir
import numpy as np

if len(sys.argv) > 2 and sys.argv[1] == "check":
    for path in sys.argv[2:]:
        graph = nir.read(path)
        print(path, {k: type(n).__name__ for k, n in graph.nodes.items()}, graph.edges, graph.metadata)
        for name, node in graph.nodes.items():
            fields = {k: v for k, v in node.to_dict().items() if k not in ("nodes", "edges")}
            print("  ", name, {k: (v.shape, v.dtype, float(np.sum(v))) if isinstance(v, np.ndarray) else v
                               for k, v in fields.items()})
    sys.exit()

import torch

os.makedirs("files/nir", exist_ok=True)
os.chdir("files/nir")


def ramp(*shape, dtype=np.float32):
    """Element i (row-major) is i / 4 - 1."""
    return (np.arange(np.prod(shape, dtype=int)) / 4 - 1).astype(dtype).reshape(shape)


def full(value, *shape):
    return np.full(shape, value, np.float32)


nodes = {
    "input": nir.Input(input_type=np.array([2, 8, 8])),
    "conv": nir.Conv2d(input_shape=(8, 8), weight=ramp(4, 2, 3, 3), stride=(1, 1), padding=(1, 1), dilation=(1, 1),
                       groups=1, bias=ramp(4)),
    "if": nir.IF(r=full(2, 4, 8, 8), v_threshold=full(1, 4, 8, 8), v_reset=full(0.5, 4, 8, 8)),
    "sum": nir.SumPool2d(kernel_size=np.array([2, 2]), stride=np.array([2, 2]), padding=np.array([0, 0])),
    "average": nir.AvgPool2d(kernel_size=np.array([2, 2]), stride=np.array([2, 2]), padding=np.array([0, 0])),
    "flatten": nir.Flatten(input_type={"input": np.array([4, 2, 2])}, start_dim=0, end_dim=-1),
    "affine": nir.Affine(weight=ramp(6, 16, dtype=np.float64), bias=ramp(6, dtype=np.float64)),
    "scale": nir.Scale(scale=ramp(6)),
    "delay": nir.Delay(delay=np.abs(ramp(6))),
    "cuba": nir.CubaLIF(tau_syn=full(0.005, 6), tau_mem=full(0.02, 6), r=full(1, 6), v_leak=full(0, 6),
                        v_threshold=full(1, 6), w_in=2.0),
    "linear": nir.Linear(weight=ramp(3, 6), metadata={"note": "dense", "rate": np.float64(0.5)}),
    "li": nir.LI(tau=full(0.01, 3), r=full(1, 3), v_leak=full(-1, 3)),
    "i": nir.I(r=full(3, 3)),
    "cubali": nir.CubaLI(tau_syn=full(0.005, 3), tau_mem=full(0.01, 3), r=full(1, 3), v_leak=full(0, 3)),
    "threshold": nir.Threshold(threshold=full(0.25, 3)),
    "lif": nir.LIF(tau=full(0.01, 3), r=full(1, 3), v_leak=full(0, 3), v_threshold=full(1, 3)),
    "output": nir.Output(output_type=np.array([3])),
}
names = list(nodes)
nir.write("all.nir", nir.NIRGraph(nodes, list(zip(names, names[1:])), metadata={"made": "by nir"}))
nir.write("conv1d.nir", nir.NIRGraph.from_list(
    nir.Input(np.array([2, 10])),
    nir.Conv1d(input_shape=10, weight=ramp(3, 2, 3), stride=1, padding="same", dilation=1, groups=1, bias=ramp(3)),
    nir.Output(np.array([3, 10]))))
inner = nir.NIRGraph(
    {"input": nir.Input(np.array([3])), "lif": nodes["lif"], "w_rec": nir.Linear(weight=ramp(3, 3)),
     "output": nir.Output(np.array([3]))},
    [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")])
nir.write("nested.nir", nir.NIRGraph(
    {"input": nir.Input(np.array([6])), "fc": nir.Linear(weight=ramp(3, 6)), "rnn": inner,
     "output": nir.Output(np.array([3]))},
    [("input", "fc"), ("fc", "rnn"), ("rnn", "output")]))


def outputs(step, inputs):
    return [[float(v) for v in step(x).flatten()] for x in inputs]


torch.manual_seed(3)
inputs = (torch.rand(40, 1, 12) < 0.3).float()
results = {"input": inputs[:, 0].tolist()}

import snntorch as snn
from snntorch.export_nir import export_to_nir

reset = dict(init_hidden=True, reset_mechanism="zero", reset_delay=False)
net = torch.nn.Sequential(torch.nn.Linear(12, 16), snn.Leaky(beta=torch.full((16,), 0.8), threshold=torch.full((16,), 0.5), **reset),
                          torch.nn.Linear(16, 5, bias=False),
                          snn.Synaptic(alpha=torch.full((5,), 0.7), beta=torch.full((5,), 0.9), threshold=torch.full((5,), 0.4), **reset))
for layer in net[::2]:
    layer.weight.data *= 3
with torch.no_grad():
    nir.write("snntorch.nir", export_to_nir(net, inputs[0], ignore_dims=[0]))
    for layer in net[1::2]:
        layer.reset_hidden() if hasattr(layer, "reset_hidden") else layer.reset_mem()
    results["snntorch"] = outputs(net, inputs)

from spikingjelly.activation_based import functional, neuron, nir_exchange

net = torch.nn.Sequential(torch.nn.Linear(12, 16), neuron.LIFNode(tau=4.0, decay_input=False, v_threshold=0.5),
                          torch.nn.Linear(16, 5), neuron.IFNode())
for layer in net[::2]:
    layer.weight.data *= 3
with torch.no_grad():
    nir.write("spikingjelly.nir", nir_exchange.export_to_nir(net, inputs[0]))
    functional.reset_net(net)
    results["spikingjelly"] = outputs(net, inputs)
print({k: float(np.sum(v)) for k, v in results.items()})
with open("outputs.json", "w") as file:
    json.dump(results, file)
