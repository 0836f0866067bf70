"""What the simulators are asked about: the networks' constants, and numbers of spikes and weights."""
import numpy as np

# Brette and others (2007), J. Comput. Neurosci. 23: benchmarks 1 (COBA) and 2 (CUBA), after Vogels and Abbott (2005).
# Milliseconds and millivolts; conductances in units of the leak conductance, 10 nS.
MEMBRANE, EXCITATORY, INHIBITORY, REFRACTORY, STEP = 20.0, 5.0, 10.0, 5.0, 0.1
THRESHOLD, RESET = -50.0, -60.0
CUBA = {"rest": -49.0, "excitatory": 60 * 0.27 / 10, "inhibitory": -20 * 4.5 / 10}
COBA = {"rest": -60.0, "excitatory": 0.6, "inhibitory": 6.7, "reversals": (0.0, -80.0)}
LEAK = 10.0  # nS
CAPACITANCE = LEAK * MEMBRANE  # pF
# Each neuron has 2 % of 4,000 partners; larger networks keep the number.
INDEGREE = 80
# Song, Miller and Abbott (2000): sources of 15 Hz onto one neuron. The published largest weight, for 1,000 sources, is 0.01;
# divided by the number of sources alone the neuron would fire at 4 instead of 27 Hz, as many weak inputs fluctuate less.
STDP = {
    "membrane": 10.0, "excitatory": 5.0, "rest": -74.0, "threshold": -54.0, "reset": -60.0, "rate": 15.0,
    "largest": lambda sources: 0.01 * 1000 / sources * (1 if sources == 1000 else 1.75), "trace": 20.0, "step": 0.01, "depression": 1.05}


def of_spikes(neurons, times, count, duration):
    """Spikes, mean rate in Hz, and the mean coefficient of variation of neurons with at least five spikes; `times` and
    `duration` in seconds."""
    order = np.lexsort((times, neurons))
    neurons, times = np.asarray(neurons)[order], np.asarray(times)[order]
    edges = np.searchsorted(neurons, np.arange(neurons.min(), neurons.max() + 2)) if len(neurons) else [0]
    variations = []
    for start, end in zip(edges[:-1], edges[1:]):
        if end - start >= 5:
            intervals = np.diff(times[start:end])
            variations.append(intervals.std() / intervals.mean())
    variation = {"mean CV of intervals": float(np.mean(variations))} if variations else {}
    return {"spikes": len(times), "mean rate, Hz": len(times) / count / duration, **variation}


def of_rates(rates):
    """Mean rate of networks drawn anew, how much it differs between them, in Hz, and how many fell silent (a COBA network
    does, now and then, behind the drive that starts it); those are left out of the mean."""
    active = [rate for rate in rates if rate >= 1]
    notes = {"networks that fell silent": len(rates) - len(active)}
    if active:
        notes["mean rate of networks, Hz"] = float(np.mean(active))
    if len(active) > 1:
        notes["rate between networks, sd, Hz"] = float(np.std(active, ddof=1))
    return notes


def of_weights(weights, largest):
    """Mean of the weights as a share of the largest, how many lie at the ends, and Sarle's coefficient of bimodality
    (5/9 for a uniform distribution, 1 for two points)."""
    share = np.asarray(weights) / largest
    centred = share - share.mean()
    variance = (centred**2).mean()
    skewness, kurtosis = (centred**3).mean() / variance**1.5, (centred**4).mean() / variance**2
    return {
        "mean weight": float(share.mean()), "weights below a tenth": float((share < 0.1).mean()),
        "weights above nine tenths": float((share > 0.9).mean()),
        "bimodality": float((skewness**2 + 1) / kurtosis)}
