#!/usr/bin/env bash
# Our benchmarks beside their peers, in one run: times, medians and ratios.
# The peers live in a virtual environment of their own; where it cannot be made, ours run alone.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${CAJAL_BENCH_VENV:-.venv}

if ! "$venv/bin/python" -c 'import torch, numpy, spikingjelly, snntorch, DCLS' 2>/dev/null; then
  echo "Making $venv with PyTorch, NumPy, SpikingJelly, snnTorch and dcls (once; some gigabytes)" >&2
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet torch numpy spikingjelly snntorch dcls; } >&2; then
    echo "The peers could not be installed: only ours will be measured" >&2
    exec .build/release/cajal bench "$@"
  fi
fi
exec .build/release/cajal bench --python "$venv/bin/python" "$@"
