#!/bin/sh
# Runs the kernels under JMH, the engine alone, each in a new JVM. Options are JMH's own (-h lists them); -p kernel=sha256,json
# picks kernels, -prof gc counts what is allocated. See bench/README.md.
set -eu
cd "$(dirname "$0")/.."
java=$(bench/jdk.sh)
mvn -q -pl bench -am -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/jmh.classpath \
    -Dmdep.excludeGroupIds=io.selvage 1>&2
kernels=$(grep -v '^#' bench/kernels/kernels.txt | cut -d ' ' -f 1 | paste -s -d ,)
case " $*" in *" kernel="* | *" -h"*) ;; *) set -- -p "kernel=$kernels" "$@" ;; esac
exec "$java" -cp "wasm/target/classes:bench/target/classes:$(cat bench/target/jmh.classpath)" org.openjdk.jmh.Main \
    -jvmArgsAppend "$(grep -v '^#' wasm/jvm.options | tr '\n' ' ') -XX:+UseSerialGC" "$@"
