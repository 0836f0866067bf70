"""Makes plasticity.json: weights of single plastic synapses as NEST and Brian2 compute them.

Needs nest-simulator, brian2 and numpy (made with NEST 3.10.0 and Brian2 2.9.0). Run in this folder.

All spikes lie on a grid of 1 ms and the delays are whole milliseconds, so that many spikes meet at the synapse.
"""
import json

import brian2 as b
import nest
import numpy as np

b.prefs.codegen.target = "numpy"
nest.verbosity = nest.VerbosityLevel.ERROR
random = np.random.default_rng(3)
DURATION = 1500


def train(rate):
    """Poisson spikes on the grid, none before 10 ms."""
    times = np.arange(10, DURATION)
    return [float(t) for t in times[random.random(len(times)) < rate / 1000]]


def nest_weights(model, parameters, pre, post, delay, start, tau_minus=None, tau_minus_triplet=None):
    """The weights that the presynaptic spikes are transmitted with."""
    nest.ResetKernel()
    nest.resolution = 0.1
    neurons = nest.Create("parrot_neuron", 2)
    if tau_minus is not None:
        neurons[1].tau_minus = tau_minus
    if tau_minus_triplet is not None:
        neurons[1].tau_minus_triplet = tau_minus_triplet
    # A generator's spike reaches its neuron, which fires at once, 1 ms later.
    for neuron, times in ((neurons[0], pre), (neurons[1], post)):
        generator = nest.Create("spike_generator", params={"spike_times": [t - 1 for t in times]})
        nest.Connect(generator, neuron, syn_spec={"delay": 1.0})
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "synapse", {"weight_recorder": recorder})
    # Parrots do not fire for what comes in at port 1.
    nest.Connect(
        neurons[0], neurons[1],
        syn_spec={"synapse_model": "synapse", "weight": start, "delay": delay, "receptor_type": 1, **parameters})
    nest.Simulate(DURATION + 50.0)
    weights = [float(w) for w in recorder.events["weights"]]
    assert len(weights) == len(pre)
    return weights


def brian_weights(equations, on_pre, on_post, names, pre, post, delay, start):
    """The weight after every step in which a spike reached the synapse."""
    b.start_scope()
    b.defaultclock.dt = 1 * b.ms
    source = b.SpikeGeneratorGroup(1, [0] * len(pre), np.array(pre) * b.ms)
    target = b.SpikeGeneratorGroup(1, [0] * len(post), np.array(post) * b.ms)
    synapse = b.Synapses(source, target, equations, on_pre=on_pre, on_post=on_post, namespace=names, method="exact")
    synapse.connect()
    synapse.w = start
    synapse.post.delay = delay * b.ms
    monitor = b.StateMonitor(synapse, "w", record=True, when="end")
    net = b.Network(source, target, synapse, monitor)
    net.run((DURATION + 50) * b.ms)
    times = sorted({int(t) for t in pre} | {int(t + delay) for t in post})
    return times, [float(monitor.w[0][t]) for t in times]


cases = []


def nest_case(name, model, parameters, rule, delay, start, rates=(50, 50), **constants):
    # The first spike is the source's: to NEST's nearest rule a source that never fired has fired at 0.
    pre, post = [5.0] + train(rates[0]), train(rates[1])
    weights = nest_weights(model, parameters, pre, post, delay, start, **constants)
    cases.append({"name": name, "simulator": "NEST", "rule": rule, "presynaptic": pre, "postsynaptic": post,
                  "delay": delay, "start": start, "transmitted": weights})


def pair(lam, alpha, mu_plus, mu_minus, top, tau_plus, tau_minus):
    parameters = {"lambda": lam, "alpha": alpha, "mu_plus": mu_plus, "mu_minus": mu_minus, "Wmax": top,
                  "tau_plus": tau_plus}
    rule = {"potentiation": lam * top, "depression": alpha * lam * top, "potentiationExponent": mu_plus,
            "depressionExponent": mu_minus, "upper": top, "potentiationTimeConstant": tau_plus,
            "depressionTimeConstant": tau_minus}
    return parameters, rule


