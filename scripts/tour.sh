#!/usr/bin/env bash
# A first run of real studies on real data, and the page that shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
cajal=.build/release/cajal
size=${SIZE:-quick}

for study in sdr-dendrites homeostatic-networks quadratic-networks hebbian-orthogonal-projection hippocampal-cam worm-motor-circuit worm-recordings; do
  echo
  "$cajal" run "$study" --size "$size"
done

echo
echo "A language model, opened: what three of its 46,080 neurons read and write ..."
"$cajal" probe 29/1113 29/1342 29/808 --top 4
echo
echo "... and what becomes of a sentence when one is held at a value:"
"$cajal" perturb "The thing I like most is the" --neurons 29/1113 --do clamp=-30 --site mlp.up \
  --continuation " food" --tokens 12
echo
"$cajal" generate "Once upon a time, there was a little" --tokens 40

echo
"$cajal" gallery
echo "Open it in a browser; every paper that ran leads to its report."
echo "Next: '$cajal run sdr-dendrites' does the standard size; '$cajal help' lists the rest."
