#!/bin/sh
# Compares the engine with Node's V8 on random modules.
#
#   wasm/fuzz.sh [--minutes N] [--seed S] [--keep FOLDER]
#
# Needs node (20 or later), Binaryen's wasm-opt, a JDK 25 and Maven. Exit code 1 if anything was different; what was
# is kept in wasm/target/fuzz, named by its seed.
set -eu
cd "$(dirname "$0")/.."

java=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
  if [ -x "$home/bin/java" ] && "$home/bin/java" -version 2>&1 | grep -q 'version "25'; then
    java=$home/bin/java
    break
  fi
done
[ -n "$java" ] || { echo "wasm/fuzz.sh needs a JDK 25: set JAVA_HOME" >&2; exit 2; }
for tool in node wasm-opt; do
  command -v "$tool" > /dev/null || { echo "wasm/fuzz.sh needs $tool" >&2; exit 2; }
done

mvn -q -pl wasm test-compile
exec "$java" @wasm/jvm.options -cp wasm/target/classes:wasm/target/test-classes io.selvage.wasm.Fuzz "$@"
