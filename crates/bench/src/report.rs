//! Results as a table and as JSON: medians over the runs of a server, and ratios to the others.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    edge::{EdgeArgs, Phase},
    plan::Plan,
};

/// A line of the table.
struct Row {
    label: &'static str,
    /// Where the value stands in a phase.
    pointer: &'static str,
    unit: Unit,
    has_ratio: bool,
}

#[derive(Clone, Copy)]
enum Unit {
    Count,
    Seconds,
    Micros,
    Millis,
    Kib,
    Mib,
}

const fn row(label: &'static str, pointer: &'static str, unit: Unit, has_ratio: bool) -> Row {
    Row { label, pointer, unit, has_ratio }
}

const OPEN: [Row; 16] = [
    row("streams opened", "/open/opened", Unit::Count, false),
    row("failed", "/open/failed", Unit::Count, false),
    row("resumed handshakes", "/open/resumed", Unit::Count, false),
    row("seconds to open all", "/open/seconds", Unit::Seconds, true),
    row("connects a second", "/open/per_s", Unit::Count, true),
    row("connect p50, ms", "/open/connect_p50_ms", Unit::Millis, true),
    row("connect p99, ms", "/open/connect_p99_ms", Unit::Millis, true),
    row("CPU a connect, µs", "/open/cpu_us", Unit::Micros, true),
    row("  of it in the kernel, µs", "/open/kernel_cpu_us", Unit::Micros, false),
    row("  whole cluster, µs", "/open/cluster_cpu_us", Unit::Micros, false),
    row("memory a stream, idle, KiB", "/memory/idle_per_stream", Unit::Kib, true),
    row("  after the load, KiB", "/memory/loaded_per_stream", Unit::Kib, true),
    row("all processes, MiB", "/memory/idle_total", Unit::Mib, false),
    row("kernel slab a stream, both ends, KiB", "/memory/kernel_slab_per_stream", Unit::Kib, false),
    row("kernel TCP a stream, both ends, KiB", "/memory/kernel_tcp_per_stream", Unit::Kib, false),
    row("generator a stream, KiB", "/memory/generator_per_stream", Unit::Kib, false),
];

const LOAD: [Row; 16] = [
    row("deliveries a second", "per_s", Unit::Count, true),
    row("CPU a delivery, µs", "cpu_us", Unit::Micros, true),
    row("  of it in the kernel, µs", "kernel_cpu_us", Unit::Micros, true),
    row("  whole cluster, µs", "cluster_cpu_us", Unit::Micros, false),
    row("  generator, µs", "generator_cpu_us", Unit::Micros, false),
    row("cores busy", "cores", Unit::Seconds, false),
    row("latency p50, ms", "p50_ms", Unit::Millis, true),
    row("latency p99, ms", "p99_ms", Unit::Millis, true),
    row("latency p99.9, ms", "p999_ms", Unit::Millis, true),
    row("latency max, ms", "max_ms", Unit::Millis, true),
    row("POST p99, ms", "post/post_p99_ms", Unit::Millis, true),
    row("  posted late at most, ms", "post/late_max_ms", Unit::Millis, false),
    row("missing", "missing", Unit::Count, false),
    row("duplicated", "duplicated", Unit::Count, false),
    row("out of order", "out_of_order", Unit::Count, false),
    row("in the wrong room", "misdelivered", Unit::Count, false),
];

const STALLED: [Row; 3] = [
    row("kernel TCP a stalled stream, both ends, KiB", "/stalled/kernel_per_stream", Unit::Kib, true),
    row("  largest socket of the server, KiB", "/stalled/server_socket_max", Unit::Kib, true),
    row("  cut by the server", "/stalled/cut", Unit::Count, false),
];

/// One server's phases.
struct Column {
    server: String,
    phases: Vec<Value>,
}

impl Column {
    /// The median of what the phases say; absent when none says anything.
    fn median(&self, pointer: &str) -> Option<f64> {
        let values = self.phases.iter().filter_map(|phase| phase.pointer(pointer)?.as_f64());
        median(values.collect())
    }
}

/// Everything as JSON.
///
/// # Errors
/// None in practice.
pub fn json(plan: &Plan, args: &EdgeArgs, phases: &[Phase]) -> Result<Value> {
    Ok(json!({
        "bench": "edge",
        "network": plan.network,
        "settings": plan.settings,
        "streams": args.streams,
        "rooms": args.rooms,
        "edges": args.edges(),
        "seconds": args.seconds,
        "resumption": args.resumption,
        "machine": machine(),
        "medians": medians(args, phases)?,
        "phases": phases,
    }))
}

/// The table that people read.
///
/// # Errors
/// None in practice.
pub fn table(plan: &Plan, args: &EdgeArgs, phases: &[Phase]) -> Result<String> {
    let columns = columns(phases)?;
    let octets = phases.iter().flat_map(|phase| &phase.loads).map(|load| load.message_octets).max().unwrap_or(0);
    let exchange = phases.iter().map(|phase| format!("{} {}", phase.server, phase.open.key_exchange)).collect::<Vec<_>>();
    let mut text = format!(
        "\n{} streams in {} room(s), {} edge(s); messages of {octets} octets; medians of {} run(s)\n{}\nnetwork: {}; TLS 1.3, {}\n\n",
        thousands(args.streams as f64),
        args.rooms,
        args.edges(),
        args.repeat,
        machine(),
        plan.network,
        exchange.iter().take(columns.len()).cloned().collect::<Vec<_>>().join(", "),
    );
    for (name, value) in &plan.settings {
        writeln!(text, "{name}={value}")?;
    }
    header(&mut text, &columns)?;
    OPEN.iter().try_for_each(|row| line(&mut text, &columns, row, row.pointer))?;
    loads(&mut text, &columns, args, "/loads", "")?;
    if args.stalled > 0 {
        writeln!(text, "\n{} further streams stop reading", args.stalled)?;
        STALLED.iter().try_for_each(|row| line(&mut text, &columns, row, row.pointer))?;
        loads(&mut text, &columns, args, "/stalled/loads", " to the others")?;
    }
    for failure in phases.iter().flat_map(|phase| &phase.open.failures) {
        writeln!(text, "failed: {} × {}", failure.1, failure.0)?;
    }
    for posted in phases.iter().flat_map(|phase| &phase.loads).map(|load| &load.post) {
        if let Some(error) = &posted.last_error {
            writeln!(text, "not accepted: {} messages, the last with: {error}", posted.lost.len())?;
        }
    }
    Ok(text)
}

