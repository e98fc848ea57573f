//! The authorization matrix: `authorization.txt` beside the OpenAPI document.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const TABLE: &str = include_str!("../authorization.txt");
const DOCUMENT: &str = include_str!("../../../services/edge-svc/openapi.json");
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Who asks, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Anonymous,
    Revoked,
    Outside,
    Member,
    Owner,
    Auditor,
    Admin,
}

impl Caller {
    pub const ALL: [Self; 7] =
        [Self::Anonymous, Self::Revoked, Self::Outside, Self::Member, Self::Owner, Self::Auditor, Self::Admin];
}

/// A status, and the problem that comes with it if it is a refusal; 422 may be any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub slug: Option<&'static str>,
}

impl Answer {
    fn parse(text: &'static str) -> Result<Self> {
        let (status, slug) = text.split_once('/').map_or((text, None), |(status, slug)| (status, Some(slug)));
        let status = status.parse().with_context(|| format!("`{text}` is no answer"))?;
        let usual = match status {
            401 => Some("session-invalid"),
            403 => Some("forbidden"),
            404 => Some("not-found"),
            _ => None,
        };
        Ok(Self { status, slug: slug.or(usual) })
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Body {
    #[default]
    Nothing,
    Json(&'static str),
    Octets,
    Message,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    pub operation: &'static str,
    pub answers: [Answer; 7],
    /// Values of the path other than the cast's.
    pub path: Vec<(&'static str, &'static str)>,
    pub query: &'static str,
    pub body: Body,
    /// Whether the caller logs in for it.
    pub login: bool,
}

/// One operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    pub path: String,
    /// Whether it asks for no session.
    pub public: bool,
}

/// The table, in its order.
///
/// # Errors
/// A row is not one.
pub fn rows() -> Result<Vec<Row>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| row(line).with_context(|| format!("`{line}`"))).collect()
}

fn row(line: &'static str) -> Result<Row> {
    let (words, json) = line.find('{').map_or((line, None), |at| (&line[..at], Some(&line[at..])));
    let mut words = words.split_whitespace();
    let operation = words.next().context("an operation")?;
    let answers = words.by_ref().take(Caller::ALL.len()).map(Answer::parse).collect::<Result<Vec<_>>>()?;
    let answers = answers.try_into().map_err(|_| anyhow::anyhow!("too few answers"))?;
    let body = json.map_or(Body::Nothing, Body::Json);
    let mut row = Row { operation, answers, path: Vec::new(), query: "", body, login: false };
    for word in words {
        match (word, word.split_once('=')) {
            ("octets", _) => row.body = Body::Octets,
            ("message", _) => row.body = Body::Message,
            ("login", _) => row.login = true,
            (query, _) if query.starts_with('?') => row.query = query,
            (_, Some(pair)) => row.path.push(pair),
            _ => bail!("`{word}` means nothing"),
        }
    }
    Ok(row)
}

/// The document's operations by their name.
///
/// # Errors
/// The document is not one.
pub fn operations() -> Result<BTreeMap<String, Operation>> {
    let document: Value = serde_json::from_str(DOCUMENT)?;
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().context("paths")? {
        for (method, operation) in methods.as_object().context("methods")? {
            let name = operation["operationId"].as_str().context("an operation without a name")?.to_owned();
            // Empty braces among the alternatives: none is needed.
            let public =
                operation["security"].as_array().is_some_and(|needed| needed.iter().any(|one| one == &serde_json::json!({})));
            let operation = Operation { method: method.to_uppercase(), path: path.clone(), public };
            ensure!(operations.insert(name.clone(), operation).is_none(), "two operations are `{name}`");
        }
    }
    Ok(operations)
}

/// For each path of the document, the methods that it does not have.
///
/// # Errors
/// The document is not one.
pub fn absent() -> Result<Vec<(String, &'static str)>> {
    let mut present: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Operation { method, path, .. } in operations()?.into_values() {
        present.entry(path).or_default().push(method);
    }
    let absent = |(path, present): (String, Vec<String>)| {
        let absent = METHODS.into_iter().filter(move |method| present.iter().all(|known| known != method));
        absent.map(move |method| (path.clone(), method))
    };
    Ok(present.into_iter().flat_map(absent).collect())
}

/// Puts values in place of `$name`.
///
/// # Errors
/// There is no such value.
pub fn filled(text: &str, value: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        filled.push_str(&value(name)?);
        filled.push_str(rest);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_row_and_every_row_an_operation() {
        let rows: BTreeSet<_> = rows().unwrap().iter().map(|row| row.operation.to_owned()).collect();
        let operations: BTreeSet<_> = operations().unwrap().into_keys().collect();
        assert_eq!(rows, operations);
    }

    #[test]
    fn only_public_operations_answer_without_a_session() {
        let (rows, operations) = (rows().unwrap(), operations().unwrap());
        for row in rows {
            let [anonymous, revoked, outside, ..] = row.answers;
            let refused = Answer::parse("401").unwrap();
            let public = operations[row.operation].public;
            let expected = if public { [outside; 2] } else { [refused; 2] };
            assert_eq!([anonymous, revoked], expected, "{}", row.operation);
        }
    }

    #[test]
    fn values_take_the_place_of_names() {
        let value = |name: &str| if name == "room_id" { Ok("7".to_owned()) } else { bail!("no {name}") };
        assert_eq!(filled("/a/$room_id/b?c=$room_id", value).unwrap(), "/a/7/b?c=7");
        assert!(filled("$other", value).is_err());
    }
}
