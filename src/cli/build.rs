//! Links the program to a fixed address on Linux.
//!
//! A program that can be loaded anywhere carries a table of every pointer in it (220 KB), and the loader writes to each of them at every
//! start, which takes time and 200 KB that could have stayed on the disk.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if is_target("OS", "linux") && is_target("ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

#[allow(clippy::disallowed_methods, reason = "what cargo tells a build script")]
fn is_target(part: &str, wanted: &str) -> bool {
    std::env::var(format!("CARGO_CFG_TARGET_{part}")).is_ok_and(|value| value == wanted)
}
