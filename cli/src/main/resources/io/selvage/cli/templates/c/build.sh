#!/bin/sh
# Builds @NAME@.wasm. Needs clang with a WASI libc: set WASI_SDK_PATH to a wasi-sdk, or on Debian
# apt install clang lld wasi-libc libclang-rt-dev-wasm32
set -eu
cd "$(dirname "$0")"
if [ -n "${WASI_SDK_PATH:-}" ]; then
    clang=$WASI_SDK_PATH/bin/clang
else
    clang=clang
fi
"$clang" --target=wasm32-wasi -O2 -Wall -Wextra -o @NAME@.wasm main.c
echo "built @NAME@.wasm"
