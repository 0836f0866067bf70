"""The networks of SimulatorBenchmarks.swift in NEST."""
import os
import resource
import time

os.environ["PYNEST_QUIET"] = "1"  # nothing but the result is printed
import nest
import numpy as np

import simulator_statistics as networks

def peak():
    """The largest resident memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def reset(threads, seed):
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = networks.STEP
    nest.local_num_threads = threads
    nest.rng_seed = seed


def measured(describe, threads, duration, repetitions=3):
    """Builds and runs several times, each a network drawn anew. Seconds of each loop, notes, what `describe` gave last (a
    recorder first), and how many spikes were fired: preparing (buffers, tables of targets) counts as building."""
    before, loops, buildings, spikes = peak(), [], [], []
    for seed in range(1, repetitions + 1):
        reset(threads, seed)
        start = time.perf_counter()
        made = describe(seed)
        nest.Prepare()
        middle = time.perf_counter()
        nest.Run(duration * 1000)
        loops.append(time.perf_counter() - middle)
        buildings.append(middle - start)
        spikes.append(made[0].n_events)
        nest.Cleanup()
    return loops, {"building, s": float(np.median(buildings)), "memory over start, MiB": (peak() - before) / 2**20}, made, spikes


def population(kind, count, seed):
    """Vogels-Abbott neurons with start values within their range."""
    constants = networks.CUBA if kind == "cuba" else networks.COBA
    parameters = {
        "C_m": networks.CAPACITANCE, "E_L": constants["rest"], "V_th": networks.THRESHOLD, "V_reset": networks.RESET,
        "t_ref": networks.REFRACTORY, "tau_syn_ex": networks.EXCITATORY, "tau_syn_in": networks.INHIBITORY}
    if kind == "cuba":
        start = nest.random.uniform(networks.RESET, networks.THRESHOLD)
        return nest.Create("iaf_psc_exp", count, {**parameters, "tau_m": networks.MEMBRANE, "V_m": start})
    neurons = nest.Create("iaf_cond_exp", count, {
        **parameters, "g_L": networks.LEAK, "E_ex": constants["reversals"][0], "E_in": constants["reversals"][1]})
    neurons.V_m = nest.random.normal(constants["rest"] - 5, 5)
    # The drive that starts activity, which then sustains itself, comes as one spike of its own weight to each neuron:
    # start values of conductances are not taken.
    draw = np.random.default_rng(seed)
    starter = nest.Create("spike_generator", params={"spike_times": [networks.STEP]})
    for mean, spread, sign in ((4, 1.5, 1), (20, 12, -1)):
        weights = sign * networks.LEAK * np.maximum(0, draw.normal(mean, spread, (count, 1)))
        nest.Connect(starter, neurons, "all_to_all", {"weight": weights, "delay": networks.STEP})
    return neurons


def network(kind, count=4000, fixed=False, threads=1, duration=1.0):
    """The network: four fifths excite; pairs are joined at random, or every neuron has the same number of partners."""
    constants = networks.CUBA if kind == "cuba" else networks.COBA
    scale = networks.CAPACITANCE / networks.MEMBRANE if kind == "cuba" else networks.LEAK
    sign = 1 if kind == "cuba" else -1

    def describe(seed):
        neurons = population(kind, count, seed)
        split = count * 4 // 5
        for part, share, weight in (
                (neurons[:split], 0.8, constants["excitatory"]), (neurons[split:], 0.2, sign * constants["inhibitory"])):
            rule = (
                {"rule": "fixed_indegree", "indegree": int(networks.INDEGREE * share), "allow_multapses": False}
                if fixed else {"rule": "pairwise_bernoulli", "p": networks.INDEGREE / count})
            nest.Connect(part, neurons, rule, {"weight": weight * scale, "delay": networks.STEP})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neurons, recorder)
        return (recorder,)

    loops, notes, (recorder,), spikes = measured(describe, threads, duration, 5 if count == 4000 else 3)
    events = recorder.get("events")
    notes.update(networks.of_spikes(events["senders"], events["times"] / 1000, count, duration))
    notes.update(networks.of_rates(np.array(spikes) / count / duration))
    return loops, notes, peak()


def plastic(sources, targets, threads=1, duration=100.0):
    """Poisson sources with plastic synapses onto every target."""
    constants = networks.STDP
    leak = networks.CAPACITANCE / constants["membrane"]
    largest = constants["largest"](sources) * leak

    def describe(_):
        neurons = nest.Create("iaf_cond_exp", targets, {
            "C_m": networks.CAPACITANCE, "g_L": leak, "E_L": constants["rest"], "V_m": constants["rest"],
            "V_th": constants["threshold"], "V_reset": constants["reset"], "E_ex": 0.0, "t_ref": 0.0,
            "tau_syn_ex": constants["excitatory"], "tau_minus": constants["trace"]})
        source = nest.Create("poisson_generator", params={"rate": constants["rate"]})
        # Each parrot repeats a train of its own.
        parrots = nest.Create("parrot_neuron", sources)
        nest.Connect(source, parrots, syn_spec={"delay": networks.STEP})
        nest.Connect(parrots, neurons, "all_to_all", {
            "synapse_model": "stdp_synapse", "delay": networks.STEP, "weight": nest.random.uniform(0.0, largest),
            "Wmax": largest, "lambda": constants["step"], "alpha": constants["depression"],
            "tau_plus": constants["trace"], "mu_plus": 0.0, "mu_minus": 0.0})
        recorder = nest.Create("spike_recorder")
        nest.Connect(neurons, recorder)
        return recorder, nest.GetDefaults("stdp_synapse", "sizeof")

    loops, notes, (recorder, size), _ = measured(describe, threads, duration, 1)
    events = recorder.get("events")
    notes.update(networks.of_spikes(events["senders"], events["times"] / 1000, targets, duration))
    largest_memory = peak()  # before the weights, which become objects of Python
    weights = nest.GetConnections(synapse_model="stdp_synapse").get("weight")
    notes.update(networks.of_weights(weights, largest))
    notes["declared size of a synapse, bytes"] = size
    return loops, notes, largest_memory
