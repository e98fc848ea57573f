//! The triggers and functions that keep the archive append-only, as the migrations made them.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgPool;

use super::{Finding, Report};
use crate::{
    MIGRATOR,
    store::{self, StoreError, Trigger},
};

const APPEND_ONLY: [&str; 10] = [
    "records",
    "events",
    "log_hashes",
    "checkpoints",
    "quarantine",
    "concerned",
    "holds",
    "hold_releases",
    "cosignatures",
    "appends",
];

/// Bits of `pg_trigger.tgtype`.
const EACH_ROW: i16 = 1;
const BEFORE: i16 = 2;
const DELETE: i16 = 8;
const UPDATE: i16 = 16;
const TRUNCATE: i16 = 32;

/// Names what is missing, switched off or another one.
pub async fn check(pool: &PgPool, report: &mut Report) -> Result<(), StoreError> {
    let found: BTreeSet<Trigger> = store::read_triggers(pool).await?.into_iter().collect();
    for trigger in triggers() {
        if !found.contains(&trigger) {
            report.push(Finding::GuardGone { guard: format!("trigger {} of audit.{}", trigger.name, trigger.table) });
        }
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, body) in store::read_functions(pool).await? {
        found.entry(name).or_default().push(body);
    }
    for (name, body) in functions() {
        if found.remove(name).is_none_or(|bodies| bodies != [body]) {
            report.push(Finding::GuardGone { guard: format!("function audit.{name}") });
        }
    }
    Ok(())
}

fn triggers() -> impl Iterator<Item = Trigger> {
    let trigger = |table: &str, name: &str, function: &str, fires| Trigger {
        table: table.to_owned(),
        name: name.to_owned(),
        function: function.to_owned(),
        fires,
    };
    let append_only = APPEND_ONLY.into_iter().flat_map(move |table| {
        [
            trigger(table, "no_rewrite", "refuse_rewrite", EACH_ROW | BEFORE | DELETE | UPDATE),
            trigger(table, "no_truncate", "refuse_rewrite", BEFORE | TRUNCATE),
        ]
    });
    append_only.chain([
        trigger("data_keys", "no_silent_shredding", "refuse_shredding", EACH_ROW | BEFORE | DELETE),
        trigger("data_keys", "no_exchange", "refuse_another_key", EACH_ROW | BEFORE | UPDATE),
        trigger("data_keys", "no_truncate", "refuse_rewrite", BEFORE | TRUNCATE),
    ])
}

/// The functions that migrations make: the text between `$$` and `$$`. A later migration replaces an earlier one's.
fn functions() -> BTreeMap<&'static str, &'static str> {
    let mut functions = BTreeMap::new();
    for migration in MIGRATOR.iter() {
        for made in migration.sql.split("function audit.").skip(1) {
            let Some((name, rest)) = made.split_once('(') else { continue };
            let Some((head, rest)) = rest.split_once("$$") else { continue };
            // Where a function is only spoken of, no body follows before the statement's end.
            if head.contains(';') {
                continue;
            }
            if let Some((body, _)) = rest.split_once("$$") {
                functions.insert(name, body);
            }
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_the_migrations_are_found() {
        let names: Vec<_> = functions().into_keys().collect();
        assert_eq!(names, ["active_holds_on", "refuse_another_key", "refuse_rewrite", "refuse_shredding"]);
    }
}
