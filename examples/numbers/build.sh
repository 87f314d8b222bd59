#!/bin/sh
# Rebuilds numbers.wasm with a Rust that has a WASI target. `build.sh` alone takes serde from crates.io;
# `build.sh --debian` takes everything from Debian 12 (rustc cargo libstd-rust-dev-wasm32 librust-serde-json-dev
# librust-serde-derive-dev) and needs no network: so was the committed file built.
set -eu
cd "$(dirname "$0")"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cp -r Cargo.toml src "$build"
target=wasm32-wasip1
if [ "${1:-}" = --debian ]; then
    target=wasm32-wasi
    PATH=/usr/bin:$PATH
    mkdir "$build/.cargo"
    cat > "$build/.cargo/config.toml" <<CONFIG
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
CONFIG
fi
export RUSTFLAGS="--remap-path-prefix=$build=numbers -C link-arg=-zstack-size=131072 -C link-arg=--stack-first"
(cd "$build" && CARGO_HOME="$build/.cargo" CARGO_TARGET_DIR="$build/target" cargo build --quiet --release --target "$target")
cp "$build/target/$target/release/numbers.wasm" .
