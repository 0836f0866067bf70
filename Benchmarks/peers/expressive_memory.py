"""The work of ExpressiveMemoryBenchmarks.swift in PyTorch: a neuron with a scripted loop over time, as its authors train it."""
import math
from typing import Tuple

import torch
from torch import nn

from timing import report, timed

torch.manual_seed(1)


class Neuron(nn.Module):
    """Traces of all synapses, sums of branches, memory units written by a network with one hidden layer."""

    def __init__(self, inputs, branches, per_branch, units, outputs, longest, step=1.0, lam=5.0):
        super().__init__()
        self.branches, self.per_branch, self.units, self.lam, self.step = branches, per_branch, units, lam, step
        self.p_s = nn.Parameter(torch.full((branches * per_branch,), 0.5))
        tau = torch.logspace(math.log10(1 + 1e-6), math.log10(longest - 1e-3), units)
        self.register_buffer("p_m", torch.log((tau - 1) / (longest - tau)))
        self.longest = float(longest)
        self.mlp = nn.Sequential(nn.Linear(branches + units, 2 * units), nn.ReLU(), nn.Linear(2 * units, units))
        self.readout = nn.Linear(units, outputs)
        order = torch.arange(inputs) // 2 + (torch.arange(inputs) % 2) * (inputs // 2)
        stride = -(-inputs // branches)
        place = (torch.arange(branches)[:, None] * stride + torch.arange(per_branch)).flatten()
        self.register_buffer("index", order[place.clamp(max=inputs - 1)])
        self.register_buffer("valid", (place < inputs).float())

    @torch.jit.export
    def advance(self, x, s, m, w, kappa_s: float, kappa_m):
        s = kappa_s * s + w * x
        b = s.view(s.size(0), self.branches, self.per_branch).sum(dim=2)
        decayed = kappa_m * m
        change = 1.7159 * torch.tanh(2.0 / 3.0 * self.mlp(torch.cat([b, decayed], dim=1)))
        return s, decayed + self.lam * (1 - kappa_m) * change

    def forward(self, x):
        batch, steps = x.size(0), x.size(1)
        w = torch.relu(self.p_s)
        kappa_s = math.exp(-self.step / 5.0)
        kappa_m = torch.exp(-self.step / (1.0 + (self.longest - 1.0) * torch.sigmoid(self.p_m)))
        s = torch.zeros(batch, self.branches * self.per_branch)
        m = torch.zeros(batch, self.units)
        routed = x[:, :, self.index] * self.valid
        outputs = []
        for t in range(steps):
            s, m = self.advance(routed[:, t], s, m, w, kappa_s, kappa_m)
            outputs.append(self.readout(m))
        return torch.stack(outputs, dim=1)


def recordings(units):
    """A training step on 500 ms of a cortical neuron's input, eight windows."""
    def run():
        model = torch.jit.script(Neuron(1278, 45, 100, units, 2, 150))
        optimiser = torch.optim.Adam(model.parameters(), lr=5e-4)
        kind = torch.cat([torch.full((639,), 0.025), torch.full((639,), 0.015)])
        sign = torch.cat([torch.ones(639), -torch.ones(639)])
        x = (torch.rand(8, 500, 1278) < kind).float() * sign
        spikes = (torch.rand(8, 500) < 0.005).float()
        voltage = torch.randn(8, 500)
        cross = nn.BCEWithLogitsLoss()

        def step():
            optimiser.zero_grad()
            y = model(x)
            loss = 0.5 * cross(y[..., 0], spikes) + 0.5 * ((y[..., 1] - voltage) ** 2).mean()
            loss.backward()
            optimiser.step()

        # Scripts are compiled in the first calls.
        step()
        step()
        return timed(5, step)
    return run


def sums():
    """A training step on the sums of spoken digits: 200 steps of 10 ms, 700 channels, batch of 8."""
    model = torch.jit.script(Neuron(700, 700, 1, 100, 19, 500, step=10.0))
    optimiser = torch.optim.Adamax(model.parameters(), lr=5e-3)
    x = (torch.rand(8, 200, 700) < 0.05).float()
    labels = torch.arange(8)
    cross = nn.CrossEntropyLoss()

    def step():
        optimiser.zero_grad()
        cross(model(x)[:, -1], labels).backward()
        optimiser.step()

    step()
    step()
    return timed(5, step)


report({"elm-recordings": recordings(15), "elm-recordings-100": recordings(100), "elm-sums": sums})
