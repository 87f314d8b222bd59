#!/bin/sh
# Runs the kernels in Selvage's engine and in a peer, in turns: Node's V8, or Endive if the first option is --endive.
# See --help and bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
mvn -q -pl bench -am -DskipTests package 1>&2
if [ "${1:-}" = --endive ]; then
    shift
    mvn -q -f bench/kernels/endive.xml dependency:build-classpath -Dmdep.outputFile=../target/endive.classpath 1>&2
    set -- --peer "$java -Dendive.version=1.0.0 -cp $(cat bench/target/endive.classpath) bench/kernels/Endive.java" "$@"
fi
exec "$java" @wasm/jvm.options -XX:+UseSerialGC -XX:+UseCompactObjectHeaders \
    -cp wasm/target/classes:bench/target/classes io.selvage.bench.Kernels "$@"
