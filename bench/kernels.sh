#!/bin/sh
# Runs the kernels in Selvage's engine and in a peer, in turns: Node's V8, or Endive if the first option is
# --endive, the engine itself without deadline checks if it is --unchecked.
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
engine="@wasm/jvm.options -XX:+UseSerialGC -cp wasm/target/classes:bench/target/classes"
if [ "${1:-}" = --unchecked ]; then
    shift
    set -- --peer "$java -Dio.selvage.wasm.unchecked=true $engine io.selvage.bench.Peer without-deadline-checks" "$@"
fi
# shellcheck disable=SC2086
exec "$java" $engine io.selvage.bench.Kernels "$@"
