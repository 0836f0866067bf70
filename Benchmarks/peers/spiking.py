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


report({"lif-spikingjelly": spikingjelly, "lif-snntorch": snntorch})
