"""Writes the files of Tests/Golden/files/recordings with PyNWB, SciPy and NumPy, and the numbers that tests expect of them."""
import datetime
import json
import pathlib
import numpy as np
import scipy.io
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.behavior import BehavioralTimeSeries
from pynwb.ecephys import ElectricalSeries
from pynwb.ophys import (DfOverF, ImageSegmentation, OpticalChannel, RoiResponseSeries)

folder = pathlib.Path(__file__).parent / "files" / "recordings"
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(5)
expected = {}


def session(name):
    start = datetime.datetime(2024, 3, 1, 12, tzinfo=datetime.timezone.utc)
    return NWBFile(session_description=name, identifier=name, session_start_time=start)


# Units with electrodes, trials, observed intervals and columns of their own.
nwb = session("units")
device = nwb.create_device("probe")
group = nwb.create_electrode_group("shank", description="a shank", location="CA1", device=device)
for index in range(4):
    nwb.add_electrode(x=float(index), y=20.0 * index, z=0.0, location=["CA1", "CA1", "LP", "VISp"][index], group=group)
nwb.add_unit_column("quality", "how good")
trains = []
for unit in range(3):
    spikes = np.sort(rng.uniform(0, 10, 20 + 10 * unit))
    trains.append(spikes.tolist())
    nwb.add_unit(spike_times=spikes, obs_intervals=[[0.0, 10.0]], electrodes=[unit + 1], quality=["good", "mua", "good"][unit])
nwb.add_trial_column("stimulus", "what was shown")
nwb.add_trial(start_time=1.0, stop_time=2.0, stimulus="left")
nwb.add_trial(start_time=3.0, stop_time=4.5, stimulus="right")
raw = rng.integers(-100, 100, (200, 4)).astype("int16")
region = nwb.create_electrode_table_region([0, 1, 2, 3], "all")
nwb.add_acquisition(ElectricalSeries(name="lfp", data=raw, electrodes=region, rate=50.0, starting_time=0.5, conversion=1e-6))
with NWBHDF5IO(folder / "units.nwb", "w") as io:
    io.write(nwb, cache_spec=False)
expected["units"] = trains
expected["lfp"] = (raw[:3] * 1e-6).tolist()

# Calcium of named regions of interest at irregular times, with behaviour.
nwb = session("calcium")
device = nwb.create_device("microscope")
channel = OpticalChannel(name="green", description="green", emission_lambda=500.0)
plane = nwb.create_imaging_plane(name="plane", optical_channel=channel, description="a plane", device=device,
                                 excitation_lambda=488.0, imaging_rate=3.0, indicator="GCaMP", location="head")
module = nwb.create_processing_module("ophys", "calcium")
segmentation = ImageSegmentation()
cells = segmentation.create_plane_segmentation("cells", plane, name="cells")
cells.add_column("label", "name of the neuron")
for name in ["AVAL", "AVAR", "RIBL"]:
    cells.add_roi(image_mask=np.ones((2, 2)), label=name)
module.add(segmentation)
times = np.cumsum(rng.uniform(0.2, 0.4, 60))
traces = rng.normal(size=(60, 3))
rois = cells.create_roi_table_region("all", region=[0, 1, 2])
module.add(DfOverF(roi_response_series=RoiResponseSeries(name="activity", data=traces, rois=rois, unit="dF/F", timestamps=times)))
behaviour = nwb.create_processing_module("behavior", "movement")
velocity = np.sin(times)
behaviour.add(BehavioralTimeSeries(time_series=TimeSeries("velocity", data=velocity, unit="mm/s", timestamps=times)))
with NWBHDF5IO(folder / "calcium.nwb", "w") as io:
    io.write(nwb, cache_spec=False)
expected["calcium"] = {"times": times.tolist(), "traces": traces.tolist(), "velocity": velocity.tolist()}

# MATLAB, level 5, plain and packed.
trains = np.empty((1, 3), dtype=object)
for unit in range(3):
    trains[0, unit] = np.sort(rng.uniform(0, 5, (4 + unit, 1)), axis=0)
scipy.io.savemat(folder / "cells.mat", {"unit_t": trains}, do_compression=True)
expected["cells"] = [trains[0, unit][:, 0].tolist() for unit in range(3)]
matrix = rng.normal(size=(5, 2))
names = np.array(["AVAL", "RIS", "AB€"], dtype=object)
scipy.io.savemat(folder / "mixed.mat", {
    "traces": matrix, "names": names, "flag": True, "whole": np.arange(6, dtype="int16").reshape(2, 3),
    "worm": {"tv": np.arange(4.0), "note": "a worm", "inner": {"x": 3.0}},
    "wave": np.array([1 + 2j, 3 - 1j]), "cube": np.arange(24.0).reshape(2, 3, 4),
    "sparse": scipy.sparse.csc_matrix(np.diag([1.0, 2.0, 0.0]))})
expected["mixed"] = {"traces": matrix.tolist(), "cube": np.arange(24.0).tolist()}

# NumPy's archives, with names as text.
np.savez_compressed(folder / "traces.npz", activity=matrix.astype("float32"), names=np.array(["α1", "b"]),
                    time=np.array([0.0, 0.1, 0.25, 0.3, 0.5]))
(folder / "expected.json").write_text(json.dumps(expected) + "\n")
