ARG RUST_TAG=1.95-bookworm

FROM rust:${RUST_TAG} AS build
WORKDIR /build

# One static binary from the gnu target, which runs where it is linked to run: there is nothing to relocate, and so no table of what would
# have to be (220 KB, and memory that starting would touch). Naming the target keeps the flags away from build scripts and procedural macros,
# which cannot be static; asking rustc for its own host builds x86_64 and aarch64 alike, each natively.
ENV RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static"

# The dependencies make a layer of their own, built around empty sources: it stays valid until a manifest or the lock changes. Cargo wants
# a file for every target that a manifest names, those of the tests too, which are never copied here.
COPY Cargo.toml Cargo.lock ./
COPY src/cli/Cargo.toml src/cli/Cargo.toml
COPY src/messageml/Cargo.toml src/messageml/Cargo.toml
COPY tests/bench/Cargo.toml tests/bench/Cargo.toml
RUN for target in src/cli/main.rs tests/bench/src/main.rs src/messageml/benches/conversions.rs \
        $(sed -nE 's#^path = "(\.\./\.\./)?(tests/.*\.rs)"$#\2#p' Cargo.toml src/cli/Cargo.toml); do \
        mkdir -p "$(dirname "$target")" && echo 'fn main() {}' > "$target"; \
    done \
 && mkdir -p src/messageml/src && touch src/lib.rs src/messageml/src/lib.rs \
 && cargo build --locked --release --package symphony-mock-pod-cli --target "$(rustc -vV | sed -n 's/^host: //p')"

COPY . .
# Copied files keep the times of the checkout, which may be older than the empty sources just built.
RUN host="$(rustc -vV | sed -n 's/^host: //p')" \
 && touch src/lib.rs src/messageml/src/lib.rs src/cli/main.rs \
 && cargo build --locked --release --package symphony-mock-pod-cli --target "$host" \
 && cp "target/$host/release/symphony-mock-pod" /symphony-mock-pod

FROM scratch

ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="symphony-mock-pod" \
      org.opencontainers.image.description="A local Symphony pod for integration tests: real mutual TLS, real logins, unmodified SDKs" \
      org.opencontainers.image.source="https://github.com/symphony-mock-pod/symphony-mock-pod" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY LICENSE /LICENSE
COPY --from=build /symphony-mock-pod /symphony-mock-pod

# A published port reaches the container's own address, never its loopback.
ENV MOCK_POD_HOST=0.0.0.0 \
    MOCK_POD_CONTROL_HOST=0.0.0.0

# Nothing is written and no low port is bound: any other user id, a read-only root and no capabilities do as well.
USER 65532:65532
EXPOSE 8443 8444 8080

# The pod is ready in milliseconds; the interval decides how soon an engine notices, for it waits one before it looks.
HEALTHCHECK --interval=2s --timeout=2s --retries=5 CMD ["/symphony-mock-pod", "healthcheck"]

ENTRYPOINT ["/symphony-mock-pod"]
CMD ["serve"]
