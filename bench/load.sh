#!/bin/sh
# Measures what comes before a guest's first instruction, beside V8: bench/load.sh [FILE.wasm]. See bench/README.md.
# Needs the modules that bench/real.sh fetches, and for the last part a large module that exports _start.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
traces=${XDG_CACHE_HOME:-$HOME/.cache}/selvage-bench/real/traces
[ -f "$traces/png.wasm" ] || { echo "run bench/real.sh first: it fetches the modules" >&2; exit 1; }
SELVAGE_AOT=make ./selvage version > /dev/null
mvn -q -pl bench -am -DskipTests package 1>&2
exec "$java" @wasm/jvm.options -XX:+UseSerialGC \
    -cp wasm/target/classes:bench/target/classes io.selvage.bench.Loading "$traces" "$@"
