use std::process::ExitCode;

use sealcast_runtime::Service;
use sealcast_witness::{META, keygen, start};

fn main() -> ExitCode {
    Service::new(META, async |runtime| start(runtime).await)
        .command(
            "keygen",
            "make the witness's key and print its verifier key: <name> <file> [<file of the verifier key>]",
            async |_, arguments| keygen::run(&arguments),
        )
        .run()
}
