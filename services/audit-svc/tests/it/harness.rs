use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use sealcast_audit_svc::{
    MIGRATOR,
    appends::AppendKey,
    config,
    config::Config,
    data_keys::DataKeys,
    keygen,
    sealing::Keks,
    start,
    verify::{Means, Report, verify},
};
use sealcast_bus::{Bus, CallError};
use sealcast_contracts::{
    Caller, CaseId, ClientMessageId, EventId, Fingerprint, RoomId, SessionId, UserId,
    audit::{
        AccessAction, Approval, AuditRefusal, Case, DecideApproval, GetCheckpoint, MessageFilter, MessagePage, NewCase, OpenCase,
        Order, QueryMessages, RequestApproval, Scope,
    },
    auth::Role,
    chat::ListMemberships,
    events::{AuditEvent, AuditEventKind},
    stream::{ENVELOPES, StreamMessage, room_subject},
};
use sealcast_merkle::checkpoint::{SigningKey, TreeHead};
use sealcast_runtime::{AdminConfig, LogConfig, Runtime, SecretFile};
use sealcast_testkit::{Database, Nats, Postgres, eventually};
use sqlx::PgPool;
use tempfile::TempDir;
use time::OffsetDateTime;
use uuid::Uuid;

const PUBLISH_TIMEOUT: Duration = Duration::from_secs(10);

/// The engines, the keys and a caller's connection; services are started on top of it.
pub struct Stack {
    pub nats: Nats,
    pub postgres: Postgres,
    pub database: Database,
    pub keys: TempDir,
    /// Publishes as chat-svc does, and calls as edge-svc does.
    pub bus: Bus,
    memberships: Arc<Mutex<HashMap<UserId, Vec<RoomId>>>>,
}

impl Stack {
    pub async fn start() -> Self {
        let (nats, postgres) = (Nats::start(), Postgres::start());
        let bus = nats.provisioned("chat-svc").await;
        let database = postgres.database().await;
        MIGRATOR.run(&database.pool("audit_owner")).await.expect("the migrations, as the owner");
        let keys = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| keys.path().join(name).display().to_string();
        keygen::run(&["--kek".to_owned(), path("1.key"), "--log-key".to_owned(), path("log")]).expect("keys");
        Self { nats, postgres, database, keys, bus, memberships: Arc::default() }
    }

    /// Goes on with an empty database, on the same engines.
    pub async fn renew_database(&mut self) {
        self.database = self.postgres.database().await;
        MIGRATOR.run(&self.database.pool("audit_owner")).await.expect("the migrations, as the owner");
    }

    pub fn config(&self) -> Config {
        Config {
            log: LogConfig { level: "info".to_owned(), ..LogConfig::default() },
            admin: AdminConfig { listen: "127.0.0.1:0".parse().unwrap(), drain_grace_s: 5 },
            nats: self.nats.config(),
            postgres: self.database.config("audit_svc"),
            sealing: config::SealingConfig { kek_dir: self.keys.path().to_owned(), data_keys_cached_max: 2 },
            log_key: config::LogKeyConfig { file: SecretFile(self.keys.path().join("log")) },
            ingest: config::IngestConfig { batch_max: 500, batch_wait_ms: 10 },
            policy: config::PolicyConfig {
                four_eyes: vec![AccessAction::Query, AccessAction::Export, AccessAction::ReleaseHold],
                case_days_max: 365,
                sealed_days_max: 180,
            },
            retention: config::RetentionConfig { interval_s: 3_600 },
            witnesses: config::WitnessesConfig { ask: Vec::new() },
        }
    }

    /// Starts audit-svc.
    pub async fn serve(&self) -> Runtime<Config> {
        self.serve_with(self.config()).await
    }

    pub async fn serve_with(&self, config: Config) -> Runtime<Config> {
        let runtime = Runtime::detached(config);
        start(&runtime).await.expect("audit-svc");
        runtime
    }

