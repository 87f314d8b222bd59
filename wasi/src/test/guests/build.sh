#!/bin/sh
# Builds the guests of the tests: needs clang, lld and wasi-libc (Debian: clang lld wasi-libc libclang-rt-dev-wasm32).
# The built files are committed; run this only when a source has changed.
set -eu
cd "$(dirname "$0")"
flags="--target=wasm32-wasi --sysroot=/usr -Oz -Wall -Wextra -Wno-unused-result -Wl,--strip-all"
for source in *.c; do
    case $source in
        reactor.c) clang $flags -mexec-model=reactor "$source" -o "${source%.c}.wasm" ;;
        unstable.c) clang $flags -nostartfiles "$source" -o "${source%.c}.wasm" ;;
        *) clang $flags "$source" -o "${source%.c}.wasm" ;;
    esac
done
