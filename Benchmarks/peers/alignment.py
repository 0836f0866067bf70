"""The work of AlignmentBenchmarks.swift in SciPy: python alignment.py NAME prints one line of JSON."""
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from timing import report, timed

random = np.random.default_rng(1)
neurons = 2_000


def populations(samples):
    causes = random.normal(size=(samples, 40))
    return [causes @ random.normal(size=(40, neurons)) + 3 * random.normal(size=(samples, neurons)) for _ in range(2)]


def matching():
    a, b = populations(1_000)
    standard = [(x - x.mean(0)) / x.std(0) for x in (a, b)]
    correlations = standard[0].T @ standard[1] / len(a)
    return timed(5, lambda: linear_sum_assignment(correlations, maximize=True))


def similarity():
    a, b = populations(1_000)
    return timed(3, lambda: spearmanr(pdist(a, "correlation"), pdist(b, "correlation")))


WORK = {"hungarian-matching": matching, "representational-similarity": similarity}
report(WORK)
