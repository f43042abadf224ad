//! Which TLS is spoken, and how long a handshake may take (`protocol.md` 53).

use rustls::{CipherSuite, ClientConfig, ProtocolVersion, SupportedCipherSuite};

use super::certificates::{Asked, body, client, client_speaking, connect, echo, transport};
use super::*;
use crate::listen::tls::{Asks, provider};
use crate::testing::Authority;

/// The start of a TLS record with an alert, and of one with a handshake message (RFC 8446 §5.1).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
/// RFC 8446 §6.
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;

/// A server with so much time for a handshake, and a little for a connection that asks for nothing.
fn within(time: Duration) -> Served {
    Served { limits: Connections { header_timeout: time, ..limits() }, ..echo() }
}

/// The record of a `ClientHello` up to TLS 1.2 (RFC 5246 §7.4.1.2).
fn hello(version: [u8; 2], suites: &[u16]) -> Vec<u8> {
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let vector = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let extensions = [
        // supported_groups: secp256r1; ec_point_formats: uncompressed; signature_algorithms: ecdsa_secp256r1_sha256.
        [&[0, 10][..], &vector(&vector(&[0, 23]))].concat(),
        [&[0, 11][..], &vector(&[1, 0])].concat(),
        [&[0, 13][..], &vector(&vector(&[4, 3]))].concat(),
    ]
    .concat();
    let body = [&version[..], &[7; 32], &[0], &vector(&suites), &[1, 0], &vector(&extensions)].concat();
    let message = [&[1, 0][..], &vector(&body)].concat();
    [&[HANDSHAKE, 3, 1][..], &vector(&message)].concat()
}

/// The type of the first record of the answer, and its last byte: of an alert the description.
async fn answer(address: SocketAddr, hello: &[u8]) -> (u8, Option<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(hello).await.unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.unwrap();
    let mut payload = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut payload).await.unwrap();
    (head[0], payload.last().copied().filter(|_| head[0] == ALERT))
}

#[tokio::test]
async fn old_versions_and_suites_without_aead_or_forward_secrecy_are_refused() {
    const ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: u16 = 0xc02b;
    let authority = Authority::new("servers");
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], echo()).await;
    let good = ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    assert_eq!(answer(address, &hello([3, 3], &[good])).await, (HANDSHAKE, None), "the hello is a good one");
    for version in [[3, 0], [3, 1], [3, 2]] {
        let refused = answer(address, &hello(version, &[good])).await;
        assert_eq!(refused, (ALERT, Some(PROTOCOL_VERSION)), "{version:?}");
    }
    // ECDHE with CBC, RSA key exchange with GCM, DHE with GCM, no encryption.
    for suite in [0xc009, 0xc023, 0xc013, 0x009c, 0x009e, 0x0001] {
        let refused = answer(address, &hello([3, 3], &[suite])).await;
        assert_eq!(refused, (ALERT, Some(HANDSHAKE_FAILURE)), "{suite:04x}");
    }
}

#[tokio::test]
async fn tls_1_3_is_preferred_and_1_2_is_spoken_to_those_who_know_no_better() {
    let authority = Authority::new("servers");
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], echo()).await;
    let (newer, older) = (&rustls::version::TLS13, &rustls::version::TLS12);
    for (versions, spoken) in
        [(&[older, newer][..], ProtocolVersion::TLSv1_3), (&[older][..], ProtocolVersion::TLSv1_2)]
    {
        let mut stream =
            connect(&client_speaking(versions, &authority, Asked::shows(None)), address).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
        assert_eq!(body(&mut stream).await, "nobody");
    }
}

#[test]
fn every_suite_of_ours_has_forward_secrecy_and_aead() {
    let suites: Vec<CipherSuite> = provider().cipher_suites.iter().map(SupportedCipherSuite::suite).collect();
    assert!(!suites.is_empty());
    for suite in suites {
        let name = format!("{suite:?}");
        let aead = name.contains("_GCM_") || name.contains("_CHACHA20_POLY1305_");
        assert!(aead && (name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_")), "{name}");
    }
}

#[tokio::test]
async fn http_2_is_spoken_to_those_who_offer_it() {
    let authority = Authority::new("servers");
    let served = within(Duration::from_secs(1));
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], served).await;
    let mut config = ClientConfig::clone(&client(&authority, Asked::shows(None)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut stream = connect(&Arc::new(config), address).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    stream.write_all(&[HELLO, GET].concat()).await.unwrap();
    let told =
        tokio::time::timeout(Duration::from_secs(5), frames(&mut stream)).await.expect("it stays open");
    assert!(told.contains(&(DATA, b"nobody".to_vec())), "{told:?}");
}

#[tokio::test]
async fn a_handshake_that_stalls_is_cut_off_wherever_it_stalls() {
    let authority = Authority::new("servers");
    let served = within(Duration::from_millis(500));
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], served).await;
    let whole = hello([3, 3], &[0xc02b]);
    for sent in [0, 3, whole.len() / 2, whole.len()] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&whole[..sent]).await.unwrap();
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(end.is_ok(), "after {sent} bytes it is still open");
    }
    // One that is done, and then says nothing.
    let mut stream = connect(&client(&authority, Asked::shows(None)), address).await.unwrap();
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "after its handshake it is still open");
}

#[tokio::test]
async fn those_who_stall_in_their_handshake_keep_nobody_out_for_good() {
    let authority = Authority::new("servers");
    let served = within(Duration::from_millis(200));
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], served).await;
    let mut stalled = Vec::new();
    for _ in 0..limits().max - 1 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&hello([3, 3], &[0xc02b])).await.unwrap();
        stalled.push(stream);
    }
    let config = client(&authority, Asked::shows(None));
    let served = async {
        loop {
            // Its own time runs out too while it waits for theirs.
            if let Ok(mut stream) = connect(&config, address).await
                && body(&mut stream).await == "nobody"
            {
                return;
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), served).await, Ok(()));
}

#[tokio::test]
async fn handshakes_are_done_a_few_at_a_time() {
    let authority = Authority::new("servers");
    let limits = Connections { max: CONNECTIONS_PER_HANDSHAKE, ..patient() };
    let served = Served { limits, ..echo() };
    let ([address], _stop, _task) = listening([transport(&authority, Asks::Nothing)], served).await;
    let begin = async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&hello([3, 3], &[0xc02b])).await.unwrap();
        stream
    };
    let mut first = begin().await;
    first.readable().await.unwrap();
    let second = begin().await;
    let answered = tokio::time::timeout(Duration::from_millis(100), second.readable()).await;
    assert!(answered.is_err(), "the second one waits for the first");
    first.shutdown().await.unwrap();
    drop(first);
    let answered = tokio::time::timeout(Duration::from_secs(5), second.readable()).await;
    assert!(answered.is_ok(), "and then has its turn");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_handshakes() {
    let authority = Authority::new("servers");
    let ([address], stop, task) = listening([transport(&authority, Asks::Nothing)], echo()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&hello([3, 3], &[0xc02b])).await.unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(4), task).await.expect("it waits").unwrap();
}
