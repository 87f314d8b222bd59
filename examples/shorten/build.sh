#!/bin/sh
# Rebuilds shorten.wasm. Needs clang with wasm32, wasm-ld and wasi-libc
# (Debian: clang lld wasi-libc libclang-rt-14-dev-wasm32). A wasi-sdk will do as well: clang --sysroot=… .
set -eu
cd "$(dirname "$0")"
object=$(mktemp)
trap 'rm -f "$object"' EXIT
clang --target=wasm32-wasi -Os -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE -c -o "$object" shorten.c
libraries=/usr/lib/wasm32-wasi
builtins=$(clang --target=wasm32-wasi --print-libgcc-file-name)
wasm-ld --strip-all -z stack-size=16384 --stack-first -L"$libraries" -o shorten.wasm \
    "$libraries/crt1-command.o" "$object" -lc "$builtins"
