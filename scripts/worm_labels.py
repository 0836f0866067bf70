"""Turns the table of identified neurons that the Flavell laboratory publishes (NeuroPAL_labels_dict.jld2, a file of Julia) into
labels.csv, which `cajal run worm-recordings --data` reads beside the recordings.

Usage: python3 worm_labels.py NeuroPAL_labels_dict.jld2 labels.csv        (needs h5py)
"""
import csv
import sys

import h5py


def main(source, target):
    with h5py.File(source) as file:

        def value(x):
            while isinstance(x, h5py.Reference):
                x = file[x][()]
            return x.decode() if isinstance(x, bytes) else x

        def pairs(x):
            return {value(value(p)["first"]): value(value(p)["second"]) for p in value(x).flat}

        recordings = pairs(pairs(file["NeuroPAL_labels"][()])["dict_match_dict"])
        rows = []
        for recording, lists in recordings.items():
            for entry in value(lists["1"]).flat:
                entry = value(entry)
                label = pairs(entry["second"])
                rows.append([recording, int(value(entry["first"])), label["label"], float(label["confidence"])])
    with open(target, "w", newline="") as file:
        writer = csv.writer(file)
        # Columns are counted from 1.
        writer.writerow(["recording", "column", "name", "confidence"])
        writer.writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
