# Shared by the scripts beside it; sourced, not run.

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

# Installs those Debian packages that are missing. Their services are not started: the checks start what they need themselves.
install_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "missing: ${missing[*]}, and there is no apt-get to install them"

    local policy=/usr/sbin/policy-rc.d own_policy=
    if [ ! -e "$policy" ]; then
        own_policy=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    echo "installing ${missing[*]}"
    local status=0
    as_root apt-get -qq update \
        && as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends \
            "${missing[@]}" >/dev/null || status=$?
    if [ -n "$own_policy" ]; then as_root rm -f "$policy"; fi
    [ "$status" = 0 ] || fail "could not install ${missing[*]}"
}

# The first string or number of that name in a line of JSON: json_field NAME < line
json_field() {
    { grep -oE "\"$1\" *: *(\"[^\"]*\"|[0-9]+)" || true; } | head -n 1 | sed -E 's/^[^:]*: *//; s/"//g'
}

# Starts `$1 serve` with further flags on free ports of the loopback, its output in directory $2; sets server, port, mtls_port and
# control_port.
start_server() {
    local binary=$1 output=$2 ready= deadline=$((SECONDS + 20))
    shift 2
    "$binary" serve --port 0 --mtls-port 0 --control-port 0 "$@" >"$output/ready" 2>"$output/log" </dev/null &
    server=$!
    until ready=$(grep -m 1 '"ready"' "$output/ready" 2>/dev/null); do
        kill -0 "$server" 2>/dev/null || { cat "$output/log" >&2; fail "the server ended before it was ready"; }
        [ "$SECONDS" -lt "$deadline" ] || { cat "$output/log" >&2; fail "the server was not ready within 20 s"; }
        sleep 0.05
    done
    port=$(json_field port <<<"$ready")
    mtls_port=$(json_field mtlsPort <<<"$ready")
    control_port=$(json_field controlPort <<<"$ready")
    [ -n "$port" ] && [ -n "$mtls_port" ] && [ -n "$control_port" ] || fail "no ports in the ready line: $ready"
}

# SIGTERM must end the server, with success.
stop_server() {
    kill "$server" 2>/dev/null
    local status=0
    wait "$server" || status=$?
    server=
    [ "$status" = 0 ] || fail "after SIGTERM the server ended with $status, not 0"
}
