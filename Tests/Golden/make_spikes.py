"""Makes files/hdf5/: small HDF5 files as h5py writes them, spike trains in the SHD layout and hostile files.

Needs numpy and h5py. Run in this folder; the tests read what it wrote and know its formulas.
"""
import os

import h5py
import numpy as np

os.makedirs("files/hdf5", exist_ok=True)
os.chdir("files/hdf5")


def ramp(dtype, *shape):
    """Element i (row-major) is i / 4 - 1, rounded down for whole numbers, modulo 256 without a sign."""
    values = np.arange(np.prod(shape, dtype=int)) / 4 - 1
    return (np.floor(values).astype(np.int64) if np.issubdtype(dtype, np.integer) else values).astype(dtype).reshape(shape)


with h5py.File("kinds.h5", "w") as file:
    numbers = file.create_group("numbers")
    for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f8", ">i4"]:
        numbers[code.replace(">", "big_")] = ramp(np.dtype(code), 2, 3)
    numbers["bool"] = np.array([True, False, True])
    numbers["scalar"] = np.float64(2.5)
    numbers["empty"] = np.zeros((0, 3), np.float32)
    numbers["null"] = h5py.Empty("f4")
    numbers["deep"] = ramp(np.float32, 2, 3, 4, 5)
    numbers["complex"] = np.array([1 + 2j, 3 - 4j], np.complex64)
    numbers["too_large"] = np.array([1, 300, -1], np.int32)
    numbers["fractions"] = np.array([1.0, 2.5], np.float64)
    numbers["special"] = np.array([np.inf, -np.inf, np.nan, 1e300], np.float64)
    numbers.create_dataset("packed", data=ramp(np.float32, 100, 7), chunks=(16, 7), compression="gzip", shuffle=True)
    numbers.create_dataset("lzf", data=ramp(np.int32, 50), chunks=(10,), compression="lzf")
    records = np.zeros(3, dtype=[("x", "i2"), ("y", "i2"), ("t", "i8"), ("p", "?")])
    records["x"], records["t"], records["p"] = [1, 2, 3], [10, 20, 1 << 40], [True, False, True]
    file["records"] = records
    texts = file.create_group("texts")
    texts["variable"] = ["null", "eins", "zwölf", ""]
    texts["fixed"] = np.array([b"zero", b"one", b"seventeen"])
    texts["scalar"] = "Grüße"
    texts["table"] = np.array([[b"a", b"b"], [b"c", b"d"]])
    rows = file.create_dataset("rows/half", (3,), dtype=h5py.vlen_dtype(np.float16))
    for index, row in enumerate([[0.5, 1.25], [], [3.0]]):
        rows[index] = np.array(row, np.float16)
    rows = file.create_dataset("rows/whole", (2,), dtype=h5py.vlen_dtype(np.int32), chunks=(1,))
    rows[0], rows[1] = [1, 2, 3], [70000]
    file.attrs["title"] = "made by h5py"
    file.attrs["version"] = np.int32(7)
    file.attrs["matrix"] = ramp(np.float64, 2, 2)
    file.attrs["bytes"] = np.bytes_(b"fixed")
    file.attrs["names"] = ["a", "bc"]
    file.attrs["on"] = True
    file["numbers/f4"].attrs["unit"] = "mV"
    file["link"] = h5py.SoftLink("/numbers/f8")
    file["dangling"] = h5py.SoftLink("/nothing")
    file["outside"] = h5py.ExternalLink("/etc/passwd", "/")

with h5py.File("references.h5", "w") as file:
    for name in ["a/b", "c"]:
        file[name] = [1.0]
    file["table"] = np.array([file["c"].ref, file["a/b"].ref, file["a"].ref], dtype=h5py.ref_dtype)
    file["broken"] = np.array([h5py.Reference()], dtype=h5py.ref_dtype)
    file["c"].attrs["table"] = file["a/b"].ref

with open("raw.bin", "wb") as raw:
    raw.write(b"secret!!" * 2)
with h5py.File("hostile.h5", "w") as file:
    file.create_dataset("external", (2,), np.float64, external=[("raw.bin", 0, 16)])
    file.create_dataset("sparse", (1 << 20, 1 << 20), np.float64, chunks=(64, 64))
    file.create_dataset("huge_chunk", (1 << 28,), np.float64, chunks=(1 << 28,))
    layout = h5py.VirtualLayout((2,), np.float64)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", (2,))
    file.create_virtual_dataset("virtual", layout)
    file["loop"] = file["/"]
