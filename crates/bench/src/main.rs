//! `sealcast-bench`, as `cargo xtask bench` runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    match sealcast_bench::cli::main() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
