#!/bin/sh
# Prints the java command of a JDK 25 or newer: JAVA_HOME's, the one on PATH, or one in the usual places.
set -eu
for java in "${JAVA_HOME:-/none}/bin/java" "$(command -v java || true)" \
    /usr/lib/jvm/*/bin/java "$HOME"/.sdkman/candidates/java/*/bin/java "$HOME"/.jdks/*/bin/java \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java; do
    if [ -x "$java" ]; then
        major=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
        if [ "${major:-0}" -ge 25 ]; then
            echo "$java"
            exit 0
        fi
    fi
done
echo "no JDK 25 or newer found: install one, or set JAVA_HOME to it" >&2
exit 1
