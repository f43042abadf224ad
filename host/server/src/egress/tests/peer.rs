//! Upstreams and token endpoints of this machine over real TLS, and the operator's side of talking to them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use esignet_sandbox::Grant;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::*;
use crate::config::finding::Finding;
use crate::listen::tls::provider;
use crate::secret_file;
use crate::testing::{Authority, Moved, lasting};
use crate::wire::plugins::upstreams;

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) authorization: Vec<String>,
    pub(super) body: String,
}

/// A server over TLS that remembers what it was asked.
pub(super) struct Peer {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Peer {
    /// Answers by a function; asks for certificates of `clients` when there are any.
    pub(super) async fn start<F, Answer>(
        authority: &Authority,
        clients: Option<&Authority>,
        answer: F,
    ) -> Self
    where
        F: Fn(usize, Seen) -> Answer + Clone + Send + Sync + 'static,
        Answer: Future<Output = axum::response::Response> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(config(authority, clients)));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, log, answer) = (acceptor.clone(), Arc::clone(&log), answer.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let (log, answer) = (Arc::clone(&log), answer.clone());
                        async move {
                            let seen = look(request).await;
                            let count = {
                                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                                log.push(seen.clone());
                                log.len()
                            };
                            Ok::<_, Infallible>(answer(count, seen).await)
                        }
                    });
                    let served = hyper::server::conn::http1::Builder::new();
                    let _ = served.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, seen }
    }

    /// What it was asked so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn look(request: hyper::Request<hyper::body::Incoming>) -> Seen {
    let (head, body) = request.into_parts();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    let body = to_bytes(Body::new(body), 1 << 20).await.unwrap();
    Seen {
        path: head.uri.path().to_owned(),
        authorization: head.headers.get_all("authorization").iter().map(text).collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn config(authority: &Authority, clients: Option<&Authority>) -> ServerConfig {
    let mut params = lasting();
    params.extended_key_usages = vec![ServerAuth];
    let own = authority.issue(&params);
    let versions = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = match clients {
        None => versions.unwrap().with_no_client_auth(),
        Some(clients) => {
            let roots = Arc::new(clients.roots());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            versions.unwrap().with_client_cert_verifier(verifier.unwrap())
        }
    };
    builder.with_single_cert(vec![own.der()], own.private_key()).unwrap()
}

/// An answer with a text.
pub(super) fn text(status: u16, body: impl Into<Body>) -> axum::response::Response {
    axum::response::Response::builder().status(status).body(body.into()).unwrap()
}

/// The operator's directory.
pub(super) struct Site {
    pub(super) directory: tempfile::TempDir,
    pub(super) clock: Arc<Moved>,
    pub(super) authority: Authority,
}

impl Site {
    /// With the certificates of an authority for servers in `ca.pem`.
    pub(super) fn new() -> Self {
        let authority = Authority::lasting("servers");
        let site = Self { directory: tempfile::tempdir().unwrap(), clock: Moved::new(), authority };
        site.secret("ca.pem", &site.authority.pem());
        site
    }

    /// Makes or replaces a file that its owner alone can read.
    pub(super) fn secret(&self, name: &str, content: &str) {
        secret_file::replace(&self.file(name), content.as_bytes()).unwrap();
    }

    /// Makes a certificate for clients with its key, `client.pem` and `client.key`.
    pub(super) fn client(&self, clients: &Authority) {
        let mut params = lasting();
        params.extended_key_usages = vec![ClientAuth];
        let client = clients.issue(&params);
        self.secret("client.pem", &client.certificate.pem());
        self.secret("client.key", &client.key.serialize_pem());
    }

    pub(super) fn file(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// Connections by `[plugins.tested.upstreams]`, with paths from this directory.
    pub(super) fn connections(&self, upstreams: &serde_json::Value) -> (Connections, Vec<Finding>) {
        let text = upstreams.to_string().replace("@/", &format!("{}/", self.directory.path().display()));
        let upstreams: serde_json::Value = serde_json::from_str(&text).unwrap();
        let grant: Grant = serde_json::from_value(serde_json::json!({ "upstreams": upstreams })).unwrap();
        let (clock, mut findings): (Arc<dyn esignet_protocol::ports::clock::Clock>, _) =
            (self.clock.clone(), Vec::new());
        let grants = BTreeMap::from([("tested".to_owned(), grant)]);
        (upstreams::connections(&grants, &clock, &mut findings), findings)
    }

    /// The same, without anything to find fault with.
    pub(super) fn egress(&self, upstreams: &serde_json::Value) -> Arc<Egress> {
        let (connections, findings) = self.connections(upstreams);
        assert_eq!(findings, []);
        Arc::new(Egress::new(connections))
    }

    /// With one upstream `register`, its certificates, and these credentials.
    pub(super) fn logging_in(&self, url: &str, credentials: &serde_json::Value) -> Arc<Egress> {
        self.egress(&serde_json::json!({
            "register": { "url": url, "ca_file": "@/ca.pem", "credentials": credentials },
        }))
    }
}

/// A request to the upstream `register` at a URL.
pub(super) fn request(base_url: &str) -> UpstreamRequest {
    UpstreamRequest {
        plugin: "tested".to_owned(),
        upstream: "register".to_owned(),
        base_url: base_url.to_owned(),
        method: "GET".to_owned(),
        path: "/v1/people".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: 5_000,
        max_response_bytes: 1_024,
    }
}

/// A key of ours in PEM.
pub(super) fn key_pem() -> String {
    rcgen::KeyPair::generate().unwrap().serialize_pem()
}