fn loads(text: &mut String, columns: &[Column], args: &EdgeArgs, pointer: &str, whom: &str) -> Result<()> {
    for (at, rate) in args.rate.iter().enumerate() {
        writeln!(text, "\nat {rate} message(s) a second{whom}")?;
        LOAD.iter().try_for_each(|row| line(text, columns, row, &format!("{pointer}/{at}/{}", row.pointer)))?;
    }
    Ok(())
}

fn header(text: &mut String, columns: &[Column]) -> Result<()> {
    write!(text, "{:<44}", "")?;
    columns.iter().try_for_each(|column| write!(text, "{:>12}", column.server))?;
    columns.iter().skip(1).try_for_each(|column| write!(text, "{:>12}", format!("/ {}", column.server)))?;
    Ok(writeln!(text)?)
}

fn line(text: &mut String, columns: &[Column], row: &Row, pointer: &str) -> Result<()> {
    let values: Vec<_> = columns.iter().map(|column| column.median(pointer)).collect();
    write!(text, "{:<44}", row.label)?;
    for value in &values {
        write!(text, "{:>12}", value.map_or_else(|| "-".to_owned(), |value| row.unit.show(value)))?;
    }
    for other in values.iter().skip(1).filter(|_| row.has_ratio) {
        let ratio = values[0].zip(*other).filter(|(_, other)| *other > 0.0).map(|(ours, other)| ours / other);
        write!(text, "{:>12}", ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")))?;
    }
    Ok(writeln!(text)?)
}

/// The medians that ratios and plots are made from, by server.
fn medians(args: &EdgeArgs, phases: &[Phase]) -> Result<Value> {
    let mut all = serde_json::Map::new();
    for column in columns(phases)? {
        let mut values = serde_json::Map::new();
        for row in OPEN.iter().chain(&STALLED) {
            values.insert(row.pointer.trim_start_matches('/').replace('/', "."), json!(column.median(row.pointer)));
        }
        for (at, rate) in args.rate.iter().enumerate() {
            let of = |row: &Row| column.median(&format!("/loads/{at}/{}", row.pointer));
            let load: serde_json::Map<_, _> = LOAD.iter().map(|row| (row.pointer.replace('/', "."), json!(of(row)))).collect();
            values.insert(format!("rate {rate}"), Value::Object(load));
        }
        all.insert(column.server.clone(), Value::Object(values));
    }
    Ok(Value::Object(all))
}

fn columns(phases: &[impl Serialize]) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    for phase in phases {
        let phase = serde_json::to_value(phase)?;
        let server = phase.get("server").and_then(Value::as_str).unwrap_or_default().to_owned();
        match columns.iter_mut().find(|column| column.server == server) {
            Some(column) => column.phases.push(phase),
            None => columns.push(Column { server, phases: vec![phase] }),
        }
    }
    Ok(columns)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*below, *above))
}

/// What it was measured on.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    format!("{cores} × {model}, Linux {}, load average {}", kernel.trim(), load.split(' ').next().unwrap_or_default())
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Count => thousands(value),
            Self::Seconds => format!("{value:.2}"),
            Self::Micros | Self::Millis if value >= 100.0 => thousands(value),
            Self::Micros => format!("{value:.2}"),
            Self::Millis => format!("{value:.1}"),
            Self::Kib => format!("{:.2}", value / 1_024.0),
            Self::Mib => format!("{:.1}", value / 1_048_576.0),
        }
    }
}

/// A whole number with its thousands apart.
pub fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = if value < 0.0 && digits != "0" { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_of_one_server_and_what_it_says() {
        let phases = [
            json!({"server": "a", "open": {"cpu_us": 1.0}}),
            json!({"server": "b", "open": {"cpu_us": 10.0}}),
            json!({"server": "a", "open": {"cpu_us": 5.0}}),
            json!({"server": "a", "open": {"cpu_us": 2.0}}),
        ];
        let columns = columns(&phases).unwrap();
        assert_eq!(columns.iter().map(|column| column.median("/open/cpu_us")).collect::<Vec<_>>(), [Some(2.0), Some(10.0)]);
        assert_eq!(columns[0].median("/open/none"), None);
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
    }

    #[test]
    fn a_line_shows_values_and_ratios() {
        let columns = columns(&[json!({"server": "a", "v": 2048.0}), json!({"server": "b", "v": 4096.0})]).unwrap();
        let mut text = String::new();
        line(&mut text, &columns, &row("memory", "/v", Unit::Kib, true), "/v").unwrap();
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["memory", "2.00", "4.00", "0.50"]);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0.4, 999.0, 1_000.0, 1_234_567.0, -1_234.0].map(thousands), ["0", "999", "1,000", "1,234,567", "-1,234"]);
    }
}
