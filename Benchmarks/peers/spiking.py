"""The work of SpikingBenchmarks.swift in SpikingJelly and snnTorch: python spiking.py NAME prints one line of JSON."""
import torch

from timing import report, timed

torch.manual_seed(1)
STEPS, BATCH, NEURONS = 100, 64, 512


def current():
    """Input currents that make the neurons fire now and then."""
    return torch.rand(STEPS, BATCH, NEURONS).mul_(2).requires_grad_()


def spikingjelly():
    from spikingjelly.activation_based import functional, neuron, surrogate

    layer = neuron.LIFNode(tau=2.0, surrogate_function=surrogate.ATan(), detach_reset=True, step_mode="m")
    x = current()

    def body():
        functional.reset_net(layer)
        layer(x).sum().backward()
        x.grad = None

    return timed(5, body)


def snntorch():
    import snntorch as snn
    from snntorch import surrogate

    layer = snn.Leaky(beta=0.5, spike_grad=surrogate.atan(), reset_mechanism="zero")
    x = current()

    def body():
        membrane = layer.reset_mem()
        total = 0
        for step in range(STEPS):
            spikes, membrane = layer(x[step], membrane)
            total = total + spikes.sum()
        total.backward()
        x.grad = None

    return timed(3, body)


def data(inputs, classes):
    """Spikes of which a twentieth is one, [T, B, N], and labels."""
    return (torch.rand(STEPS, BATCH, inputs) < 0.05).float(), torch.arange(BATCH) % classes


def trained(model, spikes, labels, readout, times):
    """A training step: reset, forward, loss, backward, Adam."""
    from spikingjelly.activation_based import functional

    optimiser = torch.optim.Adam(model.parameters())

    def body():
        functional.reset_net(model)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(readout(model(spikes)), labels).backward()
        optimiser.step()

    return timed(times, body)


def step():
    from spikingjelly.activation_based import layer, neuron, surrogate

    def lif():
        return neuron.LIFNode(
            tau=2.0, surrogate_function=surrogate.ATan(), detach_reset=True, step_mode="m")

    model = torch.nn.Sequential(
        layer.Linear(700, 256, bias=False, step_mode="m"), lif(),
        layer.Linear(256, 256, bias=False, step_mode="m"), lif(),
        layer.Linear(256, 20, bias=False, step_mode="m"))
    return trained(model, *data(700, 20), lambda y: y.mean(0), 7)


class Delayed(torch.nn.Module):
    """Synapses with learned delays over [T, B, N], by the dcls package."""

    def __init__(self, inputs, outputs, length=25):
        super().__init__()
        from DCLS.construct.modules import Dcls1d

        self.length = length
        self.dcls = Dcls1d(
            inputs, outputs, kernel_count=1, groups=1, dilated_kernel_size=length, bias=False, version="gauss")

    def forward(self, x):
        x = torch.nn.functional.pad(x.permute(1, 2, 0), (self.length - 1, (self.length - 1) // 2))
        return self.dcls(x).permute(2, 0, 1)


class Normalised(torch.nn.Module):
    """Batch normalisation of channels over time and batch."""

    def __init__(self, channels):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(channels)

    def forward(self, x):
        return self.norm(x.flatten(0, 1)).reshape(x.shape)


def delays():
    from spikingjelly.activation_based import neuron, surrogate

    def lif(threshold=1.0):
        return neuron.LIFNode(
            tau=1.005, decay_input=False, v_threshold=threshold, surrogate_function=surrogate.ATan(5.0),
            detach_reset=True, step_mode="m", store_v_seq=threshold > 1)

    readout = lif(1e9)
    model = torch.nn.Sequential(
        Delayed(700, 256), Normalised(256), lif(), Delayed(256, 256), Normalised(256), lif(), Delayed(256, 20),
        readout)
    return trained(model, *data(700, 20), lambda _: readout.v_seq.softmax(-1).sum(0), 3)


report({
    "lif-spikingjelly": spikingjelly, "lif-snntorch": snntorch, "spiking-step": step, "learned-delays": delays})
