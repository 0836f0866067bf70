"""What every peer does with its work: time it and print one line of JSON."""
import json
import resource
import sys
import time


def timed(repetitions, body):
    """Seconds of each repetition, after one that warms up."""
    body()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        body()
        seconds.append(time.perf_counter() - start)
    return seconds


def report(work):
    """Does the work that the command line names."""
    seconds = work[sys.argv[1]]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peakMemory": peak}))