for name, exponents in (("additive", (0.0, 0.0)), ("multiplicative", (1.0, 1.0)), ("power", (0.4, 0.7)),
                        ("depression", (0.0, 1.0))):
    parameters, rule = pair(0.06, 1.1, *exponents, 2.5, 16.8, 33.7)
    nest_case(f"pair {name}", "stdp_synapse", parameters, rule, 1.0, 1.2, tau_minus=33.7)
parameters, rule = pair(0.3, 1.0, 0.0, 0.0, 1.0, 20.0, 20.0)
nest_case("pair at its bounds", "stdp_synapse", parameters, rule, 4.0, 0.5, rates=(60, 60), tau_minus=20.0)
parameters, rule = pair(0.06, 1.1, 0.0, 0.0, 2.5, 16.8, 33.7)
nest_case("pair nearest", "stdp_nn_symm_synapse", parameters, {**rule, "nearest": True}, 2.0, 1.2, tau_minus=33.7)

for name, a in (("visual cortex", (5e-10, 6.2e-3, 7e-3, 2.3e-4, 101.0, 125.0)),
                ("hippocampal culture", (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946.0, 27.0))):
    parameters = {"Aplus": a[0], "Aplus_triplet": a[1], "Aminus": a[2], "Aminus_triplet": a[3], "tau_plus": 16.8,
                  "tau_plus_triplet": a[4], "Wmax": 100.0}
    nest_case(f"triplet {name}", "stdp_triplet_synapse", parameters, {}, 1.0, 1.0, rates=(40, 40), tau_minus=33.7,
              tau_minus_triplet=a[5])

parameters = {"eta": 0.05, "alpha": 0.12, "tau": 20.0, "Wmax": 100.0}
nest_case("inhibitory", "vogels_sprekeler_synapse", parameters, {}, 1.0, 1.0, tau_minus=20.0)

for name, u, rec, fac in (("depressing", 0.5, 800.0, 0.0), ("facilitating", 0.05, 130.0, 530.0), ("mixed", 0.25, 300.0, 200.0)):
    nest_case(f"short-term {name}", "tsodyks2_synapse", {"U": u, "u": u, "x": 1.0, "tau_rec": rec, "tau_fac": fac},
              {"utilisation": u, "recovery": rec, "facilitation": fac}, 1.0, 1.0, rates=(30, 1))

names = {"tp": 16.8 * b.ms, "tm": 33.7 * b.ms, "ap": 0.05, "am": 0.055}
pre, post = train(40), train(40)
times, weights = brian_weights(
    "w : 1\ndx/dt = -x/tp : 1 (event-driven)\ndy/dt = -y/tm : 1 (event-driven)",
    "w = clip(w - am*y, 0, 1)\nx += 1", "w = clip(w + ap*x, 0, 1)\ny += 1", names, pre, post, 2, 0.5)
cases.append({"name": "pair potentiating coincidence", "simulator": "Brian2", "rule": {}, "presynaptic": pre,
              "postsynaptic": post, "delay": 2, "start": 0.5, "times": times, "weights": weights})

names = {"tp": 16.8 * b.ms, "tx": 714 * b.ms, "tm": 33.7 * b.ms, "ty": 40 * b.ms, "a2p": 8.8e-11, "a3p": 5.3e-2,
         "a2m": 6.6e-3, "a3m": 3.1e-3}
pre, post = train(30), train(30)
times, weights = brian_weights(
    """w : 1
    dr1/dt = -r1/tp : 1 (event-driven)
    dr2/dt = -r2/tx : 1 (event-driven)
    do1/dt = -o1/tm : 1 (event-driven)
    do2/dt = -o2/ty : 1 (event-driven)""",
    "w -= o1*(a2m + a3m*r2)\nr1 = 1\nr2 = 1", "w += r1*(a2p + a3p*o2)\no1 = 1\no2 = 1", names, pre, post, 0, 1.0)
cases.append({"name": "triplet nearest potentiating coincidence", "simulator": "Brian2", "rule": {},
              "presynaptic": pre, "postsynaptic": post, "delay": 0, "start": 1.0, "times": times, "weights": weights})

with open("plasticity.json", "w") as file:
    json.dump({"nest": nest.__version__, "brian2": b.__version__, "cases": cases}, file, indent=0)
    file.write("\n")
for case in cases:
    values = case.get("transmitted") or case["weights"]
    print(case["name"], len(values), min(values), max(values), values[-1])
