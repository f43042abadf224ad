//! A server that plugins talk to: over TLS on this machine, it answers by a function and remembers what it was asked.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::tls::{Authority, Identity};

/// A server that plugins talk to. It ends with the runtime of its test.
pub struct Upstream {
    /// Where it is, without a slash at the end.
    pub url: String,
    asked: Log,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Every value of the header `Authorization`.
    pub authorization: Vec<String>,
    /// The body.
    pub body: String,
}

type Log = Arc<Mutex<Vec<Asked>>>;
type Answer = Arc<dyn Fn(&Asked) -> (u16, String) + Send + Sync>;

impl Upstream {
    /// Serves with a certificate and asks for one of these clients if there are any. Answers are a status and JSON.
    pub async fn start(
        identity: &Identity,
        clients: Option<&Authority>,
        answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://{}", listener.local_addr()?);
        let acceptor = TlsAcceptor::from(Arc::new(identity.serving(clients)?));
        let (asked, answer): (Log, Answer) = (Arc::default(), Arc::new(answer));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Ok(Self { url, asked })
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, log: Log, answer: Answer) {
    // A client that does not trust us, or is not trusted, is no request.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(|request| async {
        let asked = read(request).await;
        let (status, body) = answer(&asked);
        log.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        let response = Response::builder().status(status).header("content-type", "application/json");
        Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).expect("the answer is a response"))
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection that breaks off has said what it had to say.
    let _ended = connection.await;
}

async fn read(request: Request<Incoming>) -> Asked {
    let (head, body) = request.into_parts();
    let values = head.headers.get_all("authorization").iter();
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        authorization: values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
