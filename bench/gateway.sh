#!/bin/sh
# Compares Selvage as a gateway with nginx and Varnish: hits, large hits, passing through, TLS. See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
SELVAGE_AOT=make ./selvage version > /dev/null
mvn -q -pl bench -am -DskipTests package 1>&2
exec "$java" -cp bench/target/classes io.selvage.bench.GatewayBenchmarks "$@"
