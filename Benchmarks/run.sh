#!/usr/bin/env bash
# Our benchmarks beside their peers, in one run: times, medians and ratios.
# The peers live in a virtual environment of their own; where it cannot be made, ours run alone.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${CAJAL_BENCH_VENV:-.venv}

if ! "$venv/bin/python" -c 'import torch, numpy, spikingjelly, snntorch, DCLS, llama_cpp, transformers, brian2, nest, mujoco' >/dev/null 2>&1; then
  echo "Making $venv with PyTorch, NumPy, SpikingJelly, snnTorch, dcls, transformers, Brian2, NEST, MuJoCo and llama.cpp, which is compiled (once; some gigabytes)" >&2
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet \
    torch 'numpy<2.4' spikingjelly snntorch dcls transformers brian2 nest-simulator mujoco &&
    CMAKE_ARGS=-DGGML_NATIVE=ON "$venv/bin/pip" install --quiet --no-binary llama-cpp-python llama-cpp-python; } >&2; then
    echo "The peers could not be installed: only ours will be measured" >&2
    exec .build/release/cajal bench "$@"
  fi
fi
exec .build/release/cajal bench --python "$venv/bin/python" "$@"
