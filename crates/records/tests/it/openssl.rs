//! OpenSSL's own client, over TCP: data, changes of keys that it asks for, and its end.

use std::{
    io::{BufRead as _, BufReader, Lines, Read as _, Write as _},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustls::crypto::aws_lc_rs;
use sealcast_records::{Endpoint, RecordPath};

use crate::pair::server_config;

const PATIENCE: Duration = Duration::from_secs(20);
const CHANGES: usize = 5;

on_both_paths! { openssl_reads_writes_and_changes_keys }

/// What the server saw.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Line(String),
    /// It sent something that nobody wrote: the answer to a KeyUpdate.
    Answered,
    /// With a notice?
    Ended(bool),
}

fn openssl_reads_writes_and_changes_keys(path: RecordPath) {
    for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut talk = Talk::start(&listener, suite);
        let events = talk.events.take().unwrap();
        let server = thread::spawn(move || echo(&listener, path, &events));
        talk.say("hello");
        for change in 0..CHANGES {
            // `K` at the beginning of its input: a KeyUpdate that asks for one in return.
            talk.write("K");
            assert_eq!(talk.next(), Event::Answered, "{suite}: change {change}");
            talk.say(&format!("under key {change}"));
        }
        drop(talk.stdin.take());
        assert_eq!(talk.next(), Event::Ended(true), "{suite}");
        server.join().unwrap();
        talk.client.wait().unwrap();
    }
}

/// `openssl s_client` and what the server saw of it.
struct Talk {
    client: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    events: Option<mpsc::Sender<Event>>,
    seen: mpsc::Receiver<Event>,
}

impl Talk {
    fn start(listener: &TcpListener, suite: &str) -> Self {
        let mut client = Command::new("openssl")
            .args(["s_client", "-tls1_3", "-ciphersuites", suite, "-connect"])
            .arg(listener.local_addr().unwrap().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (stdin, lines) = (client.stdin.take(), BufReader::new(client.stdout.take().unwrap()).lines());
        let (events, seen) = mpsc::channel();
        Self { client, stdin, lines, events: Some(events), seen }
    }

    fn write(&mut self, text: &str) {
        // One write: the client looks for commands at the beginning of what it reads at once.
        self.stdin.as_mut().unwrap().write_all(format!("{text}\n").as_bytes()).unwrap();
    }

    fn next(&self) -> Event {
        self.seen.recv_timeout(PATIENCE).unwrap()
    }

    /// Writes a line, and reads it back.
    fn say(&mut self, text: &str) {
        self.write(text);
        assert_eq!(self.next(), Event::Line(text.to_owned()));
        let answer = format!("you said {text}");
        assert!(self.lines.by_ref().map_while(Result::ok).any(|line| line.ends_with(&answer)), "no answer arrives");
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        let _ = self.client.kill();
    }
}

/// Serves one connection: says every line back.
fn echo(listener: &TcpListener, path: RecordPath, events: &mpsc::Sender<Event>) {
    let (mut tcp, _) = listener.accept().unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut server = Endpoint::new(server_config(aws_lc_rs::default_provider()).into()).unwrap();
    let mut octets = [0; 4_096];
    loop {
        let read = tcp.read(&mut octets).unwrap();
        let (mut data, mut reply) = (Vec::new(), Vec::new());
        let shaken = !server.is_handshaking();
        server.receive(&octets[..read], &mut data, &mut reply).unwrap();
        if shaken && !reply.is_empty() {
            events.send(Event::Answered).unwrap();
        }
        if read == 0 || server.is_closed_by_peer() {
            events.send(Event::Ended(server.is_closed_by_peer())).unwrap();
            return;
        }
        if let Some(line) = data.strip_suffix(b"\n") {
            if path == RecordPath::Extracted {
                assert!(server.extract().unwrap());
            }
            events.send(Event::Line(String::from_utf8(line.to_vec()).unwrap())).unwrap();
            server.send(&[b"you said ", &data[..]].concat(), &mut reply).unwrap();
        }
        tcp.write_all(&reply).unwrap();
    }
}
