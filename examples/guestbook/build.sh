#!/bin/sh
# Rebuilds guestbook.wasm. Needs Node.js and npm, which fetches the compiler that package-lock.json names.
set -eu
cd "$(dirname "$0")"
npm ci --silent --no-audit --no-fund
npx asc assembly/guestbook.ts --outFile guestbook.wasm -Osize --runtime stub --use abort=assembly/wasi/abort
