//! Readers that do not read, that vanish, that come back all at once, and that lie about where they were.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt as _, stream};
use sealcast_client::{
    Event, Feed,
    sse::{Frame, Parser},
};
use sealcast_contracts::{
    EventId, RoomId,
    sse::{Hello, Message, Resume},
};
use secrecy::ExposeSecret as _;

use crate::{
    dice::Dice,
    faults::{firewall::Partition, process::resident_kib},
    figures::{Figures, percentile, seconds, to_f64},
    raw::{Dialler, Raw},
    site::Site,
    traffic::{Load, Traffic},
};

const PROGRESS: usize = 20;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
/// What a reader that never reads lets its kernel take, octets.
const DEAF_RECEIVE_OCTETS: u32 = 4_096;
const CUT_WITHIN: Duration = Duration::from_secs(60);
/// Characters of a long message: an envelope stays below its limit.
const LONG_TEXT_CHARS: usize = 30_000;
/// How long transactions are counted. Postgres counts with a delay of about a second.
const WINDOW: Duration = Duration::from_secs(5);
const CURSORS: usize = 200;
/// A stream that says nothing for so long has said what it had; and how long one may go on.
const QUIET: Duration = Duration::from_millis(400);
const LISTENING_MAX: Duration = Duration::from_secs(5);
const EVENTS: &str = "/api/v1/events";

/// R12.
pub async fn slow(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: 12, writers: 3, pace: Duration::from_millis(200) };
    let traffic = Traffic::open(site, load).await?;
    let (dialler, count) = (Dialler::new(site)?, site.size.pick(40, 200));
    let pids: Vec<_> = site.stack.edges().chain(["haproxy"]).filter_map(|name| site.stack.pid(name)).collect();
    let memory = || -> usize { pids.iter().copied().map(resident_kib).sum() };
    let cut = || of_all_edges(site, "edge_sse_closed_total", "reason=\"slow\"");
    let cut_before = cut().await?;
    let memory_before = memory();
    let (mut begun, mut flood, mut over) = (Instant::now(), Instant::now(), Instant::now());
    let mut cut_after = Duration::ZERO;
    let mut growth = 0.0;
    let faulting = async {
        begun = Instant::now();
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let mut deaf = Vec::new();
        for number in 0..count {
            // What the ingress buffers for them must not hide from the edge that they do not read.
            let mut raw = match number % 2 {
                0 => dialler.dial(site, 0, None, Some(DEAF_RECEIVE_OCTETS)).await?,
                _ => dialler.dial_ingress(site, Some(DEAF_RECEIVE_OCTETS)).await?,
            };
            open_stream(site, &mut raw, number, None).await?;
            deaf.push(raw);
        }
        flood = Instant::now();
        let text = "x".repeat(LONG_TEXT_CHARS);
        let talker = site.person(5)?;
        let mut all_cut = false;
        while !all_cut && flood.elapsed() < CUT_WITHIN {
            traffic.note_accepted(&talker.client.send(site.common, &text).await?);
            growth = f64::max(growth, to_f64(memory().saturating_sub(memory_before)));
            all_cut = cut().await? - cut_before >= to_f64(count);
            cut_after = flood.elapsed();
        }
        ensure!(all_cut, "{} of {count} readers were cut", cut().await? - cut_before);
        over = Instant::now();
        drop(deaf);
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let p99 = |from, to| seconds(percentile(&traffic.latencies(from, to), 99));
    let (before, meanwhile) = (p99(begun, flood), p99(flood, over));
    let losses = traffic.losses();
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("deaf readers", count);
    figures.at_most("all cut after s", seconds(cut_after), 30.0);
    figures.at_most("memory of each KiB", growth / to_f64(count), 300.0);
    figures.tell("honest p99 before s", before);
    figures.at_most("honest p99 meanwhile s", meanwhile, before.mul_add(1.2, 1.0));
    figures.none("honest streams lost", losses);
    outcome.tell(&mut figures);
    Ok(figures)
}

