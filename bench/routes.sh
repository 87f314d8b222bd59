#!/bin/sh
# Compares a node that has 10,000 functions with one that has a single function. See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
./selvage version > /dev/null
mvn -q -pl bench -am -DskipTests package 1>&2
exec "$java" -cp bench/target/classes io.selvage.bench.HttpBenchmarks routes "$@"
