//! The client's side of TLS 1.3, small enough for ten thousands of streams: rustls makes the handshake, then gives its keys
//! away, and records are opened here with one AEAD key per stream.

mod records;

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, Result, bail};
use rustls::{
    ClientConfig, HandshakeKind, NamedGroup, RootCertStore,
    client::{
        ClientConnectionData, ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
        UnbufferedClientConnection,
    },
    crypto::aws_lc_rs::{self, cipher_suite},
    kernel::KernelConnection,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    unbuffered::{ConnectionState, EncodeError, UnbufferedStatus},
    version::TLS13,
};

pub use records::{Kind, Opener, Sealer, record_len};

/// The name that every certificate of a bench has.
const SERVER_NAME: &str = "localhost";
/// A handshake flight of a client is shorter.
const FLIGHT_OCTETS: usize = 4_096;

/// What all handshakes of one process share.
pub struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    tickets: Option<Arc<Tickets>>,
}

impl Tls {
    /// Trusts one authority. With `resumption` tickets are kept, and each is used once.
    ///
    /// # Errors
    /// The file has no certificate.
    pub fn new(ca: &Path, resumption: bool) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca).with_context(|| format!("reading {}", ca.display()))? {
            roots.add(certificate?)?;
        }
        let mut provider = aws_lc_rs::default_provider();
        // As browsers on machines with AES instructions do.
        provider.cipher_suites = vec![
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        ];
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.enable_secret_extraction = true;
        let tickets = resumption.then(Arc::<Tickets>::default);
        config.resumption = match &tickets {
            Some(tickets) => Resumption::store(Arc::clone(tickets) as Arc<dyn ClientSessionStore>),
            None => Resumption::disabled(),
        };
        Ok(Self { config: Arc::new(config), name: ServerName::try_from(SERVER_NAME)?, tickets })
    }

    /// Begins a handshake.
    ///
    /// # Errors
    /// As rustls.
    pub fn handshake(&self) -> Result<Handshake> {
        let connection = UnbufferedClientConnection::new(Arc::clone(&self.config), self.name.clone())?;
        Ok(Handshake { connection, incoming: Vec::new() })
    }

    /// Whether tickets are worth keeping.
    pub fn resumes(&self) -> bool {
        self.tickets.is_some()
    }

    /// Tickets that wait for their use.
    pub fn tickets(&self) -> usize {
        self.tickets.as_ref().map_or(0, |tickets| tickets.lock().tickets.len())
    }
}

/// A handshake under way.
pub struct Handshake {
    connection: UnbufferedClientConnection,
    incoming: Vec<u8>,
}

/// A finished handshake.
pub struct Established {
    pub opener: Opener,
    pub sealer: Sealer,
    /// Takes tickets and follows key updates.
    pub kernel: KernelConnection<ClientConnectionData>,
    /// Octets that came behind the handshake.
    pub rest: Vec<u8>,
    pub resumed: bool,
    pub group: Option<NamedGroup>,
}

impl Handshake {
    /// Takes what has arrived and appends what is to be sent. True once the handshake is done.
    ///
    /// # Errors
    /// The handshake failed.
    pub fn advance(&mut self, received: &[u8], out: &mut Vec<u8>) -> Result<bool> {
        self.incoming.extend_from_slice(received);
        loop {
            let UnbufferedStatus { discard, state } = self.connection.process_tls_records(&mut self.incoming);
            let done = match state? {
                ConnectionState::EncodeTlsData(mut data) => {
                    append(out, |room| data.encode(room))?;
                    None
                }
                ConnectionState::TransmitTlsData(data) => {
                    data.done();
                    None
                }
                ConnectionState::BlockedHandshake => Some(false),
                ConnectionState::WriteTraffic(_) => Some(true),
                other => bail!("unexpected in a handshake: {other:?}"),
            };
            self.incoming.drain(..discard);
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    /// Takes the keys of a finished handshake.
    ///
    /// # Errors
    /// It is not finished.
    pub fn finish(self) -> Result<Established> {
        let resumed = self.connection.handshake_kind() == Some(HandshakeKind::Resumed);
        let group = self.connection.negotiated_key_exchange_group().map(|group| group.name());
        let (secrets, kernel) = self.connection.dangerous_into_kernel_connection()?;
        let (opener, sealer) = (Opener::new(secrets.rx)?, Sealer::new(secrets.tx)?);
        Ok(Established { opener, sealer, kernel, rest: self.incoming, resumed, group })
    }
}

fn append(out: &mut Vec<u8>, mut encode: impl FnMut(&mut [u8]) -> Result<usize, EncodeError>) -> Result<()> {
    let begin = out.len();
    out.resize(begin + FLIGHT_OCTETS, 0);
    let written = match encode(&mut out[begin..]) {
        Err(EncodeError::InsufficientSize(needed)) => {
            out.resize(begin + needed.required_size, 0);
            encode(&mut out[begin..])?
        }
        other => other?,
    };
    out.truncate(begin + written);
    Ok(())
}

/// Tickets of one authority's servers, oldest first: all edges are meant to take each other's.
#[derive(Debug, Default)]
struct Tickets {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    tickets: VecDeque<Tls13ClientSessionValue>,
    hint: Option<NamedGroup>,
}

impl Tickets {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.lock().hint = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.lock().hint
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.lock().tickets.push_back(ticket);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.lock().tickets.pop_front()
    }
}