    /// Answers chat-svc's part of the contract that audit-svc asks for.
    pub async fn serve_memberships(&self) -> Runtime<()> {
        let runtime = Runtime::detached(());
        let server = self.bus.server("0.0.0", &runtime.tasks, &runtime.shutdown).await.unwrap();
        let memberships = self.memberships.clone();
        server
            .serve::<ListMemberships, _, _>(move |call| {
                let rooms = memberships.lock().unwrap().get(&call.user_id).cloned().unwrap_or_default();
                async move { Ok(rooms) }
            })
            .await
            .unwrap();
        // The server must outlive this function.
        runtime.tasks.spawn({
            let shutdown = runtime.shutdown.clone();
            async move {
                shutdown.cancelled().await;
                drop(server);
            }
        });
        runtime
    }

    pub fn member(&self, rooms: &[RoomId]) -> Caller {
        self.in_rooms(caller(Role::Member), rooms)
    }

    pub fn officer(&self, rooms: &[RoomId]) -> Caller {
        self.in_rooms(caller(Role::Auditor), rooms)
    }

    pub fn in_rooms(&self, caller: Caller, rooms: &[RoomId]) -> Caller {
        self.memberships.lock().unwrap().insert(caller.user_id, rooms.to_vec());
        caller
    }

    /// What audit-svc stands for its appends with.
    fn log_key(&self) -> SigningKey {
        let log_key = std::fs::read_to_string(self.keys.path().join("log")).expect("the log's key");
        SigningKey::parse(&log_key).expect("a signing key")
    }

    pub fn append_key(&self) -> AppendKey {
        AppendKey::of(&self.log_key())
    }

    /// The operator's check, with all that an operator has.
    pub async fn verify(&self) -> Report {
        self.verify_seen(&[]).await
    }

    /// The same by somebody who has seen the log before.
    pub async fn verify_seen(&self, seen: &[TreeHead]) -> Report {
        let data_keys = DataKeys::new(Keks::read(self.keys.path()).unwrap(), 8);
        let append_key = self.append_key();
        let means = Means { data_keys: Some(&data_keys), append_key: Some(&append_key), seen };
        verify(&self.superuser(), self.log_key().vkey(), means).await.unwrap()
    }

    pub fn superuser(&self) -> PgPool {
        self.database.pool("postgres")
    }

    /// Publishes as chat-svc does and returns the message's id.
    pub async fn publish(&self, message: &StreamMessage) -> EventId {
        self.publish_as(message, &Uuid::new_v4().to_string()).await
    }

    pub async fn publish_as(&self, message: &StreamMessage, message_id: &str) -> EventId {
        let subject = room_subject(message.room_id);
        let published = self
            .bus
            .publish(subject, message_id, &message.headers(), message.payload().into(), PUBLISH_TIMEOUT)
            .await
            .expect("an ack");
        EventId { stream_epoch: message.stream_epoch, seq: published.seq }
    }

    pub async fn publish_raw(&self, subject: &str, headers: &[(&str, String)], payload: Vec<u8>) {
        let id = Uuid::new_v4().to_string();
        self.bus.publish(subject.to_owned(), &id, headers, payload.into(), PUBLISH_TIMEOUT).await.expect("an ack");
    }

    pub async fn publish_event(&self, event: &AuditEvent) {
        self.publish_raw(&event.subject(), &[], serde_json::to_vec(event).unwrap()).await;
    }

    /// Waits until the newest checkpoint covers the message.
    pub async fn covered(&self, id: EventId) {
        eventually("a checkpoint that covers the message", async || {
            let checkpoint = self.bus.call(&GetCheckpoint::default()).await.ok()?;
            (checkpoint.covers >= Some(id)).then_some(())
        })
        .await;
    }

    /// Waits until nothing waits for audit-svc.
    pub async fn idle(&self, stream: &str) {
        let consumer = self.bus.consumer(stream, "audit").await.unwrap();
        eventually("nothing waits in the stream", async || (consumer.state().await.ok()?.lag == 0).then_some(())).await;
    }

