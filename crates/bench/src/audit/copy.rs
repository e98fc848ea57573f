//! Rows for Postgres in the binary form of `copy`.

use std::{
    io::{BufWriter, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use time::{OffsetDateTime, macros::datetime};

use crate::plan::Plan;

const BUFFER_OCTETS: usize = 1 << 20;
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const NO_FLAGS_NO_EXTENSION: [u8; 8] = [0; 8];
/// What Postgres counts its microseconds from.
const EPOCH: OffsetDateTime = datetime!(2000-01-01 0:00 UTC);

/// One `copy` that runs.
pub struct Copy {
    psql: Child,
    stdin: BufWriter<ChildStdin>,
}

/// A value of a column.
pub enum Value<'a> {
    I64(i64),
    Octets(&'a [u8]),
    Time(OffsetDateTime),
}

impl Copy {
    /// Begins to fill columns of a table, as the superuser.
    ///
    /// # Errors
    /// psql does not start.
    pub fn into(plan: &Plan, table: &str, columns: &str) -> Result<Self> {
        let (program, args) = plan.psql.split_first().context("no psql")?;
        let copy = format!("copy {table} ({columns}) from stdin (format binary)");
        let mut psql = Command::new(program)
            .args(args)
            .args(["-c", "set statement_timeout = 0", "-c", &copy])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("running psql")?;
        let mut stdin = BufWriter::with_capacity(BUFFER_OCTETS, psql.stdin.take().context("psql without stdin")?);
        stdin.write_all(SIGNATURE)?;
        stdin.write_all(&NO_FLAGS_NO_EXTENSION)?;
        Ok(Self { psql, stdin })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Postgres refused something; [`Self::finish`] says what.
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<()> {
        self.stdin.write_all(&i16::try_from(values.len())?.to_be_bytes())?;
        for value in values {
            match value {
                Value::I64(number) => self.value(&number.to_be_bytes())?,
                Value::Octets(octets) => self.value(octets)?,
                Value::Time(at) => self.value(&i64::try_from((*at - EPOCH).whole_microseconds())?.to_be_bytes())?,
            }
        }
        Ok(())
    }

    fn value(&mut self, octets: &[u8]) -> Result<()> {
        self.stdin.write_all(&i32::try_from(octets.len())?.to_be_bytes())?;
        Ok(self.stdin.write_all(octets)?)
    }

    /// Commits.
    ///
    /// # Errors
    /// Postgres refused a row.
    pub fn finish(mut self) -> Result<()> {
        // When psql has ended already, what it said is of more interest than the broken pipe.
        let written = self.stdin.write_all(&(-1_i16).to_be_bytes()).and_then(|()| self.stdin.flush());
        drop(self.stdin);
        let output = self.psql.wait_with_output()?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(written?)
    }
}

/// Runs a statement and gives its lines, fields apart by `|`.
///
/// # Errors
/// Postgres refuses it.
pub fn ask(plan: &Plan, statement: &str) -> Result<Vec<Vec<String>>> {
    let (program, args) = plan.psql.split_first().context("no psql")?;
    let output = Command::new(program)
        .args(args)
        .args(["-c", "set statement_timeout = 0", "-c", statement])
        .output()
        .context("running psql")?;
    ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect())
}
