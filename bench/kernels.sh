#!/bin/sh
# Runs the kernels in Selvage's engine and in Node's V8, in turns. See --help and bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
mvn -q -pl bench -am -DskipTests package 1>&2
exec "$java" -XX:-DontCompileHugeMethods -XX:+UseSerialGC -XX:+UseCompactObjectHeaders \
    -cp wasm/target/classes:bench/target/classes io.selvage.bench.Kernels "$@"
