//! An endpoint and a rustls client with nothing between them.

use std::{
    io::Read as _,
    sync::{Arc, LazyLock},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use sealcast_records::{Endpoint, Error, RecordPath};

const HOST: &str = "records.test";

struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    Identity { certificate: made.cert.der().clone(), key: PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into()) }
});

/// A server's configuration with the keys of [`IDENTITY`].
pub fn server_config(provider: CryptoProvider) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(Arc::new(provider)).with_protocol_versions(&[&TLS13, &TLS12]).unwrap();
    let (certificates, key) = (vec![IDENTITY.certificate.clone()], IDENTITY.key.clone_key());
    let mut config = builder.with_no_client_auth().with_single_cert(certificates, key).unwrap();
    config.enable_secret_extraction = true;
    config
}

/// A client's configuration that trusts it.
pub fn client_config() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(IDENTITY.certificate.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.enable_secret_extraction = true;
    config
}

/// What a server sends back.
pub type Reply = Vec<u8>;

/// Both ends after the handshake.
pub struct Pair {
    pub server: Endpoint,
    pub client: ClientConnection,
}

impl Pair {
    pub fn open(path: RecordPath) -> Self {
        Self::with(path, server_config(aws_lc_rs::default_provider()), client_config())
    }

    pub fn with(path: RecordPath, server: ServerConfig, client: ClientConfig) -> Self {
        let name = ServerName::try_from(HOST).unwrap();
        let (server, client) = (Endpoint::new(server.into()).unwrap(), ClientConnection::new(client.into(), name).unwrap());
        let mut pair = Self { server, client };
        while pair.client.is_handshaking() || pair.server.is_handshaking() {
            let (octets, mut data, mut reply) = (pair.client_octets(), Vec::new(), Vec::new());
            pair.server.receive(&octets, &mut data, &mut reply).unwrap();
            assert_eq!(pair.read(&reply).unwrap(), b"");
        }
        if path == RecordPath::Extracted {
            assert!(pair.server.extract().unwrap());
        }
        assert_eq!(pair.server.path(), path);
        pair
    }

    /// What the client wants to send.
    pub fn client_octets(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut octets).unwrap();
        }
        octets
    }

    /// What the client wants to send, with this text behind it.
    pub fn write(&mut self, text: &[u8]) -> Vec<u8> {
        std::io::Write::write_all(&mut self.client.writer(), text).unwrap();
        self.client_octets()
    }

    /// Gives octets to the client; what it reads.
    pub fn read(&mut self, mut octets: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let mut text = Vec::new();
        while !octets.is_empty() {
            self.client.read_tls(&mut octets).unwrap();
            self.client.process_new_packets()?;
            // What there is has been read; then it would block.
            let _ = self.client.reader().read_to_end(&mut text);
        }
        Ok(text)
    }

    /// Gives octets to the server: its data, and its reply.
    pub fn receive(&mut self, octets: &[u8]) -> Result<(Vec<u8>, Reply), (Error, Reply)> {
        let (mut data, mut reply) = (Vec::new(), Vec::new());
        match self.server.receive(octets, &mut data, &mut reply) {
            Ok(()) => Ok((data, reply)),
            Err(error) => Err((error, reply)),
        }
    }

    /// Text from the server, in records.
    pub fn send(&mut self, text: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        self.server.send(text, &mut octets).unwrap();
        octets
    }
}

/// The lengths of the bodies of some records.
pub fn bodies(mut octets: &[u8]) -> Vec<usize> {
    let mut bodies = Vec::new();
    while let [_, _, _, high, low, rest @ ..] = octets {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        bodies.push(length);
        octets = &rest[length..];
    }
    bodies
}
