"""Makes files/events/: small recordings of event cameras in the field's formats.

Needs numpy, h5py and (for AEDAT 4) dv-processing; run it in this folder. Event i is at x = 7 i mod 34, y = 5 i mod 30,
polarity i mod 3 > 0, and 1000 + 13 i µs, for i below 500.
"""
import os
import struct

import numpy as np

os.makedirs("files/events", exist_ok=True)
os.chdir("files/events")
i = np.arange(500)
x, y, p, t = 7 * i % 34, 5 * i % 30, (i % 3 > 0).astype(np.uint8), 1000 + 13 * i


def aedat3(name, version="3.1"):
    """Packets of 200 events (the last event of each is invalid and doubled later) between packets of another type."""
    with open(name, "wb") as file:
        file.write(f"#!AER-DAT{version}\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n".encode())
        for start in range(0, 500, 200):
            part = slice(start, min(start + 200, 500))
            body = b"".join(struct.pack("<Ii", int(x[k]) << 17 | int(y[k]) << 2 | int(p[k]) << 1 | 1, int(t[k]))
                            for k in range(part.start, part.stop))
            body += struct.pack("<Ii", 99 << 17 | 99 << 2, int(t[part.stop - 1]))  # not valid
            count = part.stop - part.start
            file.write(struct.pack("<hhiiiiii", 1, 1, 8, 4, 0, count + 1, count + 1, count) + body)
            file.write(struct.pack("<hhiiiiii", 0, 1, 8, 4, 0, 1, 1, 1) + struct.pack("<Ii", 3, int(t[part.stop - 1])))


aedat3("dvs.aedat")
with open("dvs_labels.csv", "w") as file:
    file.write("class,startTime_usec,endTime_usec\n2,1000,2000\n11,3000,4300\n")
with open("nmnist.bin", "wb") as file:
    for k in range(500):
        if k == 250:  # the counter's overflow, 8192 µs
            file.write(bytes([0, 240, 0, 0, 0]))
        time = int(t[k])
        file.write(bytes([x[k], y[k], int(p[k]) << 7 | time >> 16, time >> 8 & 255, time & 255]))
np.savez("events.npz", x=x.astype(np.int16), y=y.astype(np.int16), p=p, t=t.astype(np.int64))
records = np.zeros(500, dtype=[("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "?")])
records["t"], records["x"], records["y"], records["p"] = t, x, y, p
np.save("events.npy", records)

try:
    import h5py
    with h5py.File("events.h5", "w") as file:
        for name, values in [("x", x.astype(np.uint16)), ("y", y.astype(np.uint16)), ("p", p), ("t", t.astype(np.uint32))]:
            file.create_dataset(f"events/{name}", data=values, compression="gzip")
        file["t_offset"] = np.int64(5_000_000)
        file.attrs["sensor_resolution"] = [34, 40]
    with h5py.File("records.h5", "w") as file:
        file["events"] = records
except ImportError:
    print("without h5py no HDF5 files")
try:
    import dv_processing as dv
    for name, compression in [("none", dv.CompressionType.NONE), ("lz4", dv.CompressionType.LZ4),
                              ("zstd", dv.CompressionType.ZSTD)]:
        config = dv.io.MonoCameraWriter.Config("DVXplorer_test", compression)
        config.addEventStream((40, 34))
        writer = dv.io.MonoCameraWriter(f"{name}.aedat4", config)
        for start in range(0, 500, 200):
            store = dv.EventStore()
            for k in range(start, min(start + 200, 500)):
                store.push_back(int(t[k]), int(x[k]), int(y[k]), bool(p[k]))
            writer.writeEvents(store)
        del writer
except ImportError:
    print("without dv-processing no AEDAT 4 files")
