#!/bin/sh
# Compares the engine with Node's V8 on random modules.
#
#   wasm/fuzz.sh [--minutes N] [--modules N] [--seed S] [--calls N] [--keep FOLDER]
#
# With --calls each function is called N times more, in a JVM that compiles code after a few calls already (C2 too), so
# that what the JIT compilers make of it is compared. Without, most code runs a few times only, as fast as it goes.
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

jit="-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=5"
case " $* " in
  *" --calls "*) jit="-Xbatch -XX:CompileThresholdScaling=0.05" ;;
esac

mvn -q -pl wasm test-compile
# shellcheck disable=SC2086
exec "$java" @wasm/jvm.options -XX:+UseSerialGC $jit -cp wasm/target/classes:wasm/target/test-classes io.selvage.wasm.Fuzz "$@"