os.remove("raw.bin")


def spike_file(name, seed, samples):
    """The layout of SHD and SSC (Cramer et al., 2022): sample i has 5 + i spikes; label i mod 4; speaker i mod 3."""
    generator = np.random.default_rng(seed)
    with h5py.File(name, "w") as file:
        times = file.create_dataset("spikes/times", (samples,), dtype=h5py.vlen_dtype(np.float16))
        units = file.create_dataset("spikes/units", (samples,), dtype=h5py.vlen_dtype(np.uint16))
        for index in range(samples):
            times[index] = np.sort(np.arange(5 + index) / 16).astype(np.float16)
            units[index] = (np.arange(5 + index) * 97 % 700).astype(np.uint16)
        file["labels"] = (np.arange(samples) % 4).astype(np.uint16)
        file["extra/speaker"] = (np.arange(samples) % 3).astype(np.uint16)
        file["extra/keys"] = np.array([b"zero", b"one", b"null", b"eins"])
        file["extra/meta_info/gender"] = np.array([b"male", b"female", b"male"])
        file["extra/meta_info/age"] = np.array([25, 30, 41], np.uint16)


spike_file("shd.h5", 1, 6)


def membrane():
    """Sieroka, Dosch and Rupp's membrane by the closed form of the phase's integral, with SciPy's Bessel functions."""
    from scipy import special

    a, alpha, c0, damping, h, m = 3500, 3.0, 1e9, 0.15, 0.1, 0.05
    r = damping * np.sqrt(c0 * m)

    def xi(w, x):
        return c0 * np.exp(-alpha * x) - a - m * w**2 - 1j * w * r * np.exp(-alpha * x / 2)

    def g(w, x):
        return w * np.sqrt(1 / (h * xi(w, x)))

    def phase(w, x):
        k = np.sqrt(a + m * w**2)
        top = 2 * np.sqrt(xi(w, 0)) - 1j * (2 * a + w * (2 * m * w + 1j * r)) / k
        rx = r * np.exp(-alpha * x / 2)
        bottom = np.exp(alpha * x / 2) * (2 * np.sqrt(xi(w, x)) - 1j * (2 * a + w * (2 * m * w + 1j * rx)) / k)
        return 2 * g(w, 0) / alpha - 2j * w / (alpha * k * np.sqrt(h)) * np.log(top / bottom)

    def pressure(w, x):
        return np.sqrt(phase(w, x) / g(w, x)) * special.hankel1(0, phase(w, x))

    def velocity(w, x):
        k = 2 * w / alpha * np.sqrt(2 / (h * c0))
        z = np.sqrt(2 * c0 / h) * (1j * special.j0(k) + special.y0(k)) / (special.j1(k) - 1j * special.y1(k))
        return 2 * w / xi(w, x) * pressure(w, x) / pressure(w, 0.0) * z

    hertz, places = [150.0, 400.0, 1000.0, 2500.0, 6000.0], [0, 100, 200, 300, 400, 500, 600, 699]
    return {"hertz": hertz, "channels": places, "magnitude": [
        [float(abs(velocity(2 * np.pi * f, c * 3.5 / 699))) for c in places] for f in hertz]}


def mel_bands():
    """Log energies of a chirp in 140 mel bands, by NumPy alone."""
    rate, width, hop, bands, length = 16000, 400, 160, 140, 2048
    t = np.arange(8000) / rate
    sound = (0.5 * np.sin(2 * np.pi * (200 * t + 3000 * t**2))).astype(np.float32).astype(np.float64)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(width) + 0.5) / width)
    frames = np.stack([sound[i:i + width] * window for i in range(0, len(sound) - width + 1, hop)])
    power = np.abs(np.fft.rfft(frames, length))**2
    mel = lambda f: 2595 * np.log10(1 + f / 700)
    edges = 700 * (10**(np.linspace(mel(50), mel(rate / 2), bands + 2) / 2595) - 1)
    f = np.arange(length // 2 + 1) * rate / length
    triangles = np.stack([np.maximum(0, np.minimum((f - l) / (p - l), (r - f) / (r - p)))
                          for l, p, r in zip(edges, edges[1:], edges[2:])])
    values = np.log(power @ triangles.T + 1e-6)
    return {"frames": len(values), "sum": float(values.sum()), "row20": [float(v) for v in values[20]]}


import json

with open("speech.json", "w") as file:
    json.dump({"membrane": membrane(), "mel": mel_bands()}, file)
