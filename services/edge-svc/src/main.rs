use std::process::ExitCode;

use sealcast_edge_svc::{
    api::document,
    config::{Config, DEFAULTS},
    node,
};
use sealcast_runtime::{Meta, Runtime, Service};

const META: Meta = Meta { name: node::SERVICE, version: env!("CARGO_PKG_VERSION"), defaults: DEFAULTS };

fn main() -> ExitCode {
    Service::new(META, async |rt: &Runtime<Config>| node::start(rt).await.map(drop))
        .command("openapi", "print the OpenAPI document", async |_: Config, _| {
            use std::io::Write as _;
            Ok(std::io::stdout().write_all(document::to_json().as_bytes())?)
        })
        .run()
}
