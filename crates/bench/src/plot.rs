//! `bench plot`: results that were kept as JSON, as pictures.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Args;
use plotters::prelude::*;
use serde_json::Value;

const SIZE: (u32, u32) = (720, 400);
const KIB: f64 = 1_024.0;
const FONT: &str = "sans-serif";
/// Blue, orange, green: told apart by the colour-blind as well.
const COLOURS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115)];

/// Draw results of `bench edge --json`
#[derive(Clone, Debug, Args)]
pub struct PlotArgs {
    /// Results; each server's points are joined in the order of their streams
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// Where memory.svg, cpu.svg and latency.svg are written
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// The number of streams whose latency is drawn against the rate
    #[arg(long, default_value_t = 10_000)]
    streams: u64,
}

/// Points by series.
type Lines = BTreeMap<String, Vec<(f64, f64)>>;

/// A picture without its points.
struct Sheet<'a> {
    title: &'a str,
    x: &'a str,
    y: &'a str,
}

/// Draws all three.
///
/// # Errors
/// A file is not a result, or a picture cannot be written.
pub fn draw(args: &PlotArgs) -> Result<()> {
    let results = args.results.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    fs::create_dir_all(&args.out).with_context(|| format!("making {}", args.out.display()))?;
    let (mut memory, mut cpu, mut latency) = (Lines::new(), Lines::new(), Lines::new());
    for result in &results {
        let streams = result["streams"].as_f64().context("a result without streams")?;
        for (server, medians) in result["medians"].as_object().context("a result without medians")? {
            add(&mut memory, server, (streams, &medians["memory.idle_per_stream"]), KIB);
            let loads = rates(medians);
            if let Some((_, load)) = loads.first() {
                add(&mut cpu, server, (streams, &load["cpu_us"]), 1.0);
            }
            for (rate, load) in loads.iter().filter(|_| streams == args.streams as f64) {
                add(&mut latency, &format!("{server} p99"), (*rate, &load["p99_ms"]), 1.0);
            }
        }
    }
    let per_stream = Sheet { title: "Memory of an idle stream in the server's processes", x: "streams", y: "KiB" };
    let per_delivery = Sheet { title: "Server CPU a delivery at the lowest rate", x: "streams", y: "µs" };
    let title = format!("Latency from POST to receipt, {} streams", crate::report::thousands(args.streams as f64));
    let by_rate = Sheet { title: &title, x: "messages a second", y: "ms" };
    for (name, sheet, lines) in
        [("memory.svg", per_stream, memory), ("cpu.svg", per_delivery, cpu), ("latency.svg", by_rate, latency)]
    {
        let path = args.out.join(name);
        picture(&path, &sheet, lines).with_context(|| format!("drawing {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let result: Value = serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    ensure!(result["bench"] == "edge", "{} is not a result of `bench edge --json`", path.display());
    Ok(result)
}

/// The measured rates, lowest first.
fn rates(medians: &Value) -> Vec<(f64, &Value)> {
    let all = medians.as_object().into_iter().flatten();
    let rate = |name: &String| name.strip_prefix("rate ")?.parse().ok();
    let mut rates: Vec<(f64, &Value)> = all.filter_map(|(name, load)| Some((rate(name)?, load))).collect();
    rates.sort_by(|one, other| one.0.total_cmp(&other.0));
    rates
}

fn add(lines: &mut Lines, series: &str, (x, y): (f64, &Value), unit: f64) {
    if let Some(y) = y.as_f64() {
        lines.entry(series.to_owned()).or_default().push((x, y / unit));
    }
}

/// Both axes are logarithmic: what grows with the load is a straight line, what does not is a level one.
fn picture(path: &Path, sheet: &Sheet<'_>, lines: Lines) -> Result<()> {
    let points = || lines.values().flatten();
    ensure!(points().next().is_some(), "the results have no such figures");
    let span = |of: fn(&(f64, f64)) -> f64| {
        points().map(of).fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (low, high)) = (span(|point| point.0), span(|point| point.1));
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    let drawn = (|| {
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(sheet.title, (FONT, 18))
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(58)
            .build_cartesian_2d((left * 0.8..right * 1.25).log_scale(), (low * 0.6..high * 1.6).log_scale())?;
        let number = |value: &f64| if *value < 10.0 { format!("{value:.1}") } else { crate::report::thousands(*value) };
        chart
            .configure_mesh()
            .light_line_style(BLACK.mix(0.04))
            .bold_line_style(BLACK.mix(0.12))
            .x_desc(sheet.x)
            .y_desc(sheet.y)
            .x_label_formatter(&number)
            .y_label_formatter(&number)
            .label_style((FONT, 13))
            .draw()?;
        for ((name, mut points), colour) in lines.clone().into_iter().zip(COLOURS.iter().cycle()) {
            points.sort_by(|one, other| one.0.total_cmp(&other.0));
            let legend = move |(x, y)| Circle::new((x + 8, y), 4, colour.filled());
            chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?.label(name).legend(legend);
            chart.draw_series(points.into_iter().map(|point| Circle::new(point, 4, colour.filled())))?;
        }
        chart.configure_series_labels().border_style(BLACK.mix(0.2)).background_style(WHITE).label_font((FONT, 13)).draw()?;
        area.present()
    })();
    drawn.map_err(|error: DrawingAreaErrorKind<_>| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rates_are_found_and_sorted_by_number() {
        let medians = json!({"open.cpu_us": 1.0, "rate 10": {"cpu_us": 2.0}, "rate 0.5": {"cpu_us": 3.0}});
        let rates = rates(&medians);
        assert_eq!(
            rates.iter().map(|(rate, load)| (*rate, load["cpu_us"].as_f64())).collect::<Vec<_>>(),
            [(0.5, Some(3.0)), (10.0, Some(2.0))]
        );
    }

    #[test]
    fn results_become_pictures() {
        let dir = std::env::temp_dir().join(format!("sealcast-plot-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let result = |streams: u64| {
            let load = json!({"cpu_us": 8.0, "p99_ms": 60.0});
            json!({"bench": "edge", "streams": streams, "medians": {"ours": {"memory.idle_per_stream": 2048.0, "rate 1": load}}})
        };
        let results = [1_000, 10_000].map(|streams| {
            let path = dir.join(format!("{streams}.json"));
            fs::write(&path, result(streams).to_string()).unwrap();
            path
        });
        draw(&PlotArgs { results: results.to_vec(), out: dir.clone(), streams: 10_000 }).unwrap();
        for name in ["memory.svg", "cpu.svg", "latency.svg"] {
            let drawn = fs::read_to_string(dir.join(name)).unwrap();
            assert!(drawn.contains("ours"), "{name}: {drawn}");
        }
        fs::remove_dir_all(dir).unwrap();
    }
}
