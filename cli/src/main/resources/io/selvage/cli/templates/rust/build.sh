#!/bin/sh
# Builds @NAME@.wasm. Needs Rust with a WASI target: rustup target add wasm32-wasip1
# (Debian 12: apt install cargo libstd-rust-dev-wasm32, and RUST_TARGET=wasm32-wasi).
set -eu
cd "$(dirname "$0")"
target=${RUST_TARGET:-wasm32-wasip1}
CARGO_TARGET_DIR=target cargo build --quiet --release --target "$target"
cp "target/$target/release/@NAME@.wasm" .
echo "built @NAME@.wasm"
