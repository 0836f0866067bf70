#!/usr/bin/env bash
# Writes NWB files of several kinds and has PyNWB validate them and read them back. Needs a network once, for PyNWB.
set -euo pipefail
cd "$(dirname "$0")/.."
cajal=.build/release/cajal
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q pynwb
  python="$work/venv/bin/python"
fi
files=Tests/Golden/files/recordings
printf 'unit,time\nA,0.1\nA,0.5\nB,0.25\n' >"$work/spikes.csv"
"$cajal" recording convert "$work/spikes.csv" "$work/spikes.nwb"
"$cajal" recording convert "$files/units.nwb" "$work/units.nwb" --spikes
"$cajal" recording convert "$files/units.nwb" "$work/counts.nwb" --spikes --bin 0.5
"$cajal" recording convert "$files/calcium.nwb" "$work/calcium.nwb" --z
"$cajal" recording convert "$files/traces.npz" "$work/traces.nwb"
"$python" - "$work"/*.nwb <<'EOF'
import sys
import warnings

import pynwb

warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    with pynwb.NWBHDF5IO(path, "r") as io:
        problems = pynwb.validate(io=io)
        session = io.read()
        parts = [f"{len(session.units)} units"] if session.units else []
        parts += [f"{name}: {', '.join(module.data_interfaces)}" for name, module in session.processing.items()]
        parts += [f"{len(session.trials)} trials"] if session.trials else []
    print(path.rsplit("/", 1)[-1], "valid" if not problems else problems, "-", "; ".join(parts))
    if problems:
        sys.exit(1)
EOF
