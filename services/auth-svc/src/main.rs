//! The process.

fn main() -> std::process::ExitCode {
    sealcast_runtime::Service::new(sealcast_auth_svc::META, sealcast_auth_svc::start)
        .command("migrate", "bring the schema to this version (as its owner)", sealcast_auth_svc::migrate)
        .run()
}
