//! The command line of symphony-mock-pod: flags, environment, logs; nothing else.

mod arguments;
mod certs;
mod healthcheck;
mod sdk_config;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Serve(arguments.serve));
    let done = match command {
        Command::Serve(serve) => serve::run(serve),
        Command::Certs(certs) => certs::run(certs),
        Command::SdkConfig(flags) => sdk_config::run(flags),
        Command::Healthcheck(healthcheck) => healthcheck::run(&healthcheck),
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
