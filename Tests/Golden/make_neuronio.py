"""Makes files/neuronio/: one small file in the layout of NeuronIO, as three versions of Python write it. Needs numpy; run in this folder.

Segment i of the excitatory synapses has events at i and 10 i + 3 ms, of the inhibitory ones at 2 i + 1 ms; output spikes at 7 and 31 ms;
voltage at t is -70 + t / 2 mV. Three segments, 40 ms, two simulations (the second one ms later).
"""
import os
import pickle

import numpy as np


class OldPickler(pickle._Pickler):
    """Writes bytes and text as Python 2 did."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_old(self, value):
        data = value if isinstance(value, bytes) else value.encode("latin1")
        if len(data) < 256:
            self.write(b"U" + bytes([len(data)]) + data)
        else:
            self.write(b"T" + len(data).to_bytes(4, "little") + data)
        self.memoize(value)

    dispatch[bytes] = save_old
    dispatch[str] = save_old


def simulation(delay):
    t = np.arange(40)
    return {
        "exInputSpikeTimes": {i: [i + delay, 10 * i + 3 + delay] for i in range(3)},
        "inhInputSpikeTimes": {i: np.array([2 * i + 1 + delay], np.int64) for i in range(3)},
        "outputSpikeTimes": np.array([7.25 + delay, 31.5 + delay]),
        "somaVoltageLowRes": (-70 + t / 2).astype(np.float32),
        "recordingTimeLowRes": t,
    }


data = {
    "Params": {"totalSimDurationInSec": 0.04, "allSegmentsType": np.array(["basal", "apical"], dtype=object).tolist()},
    "Results": {"listOfSingleSimulationDicts": [simulation(0), simulation(1)]},
}
os.makedirs("files/neuronio", exist_ok=True)
with open("files/neuronio/python2.p", "wb") as file:
    OldPickler(file, 2).dump(data)
for protocol in (2, 5):
    with open(f"files/neuronio/protocol{protocol}.p", "wb") as file:
        pickle.dump(data, file, protocol)
