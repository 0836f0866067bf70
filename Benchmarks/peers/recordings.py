"""The work of RecordingBenchmarks.swift in Elephant and NumPy: python recordings.py NAME prints one line of JSON."""
import numpy as np

from timing import report, timed

random = np.random.default_rng(1)
DURATION = 600.0


def trains(units, rate):
    return [np.sort(random.uniform(0, DURATION, int(rate * DURATION))) for _ in range(units)]


def as_neo(times):
    import neo
    import quantities as pq

    return [neo.SpikeTrain(t * pq.s, t_stop=DURATION * pq.s) for t in times]


def correlograms():
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain
    from elephant.spike_train_correlation import cross_correlation_histogram

    neo_trains = as_neo(trains(20, 10))

    def body():
        binned = [BinnedSpikeTrain(t, bin_size=1 * pq.ms, tolerance=None) for t in neo_trains]
        for i, a in enumerate(binned):
            for b in binned[i:]:
                cross_correlation_histogram(a, b, window=[-50, 50])

    return timed(2, body)


def correlograms_numpy():
    times = trains(20, 10)
    edges = (np.arange(102) - 50.5) * 0.001

    def body():
        for i, a in enumerate(times):
            for b in times[i:]:
                first = np.searchsorted(b, a - 0.0505)
                last = np.searchsorted(b, a + 0.0505)
                counts = last - first
                starts = np.repeat(first - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
                lags = b[starts + np.arange(counts.sum())] - np.repeat(a, counts)
                np.histogram(lags, edges)

    return timed(5, body)


def binning():
    import quantities as pq
    from elephant.conversion import BinnedSpikeTrain

    neo_trains = as_neo(trains(200, 20))
    return timed(3, lambda: BinnedSpikeTrain(neo_trains, bin_size=20 * pq.ms, tolerance=1e-8).to_array())


def binning_numpy():
    times = trains(200, 20)
    edges = np.linspace(0, DURATION, 30_001)
    return timed(5, lambda: np.stack([np.histogram(t, edges)[0] for t in times], axis=1))


WORK = {
    "spike-correlograms": correlograms, "spike-correlograms-numpy": correlograms_numpy, "spike-binning": binning,
    "spike-binning-numpy": binning_numpy,
}
report(WORK)
