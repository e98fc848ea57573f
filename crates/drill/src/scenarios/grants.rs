//! What a service could do to the log if it wanted to: nothing.

use anyhow::{Result, bail};

use crate::{dice::Dice, figures::Figures, site::Site};

const ROLES: [&str; 3] = ["auth_svc", "chat_svc", "audit_svc"];
/// Postgres' code for a right that is missing.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A3.
pub async fn log(site: &Site, _: Dice) -> Result<Figures> {
    let tables = site.stack.query(
        "select c.relname || ':' || (select attname from pg_attribute where attrelid = c.oid and attnum > 0 \
         and not attisdropped and attidentity = '' and attgenerated = '' order by attnum limit 1) from pg_class c join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'no_rewrite' \
         where c.relnamespace = 'audit'::regnamespace order by 1",
    )?;
    let tables: Vec<_> = tables.split_whitespace().filter_map(|pair| pair.split_once(':')).collect();
    let (mut tried, mut refused, mut otherwise) = (0, 0, Vec::new());
    for role in ROLES {
        for (table, column) in &tables {
            for statement in [
                format!("update audit.{table} set {column} = {column}"),
                format!("delete from audit.{table}"),
                format!("truncate audit.{table}"),
                format!("drop trigger no_rewrite on audit.{table}"),
                format!("alter table audit.{table} disable trigger no_rewrite"),
                format!("drop table audit.{table}"),
                format!("copy audit.{table} from program 'true'"),
            ] {
                tried += 1;
                match attempt(site, role, &statement)? {
                    code if code == INSUFFICIENT_PRIVILEGE => refused += 1,
                    code => otherwise.push(format!("{role}: {statement}: {code}")),
                }
            }
        }
    }
    if tables.is_empty() || !otherwise.is_empty() {
        bail!("not refused for want of the right: {}", otherwise.join("; "));
    }
    let mut figures = Figures::default();
    figures.count("tables", tables.len());
    figures.count("attempts", tried);
    figures.none("not refused", tried - refused);
    Ok(figures)
}

/// The SQLSTATE that a role gets; nothing is kept of what works.
fn attempt(site: &Site, role: &str, statement: &str) -> Result<String> {
    let sql = format!(
        "begin; set local role {role};\n\
         do $do$ begin\n\
           execute $sql${statement}$sql$;\n\
           perform set_config('drill.state', 'it worked', false);\n\
         exception when others then perform set_config('drill.state', sqlstate, false); end $do$;\n\
         select current_setting('drill.state'); rollback;"
    );
    Ok(site.stack.query(&sql)?.trim().to_owned())
}
