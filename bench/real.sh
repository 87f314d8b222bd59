#!/bin/sh
# Runs real modules, as npm packages ship them, in Selvage's engine and in Node's V8, in turns. See --help and
# bench/README.md. The packages and the traces of what they do are kept in ~/.cache/selvage-bench/real.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
mvn -q -pl bench -am -DskipTests package 1>&2
work=${XDG_CACHE_HOME:-$HOME/.cache}/selvage-bench/real
mkdir -p "$work/traces"
if ! cmp -s bench/real/package.json "$work/package.json"; then
    rm -rf "$work/node_modules" "$work"/traces/*
    cp bench/real/package.json "$work/package.json.new"
    (cd "$work" && mv package.json.new package.json && npm install --no-audit --no-fund --no-package-lock --silent) 1>&2 ||
        { rm -f "$work/package.json"; echo "npm cannot install what bench/real/package.json names" >&2; exit 1; }
fi
for workload in bench/real/workloads/*.mjs; do
    name=$(basename "$workload" .mjs)
    if ! cmp -s "$workload" "$work/$name.mjs"; then
        cp "$workload" "$work/$name.mjs"
        rm -f "$work/traces/$name.trace"
    fi
    if [ ! -f "$work/traces/$name.trace" ]; then
        node --no-warnings bench/real/record.mjs "$work/$name.mjs" "$work/traces/$name" 1>&2
    fi
done
exec "$java" @wasm/jvm.options -XX:+UseSerialGC \
    -cp wasm/target/classes:bench/target/classes io.selvage.bench.Kernels --traces "$work/traces" --seconds 60 "$@"
