#!/bin/sh
# Rebuilds every kernel. Needs clang 14 or newer with wasm32, and wasm-ld (Debian: clang lld).
# Compiles and links in two steps: clang would otherwise run whatever wasm-opt is installed.
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
for source in *.c; do
    clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding \
        -mbulk-memory -msign-ext -mnontrapping-fptoint -c -o "$object" "$source"
    wasm-ld --no-entry --strip-all -z stack-size=65536 --stack-first -o "${source%.c}.wasm" "$object"
done
ls -l ./*.wasm
