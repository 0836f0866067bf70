"""The networks of SimulatorBenchmarks.swift in Brian2's standalone mode: generated C++, compiled as Brian2 sets it."""
import glob
import os
import re
import tempfile
import time

import brian2 as b
import numpy as np

import simulator_statistics as networks

class Program:
    """One standalone program: made by `describe()`, compiled, run as processes of their own."""

    def __init__(self, name, precision, threads):
        folder = os.path.join(tempfile.gettempdir(), "cajal-bench-brian2")
        self.folder = os.path.join(folder, f"{name}-{precision}-{threads}")
        b.set_device("cpp_standalone", build_on_run=False, directory=self.folder)
        b.prefs.core.default_float_dtype = np.float32 if precision == "single" else np.float64
        b.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
        b.defaultclock.dt = networks.STEP * b.ms
        b.seed()  # every process draws a network of its own
        # The time at which the loop starts, since the process did: what lies before is building.
        clock = "std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count()"
        b.prefs.codegen.cpp.headers += ["<chrono>", "<cstdio>"]
        b.device.insert_code("before_start", f"const double started = {clock};")
        b.device.insert_code("before_network_run", self.writing("building.txt", f'fprintf(file, "%f", {clock} - started);'))
        # The peak as the process sees it: what it is told of its end includes memory of the Python that started it.
        b.device.insert_code("after_end", self.writing("status.txt", (
            'FILE *status = fopen("/proc/self/status", "r"); for (int c; (c = fgetc(status)) != EOF;) fputc(c, file);')))

    @staticmethod
    def writing(name, statements):
        """C++ that opens a file and writes to it."""
        return f'if (FILE *file = fopen("{name}", "w")) {{ {statements} fclose(file); }}'

    def measure(self, network, duration, repetitions=3):
        """Seconds of each loop, and what else was measured."""
        network.run(duration * b.second, namespace={})
        start = time.perf_counter()
        b.device.build(directory=self.folder, compile=True, run=False, with_output=False)
        compiled = time.perf_counter() - start
        loops, buildings, peaks, spikes = [], [], [], []
        for _ in range(repetitions):
            self.process()
            spikes.append(self.spikes())
            peaks.append(int(re.search(r"VmHWM:\s*(\d+) kB", self.text("status.txt")).group(1)) * 1024)
            loops.append(float(self.text("results", "last_run_info.txt").split()[0]))
            buildings.append(float(self.text("building.txt")))
        b.get_device().has_been_run = True
        notes = {"building, s": float(np.median(buildings)), "generating and compiling, s": compiled}
        return loops, notes, max(peaks), spikes

    def spikes(self):
        """How many the monitor recorded in the last run."""
        file, = glob.glob(os.path.join(self.folder, "results", "_dynamic_array_spikemonitor_i_*"))
        return os.path.getsize(file) // 4

    def text(self, *path):
        with open(os.path.join(self.folder, *path)) as file:
            return file.read()

    def process(self):
        """Runs the program once."""
        results = os.path.join(self.folder, "results", "")
        here = os.getcwd()
        os.chdir(self.folder)
        child = os.posix_spawn("./main", ["./main", "--results_dir", results], os.environ)
        os.chdir(here)
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise RuntimeError(f"{self.folder}/main ended with {status}")


def population(kind, count):
    """Vogels-Abbott neurons with start values within their range."""
    constants = networks.CUBA if kind == "cuba" else networks.COBA
    names = {
        "tau": networks.MEMBRANE * b.ms, "tau_e": networks.EXCITATORY * b.ms, "tau_i": networks.INHIBITORY * b.ms,
        "rest": constants["rest"] * b.mV, "threshold": networks.THRESHOLD * b.mV, "reset": networks.RESET * b.mV}
    if kind == "cuba":
        unit, method, current = "volt", "exact", "ge + gi"
    else:
        method = "euler" if kind == "coba" else "exponential_euler"
        unit, current = "1", "ge * (E_e - v) + gi * (E_i - v)"
        names.update(zip(("E_e", "E_i"), (x * b.mV for x in constants["reversals"])))
    neurons = b.NeuronGroup(
        count,
        f"""dv/dt = (rest - v + {current}) / tau : volt (unless refractory)
        dge/dt = -ge / tau_e : {unit}
        dgi/dt = -gi / tau_i : {unit}""",
        threshold="v > threshold", reset="v = reset", refractory=networks.REFRACTORY * b.ms, method=method,
        namespace=names)
    if kind == "cuba":
        neurons.v = "reset + rand() * (threshold - reset)"
    else:
        # The drive that starts activity, which then sustains itself.
        neurons.v = "rest + (randn() * 5 - 5) * mV"
        neurons.ge = "clip(randn() * 1.5 + 4, 0, 100)"
        neurons.gi = "clip(randn() * 12 + 20, 0, 100)"
    return neurons


