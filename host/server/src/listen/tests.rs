use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::*;

mod certificates;
mod ciphers;
mod headers;

fn limits() -> Connections {
    Connections {
        max: 4,
        header_timeout: Duration::from_millis(100),
        idle_timeout: Duration::from_millis(250),
        request_timeout: Duration::from_secs(5),
        drain: Duration::from_secs(5),
    }
}

/// The same for peers that do not dawdle, however busy the machine is.
fn patient() -> Connections {
    Connections { header_timeout: Duration::from_secs(30), idle_timeout: Duration::from_secs(30), ..limits() }
}

async fn started(router: Router) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let served = Served { router, proxied: None, limits: limits() };
    let (addresses, stop, task) = listening([Transport::Plain], served).await;
    (addresses[0], stop, task)
}

/// A server with a listener for each transport.
async fn listening<const N: usize>(
    transports: [Transport; N],
    served: Served,
) -> ([std::net::SocketAddr; N], oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let mut listeners = Vec::new();
    for transport in transports {
        listeners.push(Listener { socket: TcpListener::bind("127.0.0.1:0").await.unwrap(), transport });
    }
    let addresses: Vec<_> = listeners.iter().map(|listener| listener.socket.local_addr().unwrap()).collect();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(serve(listeners, served, async {
        let _ = stopped.await;
    }));
    (addresses.try_into().unwrap(), stop, task)
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, request: &str) -> String {
    let mut answer = Vec::new();
    // A server that ends the connection may do so before everything is written.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_slow_loris_is_cut_off_in_every_phase_of_a_head() {
    let (address, _stop, _task) = started(Router::new().route("/", get(|| async { "here" }))).await;
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let answer = talk(&mut stream, beginning).await;
        assert!(!answer.contains("here"), "{beginning:?}: {answer}");
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_though_the_server_stops() {
    let (entered, is_in) = oneshot::channel::<()>();
    let (let_go, may_go) = oneshot::channel::<()>();
    let once = Arc::new(std::sync::Mutex::new(Some((entered, may_go))));
    let router = Router::new().route(
        "/",
        get(move || {
            let once = Arc::clone(&once);
            async move {
                let (entered, may_go) = once.lock().unwrap().take().unwrap();
                entered.send(()).unwrap();
                may_go.await.unwrap();
                "finished"
            }
        }),
    );
    let (address, stop, task) = started(router).await;
    let client = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        talk(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await
    });
    is_in.await.unwrap();
    stop.send(()).unwrap();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let_go.send(()).unwrap();
    assert!(client.await.unwrap().ends_with("finished"));
    task.await.unwrap();
}

#[tokio::test]
async fn connections_over_the_limit_wait_their_turn() {
    let (address, _stop, _task) = started(Router::new().route("/", get(|| async { "here" }))).await;
    let mut idle = Vec::new();
    for _ in 0..limits().max {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let answer = talk(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.ends_with("here"), "served once the idle ones were cut off: {answer}");
}

#[tokio::test]
async fn a_listener_that_nobody_asks_keeps_no_connection_from_another_listener() {
    let router = Router::new().route("/", get(|| async { "here" }));
    let limits = Connections { max: 1, ..limits() };
    let served = Served { router, proxied: None, limits };
    let (addresses, stop, task) = listening([Transport::Plain, Transport::Plain], served).await;
    for address in addresses.into_iter().chain(addresses) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let answer = talk(&mut stream, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        assert!(answer.ends_with("here"), "{answer}");
    }
    stop.send(()).unwrap();
    task.await.unwrap();
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err(), "a stop is for all listeners");
    }
}

/// The preface and empty settings of a client (RFC 9113 §3.4).
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// `GET http://a/` on stream 1, whole (RFC 9113 §6.2; the fields are RFC 7541 §6.1's and §6.2.1's).
const GET: &[u8] = b"\0\0\x06\x01\x05\0\0\0\x01\x82\x84\x86\x41\x01a";
/// The types of frames.
const DATA: u8 = 0;
const GOAWAY: u8 = 7;

/// The types and payloads of all frames until the server ends the connection.
async fn frames<S: AsyncRead + Unpin>(stream: &mut S) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        frames.push((head[3], payload));
    }
    frames
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed_with_a_farewell_and_one_that_waits_for_its_answer_is_not()
 {
    let (let_go, may_go) = tokio::sync::watch::channel(());
    let router = Router::new().route(
        "/",
        get(move || {
            let mut may_go = may_go.clone();
            async move {
                may_go.changed().await.unwrap();
                "finished"
            }
        }),
    );
    let (address, _stop, _task) = started(router).await;
    let mut waiting = TcpStream::connect(address).await.unwrap();
    waiting.write_all(&[HELLO, GET].concat()).await.unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(HELLO).await.unwrap();

    // It answers neither settings nor pings, as a peer that wants to stay would not.
    let told = tokio::time::timeout(Duration::from_secs(5), frames(&mut idle)).await.expect("it stays open");
    assert!(told.iter().any(|(kind, _)| *kind == GOAWAY), "{told:?}");

    let_go.send(()).unwrap();
    let told =
        tokio::time::timeout(Duration::from_secs(5), frames(&mut waiting)).await.expect("it stays open");
    assert!(told.iter().any(|frame| *frame == (DATA, b"finished".to_vec())), "{told:?}");
}
