"""Makes files/: small arrays and weights written by NumPy, PyTorch and safetensors, and hostile files.

Needs numpy, torch and safetensors. Run in this folder; the tests read what it wrote and know its formulas.
"""
import collections
import os
import pickle
import zipfile

import numpy as np
import safetensors.torch
import torch

os.makedirs("files", exist_ok=True)
os.chdir("files")


def ramp(dtype, *shape):
    """Element i (row-major) is i / 4 - 1, rounded down for whole numbers."""
    return np.floor(np.arange(np.prod(shape)) / 4 - 1).astype(dtype).reshape(shape) if np.issubdtype(
        dtype, np.integer) else (np.arange(np.prod(shape)) / 4 - 1).astype(dtype).reshape(shape)


arrays = {
    "f8": ramp(np.float64, 2, 3), "f4": ramp(np.float32, 4), "f2": ramp(np.float16, 2, 2), "i8": ramp(np.int64, 3),
    "i2": ramp(np.int16, 5), "u1": np.arange(6, dtype=np.uint8), "u2": np.array([1, 65535], np.uint16),
    "b1": np.array([True, False, True]), "c8": np.array([1 + 2j], np.complex64), "empty": np.zeros((0, 3), np.float32),
    "scalar": np.float64(2.5),
}
np.savez("numpy.npz", **arrays)
np.savez_compressed("numpy_compressed.npz", **arrays)
np.save("fortran.npy", np.asfortranarray(ramp(np.float32, 2, 3)))
np.save("big_endian.npy", ramp(np.float64, 2, 3).astype(">f8"))
np.save("object.npy", np.array([{}, 1], dtype=object), allow_pickle=True)


def t(*shape, dtype=torch.float32):
    return (torch.arange(int(np.prod(shape))) / 4 - 1).to(dtype).reshape(shape)


base = t(4, 6)
state = collections.OrderedDict([
    ("conv.weight", t(2, 3)), ("conv.bias", torch.nn.Parameter(t(2))), ("half", t(3, dtype=torch.float16)),
    ("bf16", t(3, dtype=torch.bfloat16)), ("steps", torch.tensor(7)), ("mask", torch.tensor([True, False])),
    ("view", base[1:3, ::2]), ("transposed", base.t()), ("none", torch.zeros(0, 2)),
])
checkpoint = {"epoch": 3, "lr": 0.1, "state_dict": state, "history": [t(2), "text", None, (t(1),)]}
torch.save(checkpoint, "torch.pt")
torch.save(checkpoint, "torch_legacy.pt", _use_new_zipfile_serialization=False)
torch.save(t(2, 2), "torch_single.pt")


class Hostile:
    def __reduce__(self):
        return (os.system, ("true",))


torch.save({"weight": Hostile()}, "hostile.pt")
with open("hostile_plain.pt", "wb") as file:
    pickle.dump(Hostile(), file, protocol=2)
safetensors.torch.save_file(
    {"a": t(2, 3), "b": t(4, dtype=torch.bfloat16), "c": torch.tensor([1, 2, 3])}, "weights.safetensors",
    metadata={"made": "by safetensors"})