def recurrent(kind, count, fixed):
    """The network: four fifths excite; pairs are joined at random, or every neuron has the same number of partners."""
    constants = networks.CUBA if kind == "cuba" else networks.COBA
    neurons = population(kind, count)
    split = count * 4 // 5
    made = [neurons]
    for part, variable, share in ((neurons[:split], "ge", 0.8), (neurons[split:], "gi", 0.2)):
        weight = constants["excitatory" if variable == "ge" else "inhibitory"]
        scaled = weight * b.mV if kind == "cuba" else weight
        synapses = b.Synapses(part, neurons, on_pre=f"{variable} += weight", namespace={"weight": scaled})
        if fixed:
            synapses.connect(i=f"k for k in sample(N_pre, size={int(networks.INDEGREE * share)})")
        else:
            synapses.connect(p=networks.INDEGREE / count)
        made.append(synapses)
    return made


def network(kind, count=4000, fixed=False, precision="double", threads=1, duration=1.0):
    program = Program(f"{kind}-{count}", precision, threads)
    made = recurrent(kind, count, fixed)
    monitor = b.SpikeMonitor(made[0])
    loops, notes, peak, spikes = program.measure(
        b.Network(made, monitor), duration, 5 if count == 4000 else 3)
    notes.update(networks.of_spikes(monitor.i[:], monitor.t[:] / b.second, count, duration))
    notes.update(networks.of_rates(np.array(spikes) / count / duration))
    return loops, notes, peak


def plastic(sources, targets, precision="double", threads=1, duration=100.0, name="stdp"):
    """Poisson sources with plastic synapses onto every target."""
    constants = networks.STDP
    program = Program(f"{name}-{sources}-{targets}", precision, threads)
    largest = constants["largest"](sources)
    names = {
        "tau": constants["membrane"] * b.ms, "tau_e": constants["excitatory"] * b.ms, "rest": constants["rest"] * b.mV,
        "threshold": constants["threshold"] * b.mV, "reset": constants["reset"] * b.mV, "E_e": 0 * b.mV,
        "tau_trace": constants["trace"] * b.ms, "largest": largest, "up": constants["step"] * largest,
        "down": constants["step"] * constants["depression"] * largest}
    source = b.PoissonGroup(sources, rates=constants["rate"] * b.Hz)
    neurons = b.NeuronGroup(
        targets, """dv/dt = (rest - v + ge * (E_e - v)) / tau : volt
        dge/dt = -ge / tau_e : 1""", threshold="v > threshold", reset="v = reset", method="euler", namespace=names)
    neurons.v = "rest"
    synapses = b.Synapses(
        source, neurons, """w : 1
        dbefore/dt = -before / tau_trace : 1 (event-driven)
        dafter/dt = -after / tau_trace : 1 (event-driven)""",
        on_pre="""ge += w
        before += up
        w = clip(w - after, 0, largest)""",
        on_post="""after += down
        w = clip(w + before, 0, largest)""", namespace=names)
    synapses.connect()
    synapses.w = "rand() * largest"
    monitor = b.SpikeMonitor(neurons)
    loops, notes, peak, _ = program.measure(b.Network(source, neurons, synapses, monitor), duration, 1)
    notes.update(networks.of_spikes(monitor.i[:], monitor.t[:] / b.second, targets, duration))
    notes.update(networks.of_weights(synapses.w[:], largest))
    return loops, notes, peak
