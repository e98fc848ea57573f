use sealcast_audit_svc::config::WitnessConfig;
use sealcast_contracts::{
    RoomId,
    audit::{Checkpoint, GetCheckpoint, GetInclusionProof, GetPolicy},
};
use sealcast_merkle::{
    checkpoint::{self, SigningKey},
    cosignature,
};
use sealcast_runtime::{AdminConfig, LogConfig, Runtime, SecretFile};
use sealcast_testkit::eventually;
use sealcast_witness::{Config, WitnessConfig as Witnessing, listen};
use tempfile::TempDir;

use crate::harness::{Stack, message};

/// A witness of the stack's log, with a key and a state of its own.
struct Witness {
    runtime: Runtime<Config>,
    dir: TempDir,
    vkey: String,
    url: String,
}

impl Witness {
    async fn start(stack: &Stack) -> Self {
        sealcast_testkit::install_crypto_provider();
        let dir = tempfile::tempdir().unwrap();
        let skey = cosignature::generate_skey("witness.test").unwrap();
        std::fs::write(dir.path().join("key"), skey.as_str()).unwrap();
        let vkey = cosignature::WitnessKey::parse(&skey).unwrap().vkey();
        let log_key = std::fs::read_to_string(stack.keys.path().join("log")).unwrap();
        let log_vkey = SigningKey::parse(&log_key).unwrap().vkey().to_owned();
        let config = Config {
            log: LogConfig { level: "info".to_owned(), ..LogConfig::default() },
            admin: AdminConfig { listen: "127.0.0.1:0".parse().unwrap(), drain_grace_s: 1 },
            witness: Witnessing {
                listen: "127.0.0.1:0".parse().unwrap(),
                key_file: SecretFile(dir.path().join("key")),
                state_dir: dir.path().join("state"),
                log_vkey,
                request_timeout_s: 5,
            },
        };
        let runtime = Runtime::detached(config);
        let address = listen(&runtime).await.unwrap();
        Self { runtime, dir, vkey, url: format!("http://{address}/") }
    }

    fn asked(&self) -> WitnessConfig {
        WitnessConfig { url: self.url.clone(), vkey: self.vkey.clone() }
    }
}

fn cosigned(checkpoint: &Checkpoint, vkey: &str) -> bool {
    let line = checkpoint.cosignatures.iter().find(|cosignature| cosignature.vkey == vkey);
    line.is_some_and(|line| cosignature::verify(&format!("{}{}\n", checkpoint.note, line.line), vkey).is_ok())
}

#[tokio::test]
async fn checkpoints_are_cosigned_and_go_on_after_a_restart() {
    let stack = Stack::start().await;
    let (one, two) = (Witness::start(&stack).await, Witness::start(&stack).await);
    let mut config = stack.config();
    config.witnesses.ask = vec![one.asked(), two.asked()];
    let service = stack.serve_with(config.clone()).await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    let witnessed = || GetCheckpoint { witnessed: true };
    let first =
        eventually("both have cosigned", async || stack.bus.call(&witnessed()).await.ok().filter(|found| found.covers >= Some(id)));
    let first = first.await;
    assert!(cosigned(&first, &one.vkey) && cosigned(&first, &two.vkey));
    assert_eq!(stack.bus.call(&GetPolicy {}).await.unwrap().witnesses, [one.vkey.clone(), two.vkey.clone()]);
    let call = GetInclusionProof { caller: stack.member(&[room]), id, case_id: None, witnessed: true };
    assert!(cosigned(&stack.bus.call(&call).await.unwrap().checkpoint, &one.vkey));

    // What the witnesses have seen is known again after a restart; so it is from them when the database has forgotten.
    service.stop().await;
    let superuser = stack.superuser();
    for statement in ["alter table audit.cosignatures disable trigger all", "delete from audit.cosignatures"] {
        sqlx::query(statement).execute(&superuser).await.unwrap();
    }
    let service = stack.serve_with(config).await;
    let id = stack.publish(&message(room)).await;
    let later = eventually("both go on", async || stack.bus.call(&witnessed()).await.ok().filter(|found| found.covers >= Some(id)));
    assert!(later.await.size > first.size);

    // A witness that is away holds up its cosignature, and nothing else.
    one.runtime.stop().await;
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    let behind = stack.bus.call(&witnessed()).await.unwrap();
    assert!(behind.covers < Some(id));
    service.stop().await;
    drop((one.dir, two.dir));
}

/// A log that lost its tail goes on signing, but no witness follows it.
#[tokio::test]
async fn a_log_that_was_rolled_back_gets_no_cosignature() {
    let stack = Stack::start().await;
    let witness = Witness::start(&stack).await;
    let mut config = stack.config();
    config.witnesses.ask = vec![witness.asked()];
    let service = stack.serve_with(config.clone()).await;
    let room = RoomId::generate();
    for _ in 0..4 {
        let id = stack.publish(&message(room)).await;
        stack.covered(id).await;
    }
    let call = GetCheckpoint { witnessed: true };
    let seen = eventually("a cosignature", async || stack.bus.call(&call).await.ok().filter(|found| found.size == 4)).await;
    service.stop().await;

    // Everything is taken back, and other messages come.
    let superuser = stack.superuser();
    for table in ["records", "log_hashes", "checkpoints", "cosignatures"] {
        sqlx::query(&format!("alter table audit.{table} disable trigger all")).execute(&superuser).await.unwrap();
        sqlx::query(&format!("delete from audit.{table}")).execute(&superuser).await.unwrap();
    }
    let service = stack.serve_with(config).await;
    let mut last = None;
    for _ in 0..6 {
        last = Some(stack.publish(&message(room)).await);
    }
    stack.covered(last.unwrap()).await;
    let unwitnessed = stack.bus.call(&GetCheckpoint::default()).await.unwrap();
    let head = checkpoint::verify(&unwitnessed.note, &unwitnessed.vkey).unwrap();
    assert!(head.size > seen.size, "the log's own signature says nothing");
    let alarms = async || {
        let alarms = sqlx::query_scalar::<_, i64>("select count(*) from audit.events where kind = 'witness_alarmed'");
        (alarms.fetch_one(&superuser).await.unwrap() > 0).then_some(())
    };
    eventually("the alarm is in the log", alarms).await;
    assert_eq!(stack.count("cosignatures").await, 0);
    assert!(stack.bus.call(&call).await.is_err(), "no witness follows");
    service.stop().await;
    drop(witness.dir);
}
