//! Links the program to a fixed address on Linux.
//!
//! A program that can be loaded anywhere carries a table of every pointer in it (220 KB), and the loader writes to each of them at every
//! start, which takes time and 200 KB that could have stayed on the disk.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
