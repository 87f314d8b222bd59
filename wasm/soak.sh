#!/bin/sh
# Loads, runs and drops modules, and looks whether heap, metaspace, classes and threads stay flat.
#
#   wasm/soak.sh [--minutes N] [--every SECONDS]
#
# Needs a JDK 25 and Maven. Exit code 1 if something grows.
set -eu
cd "$(dirname "$0")/.."

java=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  if [ -x "$home/bin/java" ] && "$home/bin/java" -version 2>&1 | grep -q 'version "25'; then
    java=$home/bin/java
    break
  fi
done
[ -n "$java" ] || { echo "wasm/soak.sh needs a JDK 25: set JAVA_HOME" >&2; exit 2; }

mvn -q -pl wasm test-compile
exec "$java" @wasm/jvm.options -Xmx512m -XX:+UseSerialGC -cp wasm/target/classes:wasm/target/test-classes io.selvage.wasm.Soak "$@"