/// R13.
pub async fn vanished(site: &Site, _: Dice) -> Result<Figures> {
    let (dialler, mut figures) = (Dialler::new(site)?, Figures::default());
    let open = || of_all_edges(site, "edge_sse_connections", "");
    for (figure, through_ingress) in [("closed after s", false), ("through the ingress s", true)] {
        let mut raw = match through_ingress {
            true => dialler.dial_ingress(site, None).await?,
            false => dialler.dial(site, 0, None, None).await?,
        };
        open_stream(site, &mut raw, 0, None).await?;
        raw.read(Duration::from_secs(10)).await.context("the stream begins")?;
        let before = open().await?;
        let partition = Partition::client(site, raw.local.port())?;
        let closed = async || open().await.is_ok_and(|now| now < before);
        let closed = site.until("the edge closes the stream", CUT_WITHIN, closed).await?;
        drop(partition);
        figures.at_most(figure, seconds(closed), 45.0);
    }
    Ok(figures)
}

/// R14, with `Last-Event-ID`: everybody comes back at the same moment.
pub async fn storm(site: &Site, _: Dice) -> Result<Figures> {
    let readers = site.size.pick(150, 2_000);
    let begin = site.person(0)?.client.send(site.common, "before the storm").await?.id;
    for _ in 0..PROGRESS {
        site.person(1)?.client.send(site.common, "missed").await?;
    }
    let transactions = || -> Result<f64> {
        let sql = "select pg_stat_clear_snapshot(), sum(xact_commit) from pg_stat_database where datname = 'sealcast'";
        site.stack.query(sql)?.trim().trim_start_matches('|').parse().context("a count of transactions")
    };
    // Outbox and archive ask Postgres all the time: as much is taken off as they ask without a storm.
    let before = transactions()?;
    tokio::time::sleep(WINDOW).await;
    let idle = transactions()? - before;
    let before = transactions()?;
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for reader in 0..readers {
        let session = site.person(reader)?.through(site.stack.ingress()?);
        tasks.spawn(async move {
            let mut feed = Feed::new(session, Some(begin));
            let mut missed = 0;
            let mut exact = false;
            while missed < PROGRESS {
                match feed.next().await? {
                    Event::Hello(hello) => exact = hello.resume == Resume::Exact,
                    Event::Message(message) if message.id > begin => missed += 1,
                    _ => {}
                }
            }
            anyhow::Ok((begun.elapsed(), exact, feed))
        });
    }
    let (mut took, mut exact, mut feeds) = (Vec::new(), 0, Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (elapsed, is_exact, feed) = done??;
        took.push(elapsed);
        exact += usize::from(is_exact);
        feeds.push(feed);
    }
    tokio::time::sleep(WINDOW.saturating_sub(begun.elapsed())).await;
    let windows = begun.elapsed().as_secs_f64() / WINDOW.as_secs_f64();
    let per_hundred = 100.0 * (transactions()? - before - idle * windows) / to_f64(readers);
    let mut figures = Figures::default();
    figures.count("readers", readers);
    figures.at_most("all have everything after s", seconds(percentile(&took, 100)), 15.0);
    figures.tell("p50 s", seconds(percentile(&took, 50)));
    figures.none("not exact", readers - exact);
    // Crowds are decided with two calls each; a short storm is one crowd for each edge, and little to divide by.
    match site.size {
        crate::cli::Size::Short => figures.tell("transactions for each 100", per_hundred),
        crate::cli::Size::Nightly => figures.at_most("transactions for each 100", per_hundred, 1.0),
    }
    Ok(figures)
}

