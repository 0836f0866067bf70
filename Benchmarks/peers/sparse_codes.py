"""The work of SparseCodeBenchmarks.swift in NumPy: python sparse_codes.py NAME prints one line of JSON."""
import numpy as np

from timing import report, timed

random = np.random.default_rng(1)


def codes(count, bits=2048, active=40):
    dense = np.zeros((count, bits), np.uint8)
    for row in dense:
        row[random.choice(bits, active, replace=False)] = 1
    return np.packbits(dense, axis=1, bitorder="little").view(np.uint64)


def overlaps(stored, query):
    return np.bitwise_count(stored & query).sum(axis=1, dtype=np.int32)


def many():
    stored, queries = codes(20_000), codes(64)
    return timed(5, lambda: [overlaps(stored, query) for query in queries])


def single():
    stored, queries = codes(1_000), codes(100)
    return timed(15, lambda: [overlaps(stored, query) for query in queries])


def union():
    stored, queries = codes(20_000), codes(64)

    def body():
        unions = np.bitwise_or.reduce(stored.reshape(-1, 10, stored.shape[1]), axis=1)
        return [overlaps(unions, query) for query in queries]

    return timed(15, body)


WORK = {"sdr-overlap": many, "sdr-overlap-single": single, "sdr-union": union}
report(WORK)
