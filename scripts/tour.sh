#!/usr/bin/env bash
# A first run of real studies on real data, and the page that shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
cajal=.build/release/cajal
size=${SIZE:-quick}

for study in sdr-dendrites homeostatic-networks quadratic-networks hebbian-orthogonal-projection; do
  echo
  "$cajal" run "$study" --size "$size"
done
echo
"$cajal" gallery
echo "Open it in a browser; every paper that ran leads to its report."
echo "Next: '$cajal run sdr-dendrites' does the standard size; '$cajal help' lists the rest."
