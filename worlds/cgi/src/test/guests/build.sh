#!/bin/sh
# Builds the guests of the tests. Needs clang and lld with a WASI sysroot (Debian: clang lld wasi-libc libclang-rt-dev-wasm32).
set -eu
cd "$(dirname "$0")"
for guest in probe hello; do
    clang --target=wasm32-wasi -Oz -Wall -Wl,--strip-all -o "../resources/$guest.wasm" "$guest.c"
done
