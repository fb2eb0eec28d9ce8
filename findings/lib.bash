# Shared by the findings; sourced, not run.
#
# Each finding installs pinned public packages into a temporary folder, shows one behaviour of them without our product, and fails if the
# behaviour has changed. None is part of CI: they need the network, and what they tell is about others' software.

set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# python_with PACKAGE==VERSION...: an interpreter that has them, in $python
python_with() {
    python3 -m venv "$scratch/venv"
    python=$scratch/venv/bin/python
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
}

# jar_of GROUP:ARTIFACT:VERSION: that artifact of Maven Central, in $jar
jar_of() {
    mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
        -Dartifact="$1" -DoutputDirectory="$scratch/jars"
    local name=${1#*:}
    jar=$scratch/jars/${name/:/-}.jar
}

# expect TEXT: the output in $seen must have that line
expect() {
    if grep -qxF -- "$1" <<<"$seen"; then
        printf 'as found: %s\n' "$1"
    else
        printf 'CHANGED: expected the line\n  %s\nin\n%s\n' "$1" "$seen" >&2
        exit 1
    fi
}
