//! Benches that measure one server: their figures as a table, and as JSON.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{plan::Plan, report};

/// What a bench found out.
pub trait Figures: Serialize {
    /// Its name on the command line.
    const BENCH: &'static str;

    /// In one line: what was done.
    fn title(&self) -> String;

    /// What people read: a name with its unit, and a value.
    fn rows(&self) -> Vec<(String, String)>;
}

/// As people read it, or as JSON.
///
/// # Errors
/// None in practice.
pub fn show<F: Figures>(plan: &Plan, figures: &F, as_json: bool) -> Result<String> {
    if as_json {
        let whole: Value = json!({"bench": F::BENCH, "network": plan.network, "settings": plan.settings, "machine": report::machine(), "figures": figures});
        return Ok(serde_json::to_string_pretty(&whole)? + "\n");
    }
    let mut text = format!("\n{}\n{}\nnetwork: {}\n\n", figures.title(), report::machine(), plan.network);
    for (name, value) in &plan.settings {
        writeln!(text, "{name}={value}")?;
    }
    for (name, value) in figures.rows() {
        writeln!(text, "{name:<52}{value:>14}")?;
    }
    Ok(text)
}

/// A row of a table.
pub fn row(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}
