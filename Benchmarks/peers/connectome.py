"""The work of ConnectomeBenchmarks.swift in TensorLy: python connectome.py NAME prints one line of JSON."""
import numpy as np
from tensorly.cp_tensor import CPTensor
from tensorly.decomposition import non_negative_parafac_hals

from timing import report, timed


def digits(value):
    return value - np.floor(value)


def factors(shape, rank, steps):
    return [
        digits(np.outer(np.arange(1, size + 1), np.arange(1, rank + 1)) * step)
        for size, step in zip(shape, steps)
    ]


def factorise(shape, rank, repetitions):
    planted = [np.maximum(0, f - 0.5) for f in factors(shape, rank, [0.6180339887, 0.4142135624, 0.7320508076])]
    tensor = np.einsum("ar,br,cr->abc", *planted)
    tensor += 0.05 * digits(np.arange(1, tensor.size + 1) * 0.7548776662).reshape(shape)
    start = [0.1 + 0.9 * f for f in factors(shape, rank, [0.5698402910, 0.2360679775, 0.1231056256])]

    def body():
        begin = CPTensor((np.ones(rank), [f.copy() for f in start]))
        return non_negative_parafac_hals(
            tensor, rank, n_iter_max=100, init=begin, tol=1e-7, cvg_criterion="abs_rec_error", return_errors=True)

    return body, repetitions


WORK = {
    "ntf": lambda: timed(*reversed(factorise((240, 12, 780), 5, 3))),
    "ntf-large": lambda: timed(*reversed(factorise((240, 20, 1770), 8, 1))),
}
if __name__ == "__main__":
    report(WORK)
