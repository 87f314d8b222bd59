#!/bin/sh
# Builds the test resources with wabt's wat2wasm and wast2json; the tests themselves need neither.
set -eu
cd "$(dirname "$0")"
out=../resources/io/selvage/cli
for script in right.wast wrong.wast; do
  wast2json "$script" -o "$out/spectest/${script%.wast}.json"
done
# cut.wasm is the beginning of calculator.wasm.
for module in *.wat; do
  wat2wasm --debug-names "$module" -o "$out/modules/${module%.wat}.wasm"
done
head -c 60 "$out/modules/calculator.wasm" > "$out/modules/cut.wasm"