/// R18, in small: streams come and go, and nothing of them stays.
pub async fn soak(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: 12, writers: 2, pace: Duration::from_millis(500) };
    let traffic = Traffic::open(site, load).await?;
    let lasts = Duration::from_secs(site.size.pick(30, 900));
    let warm_up = lasts / 3;
    let pids: Vec<_> = site.stack.edges().filter_map(|edge| site.stack.pid(edge)).collect();
    let memory = || -> usize { pids.iter().copied().map(resident_kib).sum() };
    let (mut opened, mut warm, mut grown) = (0, 0, 0.0);
    let faulting = async {
        let begun = Instant::now();
        let mut turn = tokio::time::interval(Duration::from_millis(50));
        while begun.elapsed() < lasts {
            turn.tick().await;
            let mut feed = Feed::new(site.person(opened)?.through(site.stack.ingress()?), None);
            while !matches!(feed.next().await?, Event::Hello(_)) {}
            opened += 1;
            if warm == 0 && begun.elapsed() > warm_up {
                warm = memory();
            }
        }
        let minutes = (begun.elapsed() - warm_up).as_secs_f64() / 60.0;
        grown = (to_f64(memory()) - to_f64(warm)) / 1024.0 / minutes;
        Ok(())
    };
    traffic.during(faulting).await?;
    let losses = traffic.losses();
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("streams opened", opened);
    // A mebibyte in ten minutes; a short run is noise, and only told.
    match site.size {
        crate::cli::Size::Short => figures.tell("memory + MiB a minute", grown),
        crate::cli::Size::Nightly => figures.at_most("memory + MiB a minute", grown, 0.1),
    }
    figures.none("streams lost", losses);
    outcome.tell(&mut figures);
    Ok(figures)
}

/// R15.
pub async fn hostile_cursors(site: &Site, mut dice: Dice) -> Result<Figures> {
    for _ in 0..3 {
        site.person(0)?.client.send(site.half, "for every second one").await?;
    }
    let head = site.person(0)?.client.send(site.common, "the newest").await?.id;
    let dialler = Dialler::new(site)?;
    let cursors = cursors(head, &mut dice);
    let asking = stream::iter(cursors.iter().enumerate()).map(|(number, cursor)| {
        let dialler = dialler.clone();
        async move {
            let mut raw = dialler.dial(site, number % 2, None, None).await?;
            open_stream(site, &mut raw, number, Some(cursor)).await?;
            anyhow::Ok((number, cursor, said(&mut raw).await?))
        }
    });
    let said: Vec<_> = asking.buffer_unordered(16).collect::<Vec<_>>().await.into_iter().collect::<Result<_>>()?;
    let (mut opened, mut refused, mut foreign, mut failed, mut wrong) = (0, 0, 0, Vec::new(), Vec::new());
    for (number, cursor, Said { status, frames }) in &said {
        match status {
            200 => {
                opened += 1;
                if let Err(error) = continues(cursor, head, frames) {
                    wrong.push(format!("{cursor:.40?}: {error:#}"));
                }
                foreign += messages(frames).filter(|message| !may_see(site, *number, message.room_id)).count();
            }
            400..=499 => refused += 1,
            _ => failed.push(format!("{cursor:.40?}: {status}")),
        }
    }
    ensure!(failed.is_empty() && wrong.is_empty(), "answered otherwise: {} {}", failed.join(", "), wrong.join(", "));
    let mut figures = Figures::default();
    figures.count("cursors", cursors.len());
    figures.count("opened", opened);
    figures.count("refused with 4xx", refused);
    figures.none("5xx or nothing", failed.len());
    figures.none("neither exact nor gap nor reset", wrong.len());
    figures.none("foreign events", foreign);
    Ok(figures)
}

/// What a stream says until it is quiet, or the answer that is none.
struct Said {
    status: u16,
    frames: Vec<Frame>,
}

async fn said(raw: &mut Raw) -> Result<Said> {
    let mut octets = raw.read(Duration::from_secs(10)).await?;
    let begun = Instant::now();
    while let Ok(more) = raw.read(QUIET).await {
        if more.is_empty() || begun.elapsed() > LISTENING_MAX {
            break;
        }
        octets.extend(more);
    }
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").context("no head came")?;
    let head = String::from_utf8_lossy(octets.get(..end).unwrap_or_default()).into_owned();
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).context("a status line")?;
    let frames = if status == 200 { Parser::default().feed(octets.get(end + 4..).unwrap_or_default())? } else { Vec::new() };
    Ok(Said { status, frames })
}

