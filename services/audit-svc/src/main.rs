use std::process::ExitCode;

use sealcast_audit_svc::{META, keygen, migrate, rewrap, start, verify_archive, vkey};
use sealcast_runtime::Service;

fn main() -> ExitCode {
    Service::new(META, async |runtime| start(runtime).await)
        .command("migrate", "bring schema audit to this version, as its owner", async |config, _| migrate(config).await)
        .command("keygen", "make the key files: --kek <dir>/<version>.key, --log-key <file>", async |_, arguments| {
            keygen::run(&arguments)
        })
        .command("rewrap", "wrap every data key under the newest key-encryption key, as the schema's owner", async |config, _| {
            rewrap::run(config).await
        })
        .command("vkey", "print the log's verifier key", async |config, _| vkey(&config))
        .command(
            "verify",
            "recompute the log and name every row that was changed, removed or reordered",
            async |config, arguments| verify_archive(config, arguments).await,
        )
        .run()
}
