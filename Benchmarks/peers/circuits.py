"""The work of CircuitBenchmarks.swift in NumPy and SciPy: python circuits.py NAME prints one line of JSON."""
import numpy as np
from scipy.optimize import minimize

from timing import report, timed

N = 48
ALPHA, GAMMA = 1.0, 0.6
angles = np.arange(N) * np.pi / N
difference = angles[:, None] - angles[None, :]
drive = 0.1 + np.exp(2 * (np.cos(2 * difference) - 1))
kernel = np.exp(3 * (np.cos(2 * difference) - 1))
weights = 0.9 * kernel / kernel.sum(1, keepdims=True)
decoder = np.eye(N) - weights


def cost(gains, p):
    system = np.eye(N) - weights * gains
    r = np.linalg.solve(system, drive)
    error = drive - decoder @ r
    value = (p * (error**2).sum(0)).sum() + ALPHA * (p * (r**2).sum(0)).sum() + GAMMA * ((gains - 1) ** 2).sum()
    slope = (-2 * decoder.T @ error + 2 * ALPHA * r) * p
    adjoint = np.linalg.solve(system.T, slope)
    return value, ((weights.T @ adjoint) * r).sum(1) + 2 * GAMMA * (gains - 1)


def gains():
    def all_contexts():
        for adapter in range(20):
            p = np.full(N, 0.65 / (N - 1))
            p[adapter] = 0.35
            minimize(cost, np.ones(N), args=(p,), jac=True, method="L-BFGS-B", bounds=[(0, None)] * N,
                     options={"ftol": 1e-15, "gtol": 1e-8, "maxiter": 1000})
    return timed(5, all_contexts)


report({"gain-adaptation": gains})
