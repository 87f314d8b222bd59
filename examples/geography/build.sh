#!/bin/sh
# Rebuilds greeting.wasm. Needs clang with wasm32 and wasm-ld (Debian: clang lld).
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang --target=wasm32 -Os -std=c11 -Wall -Wextra -Werror -ffreestanding -c -o "$object" greeting.c
wasm-ld --no-entry --strip-all -z stack-size=4096 --stack-first -o greeting.wasm "$object"