    /// Redelivers soon, so that tests need not wait for the real time.
    pub async fn redeliver_after_s(&self, seconds: u64) {
        let config = serde_json::json!({"stream_name": ENVELOPES, "config": {
            "durable_name": "audit", "ack_policy": "explicit", "ack_wait": seconds * 1_000_000_000, "max_deliver": -1,
            "max_ack_pending": 5_000, "deliver_policy": "all", "replay_policy": "instant",
        }});
        self.bus.jetstream_api(&format!("CONSUMER.DURABLE.CREATE.{ENVELOPES}.audit"), &config).await.unwrap();
    }

    pub async fn query(&self, caller: &Caller, filter: MessageFilter) -> Result<MessagePage, CallError<AuditRefusal>> {
        self.bus
            .call(&QueryMessages {
                caller: caller.clone(),
                filter,
                order: Order::OldestFirst,
                cursor: None,
                limit: 200,
                case_id: None,
            })
            .await
    }

    pub async fn query_in(
        &self,
        caller: &Caller,
        case_id: CaseId,
        filter: MessageFilter,
    ) -> Result<MessagePage, CallError<AuditRefusal>> {
        let call = QueryMessages {
            caller: caller.clone(),
            filter,
            order: Order::OldestFirst,
            cursor: None,
            limit: 200,
            case_id: Some(case_id),
        };
        self.bus.call(&call).await
    }

    /// A case that another officer has approved queries and exports for.
    pub async fn approved_case(&self, officer: &Caller, scope: Scope) -> Case {
        let case = self.bus.call(&OpenCase { caller: officer.clone(), case: new_case(scope) }).await.expect("a case");
        for action in [AccessAction::Query, AccessAction::Export, AccessAction::ReleaseHold] {
            self.approve(officer, &caller(Role::Auditor), case.case_id, action).await;
        }
        case
    }

    pub async fn approve(&self, officer: &Caller, second: &Caller, case_id: CaseId, action: AccessAction) -> Approval {
        let call = RequestApproval { caller: officer.clone(), case_id, action, reason: "to find out".to_owned() };
        let approval_id = self.bus.call(&call).await.expect("a request").approval_id;
        let call = DecideApproval {
            caller: second.clone(),
            case_id,
            approval_id,
            granted: true,
            reason: "it is needed".to_owned(),
            valid_until: None,
        };
        self.bus.call(&call).await.expect("a decision")
    }

    pub async fn count(&self, table: &str) -> i64 {
        sqlx::query_scalar(&format!("select count(*) from audit.{table}")).fetch_one(&self.superuser()).await.unwrap()
    }
}

pub fn new_case(scope: Scope) -> NewCase {
    NewCase {
        number: Uuid::new_v4().to_string(),
        reason: "a complaint".to_owned(),
        legal_basis: "GDPR 6(1)(c)".to_owned(),
        expires_at: OffsetDateTime::now_utc() + time::Duration::DAY,
        scope,
        sealed_until: None,
    }
}

pub fn caller(role: Role) -> Caller {
    Caller {
        user_id: UserId::generate(),
        username: "somebody".to_owned(),
        role,
        fingerprint: Fingerprint([1; 32]),
        session_id: SessionId::generate(),
    }
}

/// A message with content of its own.
pub fn message(room_id: RoomId) -> StreamMessage {
    let octets = |count: usize| (0..count.div_ceil(16)).flat_map(|_| *Uuid::new_v4().as_bytes()).collect::<Vec<u8>>();
    let now = OffsetDateTime::now_utc();
    StreamMessage {
        room_id,
        stream_epoch: 1,
        sender: UserId::generate(),
        sender_fp: Fingerprint([2; 32]),
        cid: ClientMessageId::generate(),
        epoch: 1,
        accepted_at: now.replace_nanosecond(now.nanosecond() / 1_000_000 * 1_000_000).unwrap(),
        env: octets(640),
        sig: octets(320),
    }
}

pub fn logged_out() -> AuditEvent {
    let what = AuditEventKind::LoggedOut { session_id: SessionId::generate() };
    AuditEvent::now(Uuid::now_v7(), OffsetDateTime::now_utc(), Some(UserId::generate()), what)
}
