#!/bin/sh
# Measures the time to the first answer and the idle memory, of Selvage and workerd. See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
./selvage version > /dev/null
mvn -q -pl bench -am -DskipTests package 1>&2
exec "$java" -cp bench/target/classes io.selvage.bench.HttpBenchmarks start "$@"
