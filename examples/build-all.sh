#!/bin/sh
# Rebuilds the module of every example; arguments go to the Rust one (--debian). Each build.sh says what it needs.
set -eu
cd "$(dirname "$0")"
for script in */build.sh; do
    example=${script%/build.sh}
    echo "$example"
    if [ "$example" = numbers ]; then
        "$script" "$@"
    else
        "$script"
    fi
done
