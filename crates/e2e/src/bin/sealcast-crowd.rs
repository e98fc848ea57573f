//! People who talk in a room, as many and as fast as a test of a client wants: `sealcast-crowd --up .local/up.json --link LINK`.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use futures::future::try_join_all;
use sealcast_client::InviteLink;
use sealcast_e2e::{Person, Stack};
use tokio::time::Instant;

/// What one account may send at once, with room for a repetition.
const MESSAGES_PER_PERSON: usize = 220;

/// Let people talk in a room.
#[derive(Parser)]
#[command(name = "sealcast-crowd")]
struct Args {
    /// What `cargo xtask up` wrote
    #[arg(long, value_name = "FILE")]
    up: PathBuf,
    /// Invite link to the room, with a use for each person
    #[arg(long)]
    link: String,
    /// Messages in all
    #[arg(long)]
    messages: usize,
    /// People [default: as many as may send them without being slowed down]
    #[arg(long)]
    people: Option<usize>,
    /// Messages a second; without it as fast as the servers accept them
    #[arg(long)]
    rate: Option<f64>,
    /// What each says before its number
    #[arg(long, default_value = "Crowd message")]
    text: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let count = args.people.unwrap_or_else(|| args.messages.div_ceil(MESSAGES_PER_PERSON)).max(1);
    ensure!(args.rate.is_none_or(|rate| rate > 0.0), "--rate must be above 0");
    let stack = Stack::read(&args.up)?;
    let link: InviteLink = args.link.parse()?;
    let people = Person::gather(&stack, count).await?;
    let mut room_id = None;
    for person in &people {
        room_id = Some(person.client.redeem(&link).await.context("following the link")?.room_id);
    }
    let room_id = room_id.context("there is nobody")?;
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let talk = people.iter().map(|person| {
        let (args, next) = (&args, &next);
        async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= args.messages {
                    return anyhow::Ok(());
                }
                if let Some(rate) = args.rate {
                    tokio::time::sleep_until(begun + Duration::from_secs_f64(number as f64 / rate)).await;
                }
                let text = format!("{} {number}{}", args.text, more(number));
                person.client.send(room_id, &text).await.with_context(|| format!("sending message {number}"))?;
            }
        }
    });
    try_join_all(talk).await?;
    println!("{} messages of {count} people in {:.1} s", args.messages, begun.elapsed().as_secs_f32());
    Ok(())
}

/// Messages are of different heights: some have several lines, some a list.
fn more(number: usize) -> String {
    match number % 7 {
        2 => format!(", which goes on for a while so that it needs a second line on most screens. {}", "And on. ".repeat(20)),
        4 => "\n- one thing\n- another thing".to_owned(),
        6 => "\nand a line of its own".to_owned(),
        _ => String::new(),
    }
}
