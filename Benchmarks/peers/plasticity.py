"""The work of PlasticityBenchmarks.swift in Brian2's standalone mode: python plasticity.py NAME prints one line of JSON."""
import os
import tempfile

import brian2 as b
import numpy as np

from timing import report

STEPS, INPUTS, OUTPUTS = 700, 784, 400


def spikes(probability, neurons, random):
    """Indices and times, ms, of spikes in steps of half a millisecond."""
    steps, indices = np.nonzero(random.random((STEPS, neurons)) < probability)
    return indices, steps * 0.5


def pair():
    """Seconds of the loop over all steps, in a program that was compiled before."""
    folder = os.path.join(tempfile.gettempdir(), "cajal-bench-brian2", "stdp-sequences")
    b.set_device("cpp_standalone", build_on_run=False, directory=folder)
    b.prefs.core.default_float_dtype = np.float32
    b.prefs.devices.cpp_standalone.openmp_threads = 0
    b.defaultclock.dt = 0.5 * b.ms
    random = np.random.default_rng(1)
    groups = []
    for probability, neurons in ((0.01, INPUTS), (0.002, OUTPUTS)):
        indices, times = spikes(probability, neurons, random)
        groups.append(b.SpikeGeneratorGroup(neurons, indices, times * b.ms))
    synapses = b.Synapses(
        groups[0], groups[1], """w : 1
        dx/dt = -x / (20*ms) : 1 (event-driven)
        dy/dt = -y / (20*ms) : 1 (event-driven)""",
        on_pre="x += 0.005\nw = clip(w - y, 0, 1)", on_post="y += 0.00525\nw = clip(w + x, 0, 1)")
    synapses.connect()
    synapses.w = "rand()"
    b.Network(*groups, synapses).run(STEPS * 0.5 * b.ms)
    b.device.build(directory=folder, compile=True, run=False, with_output=False)
    seconds = []
    for _ in range(5):
        b.device.run(directory=folder, with_output=False, run_args=[])
        seconds.append(b.device._last_run_time)
    return seconds


report({"stdp-sequences": pair})
