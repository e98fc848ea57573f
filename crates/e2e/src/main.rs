//! Checks a running stack (`cargo xtask up`) from the outside: what the server must refuse, and what streams promise.
//!
//! `sealcast-e2e --up .local/up.json`; the last line says how many checks passed and failed.

mod checks;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Parser;
use futures::future::LocalBoxFuture;
use sealcast_e2e::{People, Stack};

/// Check a running stack from the outside.
#[derive(Parser)]
#[command(name = "sealcast-e2e")]
struct Args {
    /// What `cargo xtask up` wrote
    #[arg(long, value_name = "FILE")]
    up: PathBuf,
    /// Only checks whose name contains this
    #[arg(long)]
    only: Option<String>,
}

/// One check: its name says what holds.
type Check = (&'static str, for<'a> fn(&'a Stack, &'a People) -> LocalBoxFuture<'a, Result<()>>);

const CHECKS: [Check; 17] = [
    ("a message sent through one edge is read through the other", |stack, people| {
        Box::pin(checks::streams::across_edges(stack, people))
    }),
    ("a stream resumes exactly on another edge", |stack, people| Box::pin(checks::streams::resumes_elsewhere(stack, people))),
    ("an unknown last event id is answered with reset", |stack, people| Box::pin(checks::streams::resets(stack, people))),
    ("the same octets sent again give the same id and one message", |stack, people| {
        Box::pin(checks::envelopes::replay(stack, people))
    }),
    ("two who write to each other at once meet in one room", |stack, people| Box::pin(checks::between::direct(stack, people))),
    ("a file comes back as it went, and to those inside only", |stack, people| Box::pin(checks::between::file(stack, people))),
    ("an envelope without the compliance recipient is refused", |stack, people| {
        Box::pin(checks::envelopes::no_compliance(stack, people))
    }),
    ("an envelope to a stranger or not to the room is refused", |stack, people| {
        Box::pin(checks::envelopes::stranger(stack, people))
    }),
    ("a signature of another context is refused", |stack, people| Box::pin(checks::envelopes::other_context(stack, people))),
    ("a sent message is proven to be in the log", |stack, people| Box::pin(checks::archive::proven(stack, people))),
    ("nothing is answered without a session", |stack, people| Box::pin(checks::archive::unauthenticated(stack, people))),
    ("a room is not shown to those outside", |stack, people| Box::pin(checks::archive::outsiders(stack, people))),
    ("the database holds neither plaintext nor envelope", |stack, people| Box::pin(checks::archive::sealed_rows(stack, people))),
    ("everybody may do what the authorization matrix says, and nothing else", |stack, _| {
        Box::pin(checks::authorization::matrix(stack))
    }),
    ("what the API's document does not have is not there", |stack, people| Box::pin(checks::authorization::absent(stack, people))),
    ("a stream carries its own rooms only", |stack, people| Box::pin(checks::authorization::streams(stack, people))),
    ("a revoked session's stream ends within a second on another edge", |stack, people| {
        Box::pin(checks::streams::revoked(stack, people))
    }),
];

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let stack = Stack::read(&args.up).context("reading what runs")?;
    let people = People::gather(&stack).await.context("registering people")?;
    let (mut passed, mut failed) = (0, 0);
    for (name, check) in CHECKS {
        if args.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let begun = Instant::now();
        match check(&stack, &people).await {
            Ok(()) => {
                passed += 1;
                println!("ok      {name} ({:.1} s)", begun.elapsed().as_secs_f32());
            }
            Err(error) => {
                failed += 1;
                println!("FAILED  {name}: {error:#}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