/// Whether a stream goes on as its first event says, and may.
fn continues(cursor: &str, head: EventId, frames: &[Frame]) -> Result<()> {
    let first = frames.first().filter(|frame| frame.event == "hello").context("hello is not first")?;
    let resume = serde_json::from_str::<Hello>(&first.data)?.resume;
    let named: Option<EventId> = cursor.trim().parse().ok();
    let possible = named.is_some_and(|named| named.stream_epoch == head.stream_epoch && named.seq <= head.seq);
    let has = |event: &str| frames.iter().any(|frame| frame.event == event);
    let holds = match resume {
        Resume::Fresh => cursor.trim().is_empty() && messages(frames).next().is_none(),
        Resume::Exact => {
            let ids: Vec<_> = named.into_iter().chain(messages(frames).map(|message| message.id)).collect();
            possible && ids.is_sorted_by(|one, next| one < next)
        }
        Resume::Gap => possible && has("gap"),
        Resume::Reset => !possible && has("reset"),
    };
    ensure!(holds, "hello says {resume:?}");
    Ok(())
}

fn messages(frames: &[Frame]) -> impl Iterator<Item = Message> {
    frames.iter().filter(|frame| frame.event == "message").filter_map(|frame| serde_json::from_str(&frame.data).ok())
}

/// Whether the person of this number is in a room, as far as it is one of the drill's.
fn may_see(site: &Site, number: usize, room_id: RoomId) -> bool {
    ![site.common, site.half].contains(&room_id) || site.rooms_of(number % site.people.len().max(1)).contains(&room_id)
}

/// Forms that no client writes, and ids from anywhere.
fn cursors(head: EventId, dice: &mut Dice) -> Vec<String> {
    let mut cursors: Vec<String> = [
        "",
        " ",
        "-",
        "0-0",
        "1-0",
        "0-1",
        "-1-1",
        "1--1",
        "+1-1",
        "1-+1",
        "01-1",
        "1-01",
        "1",
        "1-",
        "-1",
        "1-1-1",
        "1_1",
        "a-b",
        "1-a",
        "1-1e3",
        "0x1-1",
        "1-18446744073709551615",
        "1-18446744073709551616",
        "4294967295-1",
        "4294967296-1",
        "1-9223372036854775807",
        "1-1;2-2",
        "1-1,1-2",
        "\"1-1\"",
        "1-1\t",
        "null",
        "../../etc/passwd",
        "' or 1=1 --",
        "{}",
        "%31-%31",
        "１-１",
        "\u{feff}1-1",
        "1-1 OR 1",
    ]
    .map(str::to_owned)
    .into();
    cursors.push("9".repeat(4_000));
    cursors.push(format!("{}-1", "0".repeat(2_000)));
    while cursors.len() < CURSORS {
        let epoch = [0, 1, 2, u64::from(head.stream_epoch), 7_000_000, u64::from(u32::MAX)];
        let epoch = dice.one_of(&epoch).copied().unwrap_or_default();
        let seq = match dice.below(3) {
            0 => dice.below(usize::try_from(head.seq).unwrap_or(1).max(1)) as u64,
            1 => head.seq + dice.below(1_000_000) as u64,
            _ => dice.below(usize::MAX) as u64,
        };
        cursors.push(format!("{epoch}-{seq}"));
    }
    cursors
}

async fn of_all_edges(site: &Site, metric: &str, labels: &str) -> Result<f64> {
    let mut sum = 0.0;
    for edge in site.stack.edges() {
        sum += site.metric(edge, metric, labels).await?;
    }
    Ok(sum)
}

/// Asks for a stream as the person of this number.
async fn open_stream(site: &Site, raw: &mut Raw, number: usize, last: Option<&str>) -> Result<()> {
    let bearer = format!("Bearer {}", site.person(number)?.client.session().token().expose_secret());
    let mut headers = vec![("Authorization", bearer.as_str()), ("Accept", "text/event-stream")];
    headers.extend(last.map(|last| ("Last-Event-ID", last)));
    raw.write("GET", EVENTS, &headers, &[]).await
}
