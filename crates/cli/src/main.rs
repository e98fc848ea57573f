//! `sealcast`: the command-line client. Data goes to stdout, everything else to stderr.

mod args;
mod commands;
mod failure;
mod output;
mod secrets;
mod workplace;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{args::Args, output::Output, workplace::Workplace};

#[tokio::main]
async fn main() -> ExitCode {
    let Args { global, command } = Args::parse();
    let output = Output::new(global.json);
    let outcome = match Workplace::new(&global) {
        Ok(workplace) => commands::run(command, &workplace, &output).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}
