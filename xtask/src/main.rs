//! `cargo xtask`: starts, tests and checks the whole of Sealcast on one machine.

mod artefacts;
mod bench;
mod cli;
mod compose_test;
mod conformance;
mod cost;
mod disk;
mod drill;
mod engines;
mod files;
mod fuzz;
mod install;
mod launch;
mod lint;
mod manifests;
mod organisation;
mod pki;
mod ports;
mod prepare;
mod probe;
mod process;
mod record;
mod repo;
mod run;
mod say;
mod sbom;
mod secrets;
mod services;
mod supervisor;
mod tally;
mod testing;
mod up;
mod witness;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::main() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
