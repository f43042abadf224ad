use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::exchange::url;
use super::*;

mod client_credentials;
mod credentials;
mod peer;
mod trust;

/// An upstream that answers every connection with the same bytes and counts them; an empty answer keeps silent.
async fn upstream(answer: impl AsRef<[u8]> + Copy + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 2048];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(answer.as_ref()).await;
                if answer.as_ref().is_empty() {
                    let _ = stream.read(&mut head).await;
                }
            });
        }
    });
    (url, asked)
}

/// A request to an upstream without anything special.
fn request(base_url: &str) -> UpstreamRequest {
    UpstreamRequest { max_response_bytes: 16, ..peer::request(base_url) }
}

/// What sends it.
fn egress(base_url: &str) -> Arc<Egress> {
    peer::Site::new().egress(&serde_json::json!({ "register": { "url": base_url } }))
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (elsewhere, asked) = upstream("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (url, _) = upstream(&*Box::leak(redirect.into_boxed_str())).await;
    let response = egress(&url).fetch(request(&url)).await.unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_whether_it_says_its_length_or_not() {
    let said = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n12345678901234567";
    let unsaid = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345678901234567";
    for answer in [said, unsaid] {
        let (url, _) = upstream(answer).await;
        assert_eq!(egress(&url).fetch(request(&url)).await, Err(FetchError::TooLarge(16)));
    }
    let (url, _) = upstream("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n1234567890123456").await;
    assert_eq!(egress(&url).fetch(request(&url)).await.unwrap().body.len(), 16);
}

#[tokio::test]
async fn a_compressed_answer_arrives_as_it_was_sent_and_so_cannot_outgrow_the_limit() {
    // The head of a gzip member: a client that decompressed would find it broken off.
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\n\r\n";
    let small = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03";
    let answer: &'static [u8] = Box::leak([head.as_slice(), small].concat().into_boxed_slice());
    let (url, _) = upstream(answer).await;
    let response = egress(&url).fetch(request(&url)).await.unwrap();
    assert_eq!(response.body, small);
    assert!(response.headers.contains(&("content-encoding".to_owned(), "gzip".to_owned())));
}

#[tokio::test]
async fn a_silent_upstream_costs_the_time_granted_and_no_more() {
    let (url, _) = upstream("").await;
    let impatient = UpstreamRequest { timeout_ms: 50, ..request(&url) };
    assert_eq!(egress(&url).fetch(impatient).await, Err(FetchError::Timeout));
}

#[test]
fn a_path_that_a_parser_would_change_is_refused() {
    let base = "https://register.example/api";
    let at = |path: &str| url(&UpstreamRequest { path: path.to_owned(), ..request(base) });
    assert_eq!(at("/v1/x%2Fy").unwrap().as_str(), "https://register.example/api/v1/x%2Fy");
    for path in ["/../admin", "/v1/./x", "v1", "/v1?x", "/v1#x", "/a b", "/v1/%2e%2e/x", ""] {
        assert!(at(path).is_err(), "{path}");
    }
}

#[test]
fn query_values_are_encoded() {
    let query = vec![("id".to_owned(), "a&b=c".to_owned())];
    let asked = UpstreamRequest { query, ..request("https://register.example") };
    assert_eq!(url(&asked).unwrap().as_str(), "https://register.example/v1/people?id=a%26b%3Dc");
}
