//! The command line of symphony-mock-pod: flags, environment, logs; nothing else.

mod arguments;
mod certs;
mod healthcheck;
mod open;
mod sdk_config;
mod serve;
mod stop;
mod words;

use std::process::ExitCode;

use arguments::{Arguments, Command, Deferred};

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    give_large_blocks_back();
    let arguments = Arguments::read();
    let command = arguments.command.unwrap_or(Command::Serve(Deferred(arguments.serve)));
    let done = match command {
        Command::Serve(Deferred(serve)) => serve::run(serve),
        Command::Certs(certs) => certs::run(certs),
        Command::SdkConfig(flags) => sdk_config::run(flags),
        Command::Healthcheck(healthcheck) => healthcheck::run(&healthcheck),
        Command::Open(open) => open::run(&open),
        Command::Check { files } => serve::check(&files),
        Command::Schema => serve::print_schema(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("symphony-mock-pod: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Has glibc take large blocks of memory from the system one by one, and give each back when it is free.
///
/// By itself it does so from 128 KiB on, until the first such block is freed: from then on it keeps
/// blocks of that size, up to 32 MiB and for each of its arenas (`M_MMAP_THRESHOLD` in mallopt(3)). A
/// hundred answers of 10 MB left 140 MB behind that way.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_large_blocks_back() {
    const LARGE: libc::c_int = 256 << 10;
    /// How much may stay free at the end of an arena; asked for with each block otherwise.
    const SPARE: libc::c_int = 1 << 20;
    // SAFETY: it is called before there is another thread, and takes two numbers.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, SPARE);
    }
}
