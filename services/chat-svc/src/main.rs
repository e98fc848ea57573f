use std::process::ExitCode;

use sealcast_chat_svc::{Loss, META, migrate, provision, start};
use sealcast_runtime::Service;

fn main() -> ExitCode {
    Service::new(META, start)
        .command("migrate", "bring the schema up to date, as its owner", async |config, _| migrate(&config).await)
        .command(
            "provision",
            "make or update the streams, as the schema's owner; --accept-loss when messages are gone for good",
            async |config, arguments| provision(&config, Loss::from_arguments(&arguments)?).await,
        )
        .run()
}
