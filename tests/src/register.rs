//! A register of people behind HTTP, as some country might have it: it answers as a test tells it to, and remembers what it
//! was asked. A real server on the loopback interface.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, as it was encoded.
    pub path: String,
    /// The query, as it was encoded.
    pub query: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The content as JSON; null when it is none.
    pub body: Value,
}

impl Asked {
    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A header field; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What the register answers: a status and JSON.
pub type Told = (u16, Value);

type Script = Arc<dyn Fn(&Asked) -> Told + Send + Sync>;

#[derive(Clone)]
struct Desk {
    script: Script,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A running register; it ends with this.
pub struct Register {
    /// Where it is.
    pub url: String,
    desk: Desk,
    server: JoinHandle<()>,
}

impl Register {
    /// Starts one that answers every request by a script.
    pub async fn start(script: impl Fn(&Asked) -> Told + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let desk = Desk { script: Arc::new(script), asked: Arc::default() };
        let router = Router::new().fallback(answer).with_state(desk.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves until it is aborted");
        });
        Self { url, desk, server }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.desk.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let (status, told) = (desk.script)(&asked);
    desk.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response()
}
