"""The work of SimulatorBenchmarks.swift in Brian2 and NEST: python simulator.py NAME prints one line of JSON.

NAME is network-WORK-PEER: WORK one of cuba, coba, coba-exponential (Brian2's other method), scaling-NEURONS, stdp,
plastic-memory; PEER one of brian2, brian2-single, nest, nest-threads."""
import json
import re
import subprocess
import sys


def of_network(peer, kind, **options):
    if peer.startswith("nest"):
        import simulator_nest

        return simulator_nest.network(kind, threads=2 if peer == "nest-threads" else 1, **options)
    import simulator_brian2

    return simulator_brian2.network(kind, precision="single" if peer == "brian2-single" else "double", **options)


def of_plasticity(peer, sources, targets, duration):
    if peer.startswith("nest"):
        import simulator_nest

        return simulator_nest.plastic(sources, targets, threads=2 if peer == "nest-threads" else 1, duration=duration)
    import simulator_brian2

    return simulator_brian2.plastic(
        sources, targets, precision="single" if peer == "brian2-single" else "double", duration=duration)


def memory(peer):
    """Bytes of a plastic synapse: what the peak grows by from 100 to 1,100 targets of 1,000 sources, over 0.1 s."""
    results = []
    for targets in (100, 1100):
        name = f"network-plastic-{targets}-{peer}"
        results.append(json.loads(subprocess.run(
            [sys.executable, __file__, name], check=True, capture_output=True, text=True).stdout.splitlines()[-1]))
    grown = results[1]["peakMemory"] - results[0]["peakMemory"]
    return results[1]["seconds"], {"bytes a synapse": grown / 1e6}, results[1]["peakMemory"]


def main(name):
    match = re.fullmatch(
        r"network-(cuba|coba|coba-exponential|stdp|plastic-memory|(?:scaling|plastic)-\d+)-(brian2|brian2-single|nest|nest-threads)", name)
    if not match:
        raise SystemExit(f"no work is called {name}")
    work, peer = match.groups()
    kind, _, number = work.partition("-")
    if work == "plastic-memory":
        result = memory(peer)
    elif kind == "scaling":
        result = of_network(peer, "cuba", count=int(number), fixed=True)
    elif kind == "stdp":
        result = of_plasticity(peer, 10_000, 1, 100.0)
    elif kind == "plastic":
        result = of_plasticity(peer, 1000, int(number), 0.1)
    else:
        result = of_network(peer, work)
    seconds, notes, peak = result
    print(json.dumps({"seconds": seconds, "peakMemory": peak, "notes": notes}))


main(sys.argv[1])
