use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A resolver that answers as told, one answer after the other, and repeats the last.
struct Scripted(Mutex<Vec<Vec<IpAddr>>>);

impl Scripted {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().rev().map(parsed).collect())))
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn addresses(&self, _: &str) -> Vec<IpAddr> {
        let mut answers = self.0.lock().unwrap();
        if answers.len() > 1 { answers.pop().unwrap() } else { answers.first().cloned().unwrap_or_default() }
    }
}

fn request(url: &str) -> PublicRequest {
    PublicRequest { url: url.to_owned(), accept: "*/*", max_bytes: 64 }
}

async fn fetched(allow: &[SocketAddr], url: &str) -> Result<Fetched, FetchRefusal> {
    GuardedEgress::new(allow.to_vec()).get(request(url)).await
}

/// A server on the loopback interface that answers every connection with these parts, a pause before each but the first.
async fn server(parts: Vec<Vec<u8>>, pause: Duration) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let parts = parts.clone();
            tokio::spawn(async move {
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                for (place, part) in parts.iter().enumerate() {
                    if place > 0 {
                        tokio::time::sleep(pause).await;
                    }
                    if stream.write_all(part).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, asked)
}

async fn answering(answer: &str) -> (SocketAddr, Arc<AtomicUsize>) {
    server(vec![answer.as_bytes().to_vec()], Duration::ZERO).await
}

#[tokio::test]
async fn no_spelling_of_an_address_that_is_not_public_is_fetched() {
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "192.168.1.1",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fd00::1]",
        "[fe80::1]",
        "[2001:db8::1]",
    ] {
        let refused = fetched(&[], &format!("https://{host}:8443/jwks")).await;
        assert_eq!(refused, Err(FetchRefusal::NotPublic), "{host}");
    }
}

#[tokio::test]
async fn other_schemes_ports_and_user_names_are_refused_before_anything_is_looked_up() {
    for (url, refusal) in [
        ("http://rp.example/jwks", FetchRefusal::NotHttps),
        ("ftp://rp.example/jwks", FetchRefusal::NotHttps),
        ("file:///etc/passwd", FetchRefusal::NotAUrl),
        ("data:text/plain,x", FetchRefusal::NotAUrl),
        ("gopher://127.0.0.1:70/x", FetchRefusal::NotHttps),
        ("jwks", FetchRefusal::NotAUrl),
        ("https://", FetchRefusal::NotAUrl),
        ("https://user@rp.example/jwks", FetchRefusal::UserInfo),
        ("https://:secret@rp.example/jwks", FetchRefusal::UserInfo),
        ("https://rp.example:22/jwks", FetchRefusal::Port),
        ("https://rp.example:80/jwks", FetchRefusal::Port),
    ] {
        let mut egress = GuardedEgress::new(Vec::new());
        egress.lookup = Scripted::new(&[&["127.0.0.1"]]);
        assert_eq!(egress.get(request(url)).await, Err(refusal), "{url}");
    }
}

#[tokio::test]
async fn a_name_with_any_address_that_is_not_public_is_refused() {
    for (addresses, refusal) in [
        (&["127.0.0.1"][..], FetchRefusal::NotPublic),
        (&["::1"], FetchRefusal::NotPublic),
        (&["1.1.1.1", "10.0.0.1"], FetchRefusal::NotPublic),
        (&["::ffff:169.254.169.254"], FetchRefusal::NotPublic),
        (&[], FetchRefusal::Unresolved),
    ] {
        let mut egress = GuardedEgress::new(Vec::new());
        egress.lookup = Scripted::new(&[addresses]);
        let refused = egress.get(request("https://keys.example:8443/")).await;
        assert_eq!(refused, Err(refusal), "{addresses:?}");
    }
}

