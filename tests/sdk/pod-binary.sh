# Sourced by every `run`: exports MOCK_POD_BIN as the absolute path of the pod to test. Without one given it is the
# newest that cargo built, and with none built either, one built now.
workspace=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
built() {
    local newest= binary
    for binary in "${CARGO_TARGET_DIR:-$workspace/target}"/{release,debug}/symphony-mock-pod; do
        if [[ -x $binary && $binary -nt $newest ]]; then
            newest=$binary
        fi
    done
    echo "$newest"
}
if [[ -z ${MOCK_POD_BIN:-} ]]; then
    if [[ -z $(built) ]]; then
        cargo build --manifest-path "$workspace/Cargo.toml" --package symphony-mock-pod-cli
    fi
    MOCK_POD_BIN=$(built)
fi
if [[ ! -x $MOCK_POD_BIN ]]; then
    echo "MOCK_POD_BIN is not a program: $MOCK_POD_BIN" >&2
    exit 2
fi
MOCK_POD_BIN=$(realpath "$MOCK_POD_BIN")
export MOCK_POD_BIN
