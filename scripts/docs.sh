#!/usr/bin/env bash
# The API documentation as static pages, by the toolchain's own DocC.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-docs/api}
graphs=.build/symbol-graphs
docc=$(command -v docc || echo "$(dirname "$(readlink -f "$(command -v swift)")")/docc")
[ -x "$docc" ] || { echo "docc is missing: it comes with the Swift toolchain" >&2; exit 1; }

rm -rf "$graphs" "$out"
mkdir -p "$graphs" "$out"
swift build --product cajal -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs" \
  --scratch-path .build/docs >/dev/null
for room in Support Tensors Statistics Datasets Recordings Neurons Control Models Probing Decomposition Alignment Circuits Figures StudyCore Reading; do
  mkdir -p "$graphs/$room"
  mv "$graphs/$room".symbols.json "$graphs/$room@"*.symbols.json "$graphs/$room/" 2>/dev/null || true
  "$docc" convert --additional-symbol-graph-dir "$graphs/$room" --fallback-display-name "$room" \
    --fallback-bundle-identifier "cajal.$room" --transform-for-static-hosting --hosting-base-path "$room" \
    --output-path "$out/$room" >/dev/null
  echo "$out/$room"
done
echo "Serve them with 'python3 -m http.server -d $out' and open /ROOM/documentation/room/."