#[tokio::test]
async fn a_name_that_becomes_private_after_it_was_checked_is_not_connected_to() {
    // What a connection is given is what was checked: there is no second look-up that could answer differently.
    let lookup = Scripted::new(&[&["1.1.1.1", "2606:4700::1111"], &["127.0.0.1"]]);
    let resolver = PublicOnly(Arc::clone(&lookup) as Arc<dyn Lookup>);
    let name = || "keys.example".parse::<Name>().unwrap();
    let given: Vec<IpAddr> = resolver.resolve(name()).await.unwrap().map(|address| address.ip()).collect();
    assert_eq!(given, ["1.1.1.1".parse::<IpAddr>().unwrap(), "2606:4700::1111".parse().unwrap()]);
    let refused = resolver.resolve(name()).await.map(drop).unwrap_err();
    assert_eq!(refused.downcast_ref::<Refused>().unwrap().0, FetchRefusal::NotPublic);
}

#[tokio::test]
async fn what_the_operator_allowed_is_read_by_address_and_port_alone() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncache-control: public, max-age=120\r\n\
                  content-length: 2\r\nconnection: close\r\n\r\n{}";
    let (address, asked) = answering(answer).await;
    let (url, other) = (format!("http://{address}/jwks"), SocketAddr::from(([127, 0, 0, 1], 1)));
    let document = fetched(&[address], &url).await.unwrap();
    assert_eq!((document.media_type.as_str(), document.bytes.as_slice()), ("application/json", &b"{}"[..]));
    assert_eq!(document.max_age, Some(120));
    assert_eq!(fetched(&[other], &url).await, Err(FetchRefusal::NotHttps));
    let by_name = format!("https://localhost:{}/jwks", address.port());
    assert_eq!(fetched(&[address], &by_name).await, Err(FetchRefusal::NotPublic));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_to_the_loopback_interface_is_not_followed() {
    let (inside, asked) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = answering(&redirect).await;
    assert_eq!(fetched(&[address], &format!("http://{address}/")).await, Err(FetchRefusal::Redirects));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn large_compressed_and_failing_answers_are_refused() {
    let (just_right, too_many) = ("x".repeat(64), "x".repeat(65));
    for (answer, outcome) in [
        (format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{just_right}"), Ok(64)),
        (format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{too_many}"), Err(FetchRefusal::TooLarge(64))),
        (format!("HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n{too_many}"), Err(FetchRefusal::TooLarge(64))),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Err(FetchRefusal::Compressed),
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(), Err(FetchRefusal::Status(404))),
        ("HTTP/1.1 204 No Content\r\n\r\n".to_owned(), Err(FetchRefusal::Status(204))),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_owned(), Err(FetchRefusal::Unreachable)),
        ("nonsense\r\n\r\n".to_owned(), Err(FetchRefusal::Unreachable)),
    ] {
        let (address, _) = answering(&answer).await;
        let document = fetched(&[address], &format!("http://{address}/")).await;
        assert_eq!(document.map(|document| document.bytes.len()), outcome, "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_drips_is_given_up_in_time() {
    let mut parts = vec![b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec()];
    parts.extend(std::iter::repeat_n(b"x".to_vec(), 60));
    let (address, _) = server(parts, Duration::from_millis(20)).await;
    let mut egress = GuardedEgress::new(vec![address]);
    egress.within = Duration::from_millis(100);
    assert_eq!(egress.get(request(&format!("http://{address}/"))).await, Err(FetchRefusal::TimedOut));
}

#[test]
fn how_long_a_document_is_good_for_is_read_as_it_is_meant() {
    for (value, expected) in [
        ("max-age=60", Some(60)),
        ("Public, Max-Age=\"60\"", Some(60)),
        ("s-maxage=10", None),
        ("max-age=soon", None),
        ("max-age=60, no-store", Some(0)),
        ("no-cache", Some(0)),
        ("", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, value.parse().unwrap());
        assert_eq!(max_age(&headers), expected, "{value}");
    }
    assert_eq!(max_age(&HeaderMap::new()), None);
}
