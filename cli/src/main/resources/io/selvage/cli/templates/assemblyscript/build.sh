#!/bin/sh
# Builds @NAME@.wasm. Needs Node.js and npm, which fetches the compiler that package.json names.
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --silent --no-audit --no-fund
npx asc assembly/main.ts --outFile @NAME@.wasm -Osize --runtime stub --use abort=assembly/wasi/abort
echo "built @NAME@.wasm"
