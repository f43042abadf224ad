//! Records as the core would keep them, for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use esignet_protocol::authorization_request::AuthorizationRequest;
use esignet_protocol::authorization_request::PushedRequest;
use esignet_protocol::client::Client;
use esignet_protocol::consent::record::{Asked, ConsentRecord};
use esignet_protocol::issue::authorization_code::Login;
use esignet_protocol::issue::{AccessGrant, Confirmation, GrantId, IssuedCode};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::transaction::Transaction;
use esignet_protocol::transaction::browser::Browser;
use esignet_protocol::transaction::pins::Pins;
use esignet_protocol::transaction::stage::{Requested, Stage};
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::claims_request::ClaimsRequest;
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::code_challenge::CodeChallenge;
use esignet_protocol::word::handle::HandleHash;
use esignet_protocol::word::opaque::Opaque;
use esignet_protocol::word::prompt::Prompt;
use esignet_protocol::word::redirect_uri::RedirectUri;
use esignet_protocol::word::response_mode::ResponseMode;
use esignet_protocol::word::scope::Scope;
use esignet_protocol::word::time::Timestamp;

/// When tests begin.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000);

/// A text that stands in every sample and must never be readable in a file.
pub(crate) const MARK: &str = "plaintext-canary-7391";

/// A clock that a test sets.
pub(crate) struct TestClock(AtomicU64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicU64::new(START.0))
    }
}

impl TestClock {
    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

pub(crate) fn hash(name: &str) -> HandleHash {
    HandleHash::of(name.as_bytes())
}

pub(crate) fn client_id(name: &str) -> ClientId {
    ClientId::parse(name).expect("a client id")
}

pub(crate) fn grant_id(name: &str) -> GrantId {
    GrantId(name.to_owned())
}

fn redirect_uri() -> RedirectUri {
    RedirectUri::parse("https://rp.example/callback").expect("a redirect URI")
}

fn code_challenge() -> CodeChallenge {
    // The example of RFC 7636 appendix B.
    CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").expect("a challenge")
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_uri: redirect_uri(),
        response_mode: ResponseMode::parse("query").expect("a response mode"),
        response_alg: esignet_jose::Algorithm::Es256,
        scope: Scope::parse("openid").expect("a scope"),
        state: Some(Opaque::parse(MARK).expect("a state")),
        nonce: None,
        code_challenge: Some(code_challenge()),
        dpop_jkt: None,
        prompt: Prompt::default(),
        acr_values: Vec::new(),
        claims: ClaimsRequest::default(),
        ui_locales: Vec::new(),
        claims_locales: Vec::new(),
        login_hint: None,
        expected_subject: None,
    }
}

pub(crate) fn pushed(client: &str) -> PushedRequest {
    PushedRequest { client_id: client_id(client), request: request(), open_until: START.plus(60) }
}

pub(crate) fn transaction(locale: &str) -> Transaction {
    Transaction {
        id: "id".to_owned(),
        short_id: "SHORT".to_owned(),
        client_id: client_id("rp"),
        request_uri: hash("request_uri"),
        request: request(),
        locale: locale.to_owned(),
        browser: Browser::new(&Zeros),
        deadline: START.plus(600),
        pins: Pins::default(),
        stage: Stage::Requested(Requested::default()),
    }
}

fn login() -> Login {
    Login {
        trace: None,
        subject: MARK.to_owned(),
        acr: Acr("mosip:idp:acr:generated-code".to_owned()),
        amr: vec!["otp".to_owned()],
        auth_time: START,
    }
}

pub(crate) fn code(client: &str, grant: &str, expires_at: Timestamp) -> IssuedCode {
    IssuedCode {
        grant: grant_id(grant),
        client_id: client_id(client),
        redirect_uri: redirect_uri(),
        code_challenge: Some(code_challenge()),
        dpop_jkt: None,
        nonce: None,
        scope: Scope::parse("openid").expect("a scope"),
        login: login(),
        consent: None,
        sealed_claims: vec![1, 2, 3],
        expires_at,
    }
}

pub(crate) fn access_grant(grant: &str, expires_at: Timestamp) -> AccessGrant {
    AccessGrant {
        grant: grant_id(grant),
        client_id: client_id("rp"),
        scope: Scope::parse("openid").expect("a scope"),
        confirmation: Some(Confirmation::Jkt("thumbprint".to_owned())),
        login: login(),
        consent: None,
        jti: "jti".to_owned(),
        issued_at: START,
        sealed_holder: Vec::new(),
        sealed_claims: vec![1, 2, 3],
        expires_at,
    }
}

/// A consent of `subject` to nothing.
pub(crate) fn consent(client: &str, subject: &str) -> ConsentRecord {
    ConsentRecord {
        receipt_id: "receipt".to_owned(),
        client_id: client_id(client),
        subject: subject.to_owned(),
        asked: Asked { scope: Scope::parse("openid").expect("a scope"), claims: Vec::new() },
        asked_hash: "hash".to_owned(),
        granted: Vec::new(),
        given_at: START,
        expires_at: START.plus(3_600),
        acr: Acr("mosip:idp:acr:generated-code".to_owned()),
        amr: vec!["otp".to_owned()],
        receipt: MARK.to_owned(),
    }
}

pub(crate) fn client(id: &str) -> Client {
    // The key of RFC 7517 appendix A.1.
    let registration = serde_json::json!({
        "client_id": id,
        "client_name": { "en": MARK },
        "relying_party_id": "rp",
        "redirect_uris": [redirect_uri()],
        "jwks": { "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        }]},
    });
    serde_json::from_value(registration).expect("a registration")
}
