//! The witness over HTTP, with a log that grows, forks and rolls back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use sealcast_merkle::{
    Hash,
    checkpoint::{self, SigningKey, TreeHead},
    cosignature, leaf,
    tree::{self, Frontier, StoredHashes},
    witness::AddCheckpoint,
};
use sealcast_runtime::{AdminConfig, LogConfig, Runtime, SecretFile};
use sealcast_witness::{Config, WitnessConfig, keygen, listen};
use tempfile::TempDir;

/// A log with its key, as audit-svc has it.
struct Log {
    key: SigningKey,
    stored: StoredHashes,
    roots: Vec<Hash>,
}

impl Log {
    fn new() -> Self {
        let key = SigningKey::parse(&checkpoint::generate_skey().unwrap()).unwrap();
        let mut log = Self { key, stored: StoredHashes::new(), roots: Vec::new() };
        log.write((0..30).map(|i| format!("leaf {i}")));
        log
    }

    /// Writes the log anew, under the same key.
    fn write(&mut self, leaves: impl Iterator<Item = String>) {
        let mut frontier = Frontier::default();
        self.stored.clear();
        self.roots = vec![frontier.root()];
        for text in leaves {
            self.stored.extend(frontier.append(leaf::hash(&text)));
            self.roots.push(frontier.root());
        }
    }

    fn request(&self, old_size: u64, size: u64) -> AddCheckpoint {
        let proof = tree::consistency_proof(old_size, size, &self.stored).unwrap();
        AddCheckpoint { old_size, proof, note: self.key.sign(&TreeHead { size, root: self.roots[size as usize] }) }
    }
}

/// The witness's own machine.
struct Place {
    dir: TempDir,
    log_vkey: String,
}

impl Place {
    fn new(log: &Log) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let [key, vkey, log_vkey] = ["key", "vkey", "log.vkey"].map(|name| dir.path().join(name).display().to_string());
        keygen::run(&["witness.example/w1".to_owned(), key, vkey]).unwrap();
        fs::write(&log_vkey, log.key.vkey()).unwrap();
        Self { dir, log_vkey: format!("@{log_vkey}") }
    }

    fn config(&self) -> Config {
        Config {
            log: LogConfig { level: "info".to_owned(), ..LogConfig::default() },
            admin: AdminConfig { listen: "127.0.0.1:0".parse().unwrap(), drain_grace_s: 5 },
            witness: WitnessConfig {
                listen: "127.0.0.1:0".parse().unwrap(),
                key_file: SecretFile(self.dir.path().join("key")),
                state_dir: self.dir.path().join("state"),
                log_vkey: self.log_vkey.clone(),
                request_timeout_s: 1,
            },
        }
    }

    fn vkey(&self) -> String {
        fs::read_to_string(self.dir.path().join("vkey")).unwrap().trim().to_owned()
    }

    async fn start(&self) -> (Runtime<Config>, SocketAddr) {
        let runtime = Runtime::detached(self.config());
        let address = listen(&runtime).await.unwrap();
        (runtime, address)
    }
}

/// Asks for a cosignature; the status and the answer's body.
async fn ask(address: SocketAddr, body: String) -> (u16, String) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(format!("http://{address}/add-checkpoint")).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn it_cosigns_growth_and_remembers_it_across_a_restart() {
    let mut log = Log::new();
    let place = Place::new(&log);
    let (witness, address) = place.start().await;
    for (old, size) in [(0, 3), (3, 3), (3, 20)] {
        let request = log.request(old, size);
        let (status, line) = ask(address, request.to_body()).await;
        assert_eq!(status, 200, "{line}");
        cosignature::verify(&format!("{}{line}", request.note), &place.vkey()).unwrap();
    }
    witness.stop().await;

    let (witness, address) = place.start().await;
    // The log lost its tail, or shows a smaller one to this caller.
    assert_eq!(ask(address, log.request(10, 15).to_body()).await, (409, "20\n".to_owned()));
    // The log was written anew with one leaf changed, and signed with its true key.
    log.write((0..30).map(|i| if i == 7 { "another".to_owned() } else { format!("leaf {i}") }));
    assert_eq!(ask(address, log.request(20, 20).to_body()).await, (409, "20\n".to_owned()));
    assert_eq!(ask(address, log.request(20, 25).to_body()).await.0, 422);
    // Another log's key, and nonsense.
    assert_eq!(ask(address, Log::new().request(20, 25).to_body()).await.0, 403);
    assert_eq!(ask(address, "nonsense".to_owned()).await.0, 400);
    assert_eq!(ask(address, "x".repeat(20_000)).await.0, 413);
    // None of that moved it.
    log.write((0..30).map(|i| format!("leaf {i}")));
    assert_eq!(ask(address, log.request(20, 30).to_body()).await.0, 200);
    witness.stop().await;
}

#[tokio::test]
async fn a_state_has_one_owner_and_must_be_of_the_log() {
    let log = Log::new();
    let place = Place::new(&log);
    let (witness, address) = place.start().await;
    assert_eq!(ask(address, log.request(0, 5).to_body()).await.0, 200);
    assert!(listen(&Runtime::detached(place.config())).await.is_err(), "two witnesses on one state");
    witness.stop().await;
    let note = place.dir.path().join("state/note");
    let kept = fs::read_to_string(&note).unwrap();
    for touched in [String::new(), kept.replacen("\n5\n", "\n4\n", 1), Log::new().request(0, 5).note] {
        fs::write(&note, touched).unwrap();
        assert!(listen(&Runtime::detached(place.config())).await.is_err(), "a state that somebody changed is not taken up");
    }
    fs::write(&note, kept).unwrap();
    let (witness, _) = place.start().await;
    witness.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slow_and_the_many_do_not_keep_the_log_waiting() {
    let log = Log::new();
    let place = Place::new(&log);
    let (witness, address) = place.start().await;
    let half = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 9\r\n\r\nhalf".as_slice();
    let answers = |count: usize| {
        let mut slow: Vec<_> = (0..count).map(|_| TcpStream::connect(address).unwrap()).collect();
        slow.iter_mut().for_each(|connection| connection.write_all(half).unwrap());
        slow.into_iter().map(status).collect::<Vec<_>>()
    };
    let statuses = tokio::task::block_in_place(|| answers(40));
    assert!(statuses.iter().any(|status| status == "503") && statuses.iter().any(|status| status == "408"), "{statuses:?}");
    assert!(statuses.iter().all(|status| status == "503" || status == "408"), "{statuses:?}");
    assert_eq!(ask(address, log.request(0, 5).to_body()).await.0, 200);
    witness.stop().await;
}

fn status(mut connection: TcpStream) -> String {
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut line = [0; 12];
    connection.read_exact(&mut line).unwrap();
    String::from_utf8_lossy(&line[9..]).into_owned()
}
