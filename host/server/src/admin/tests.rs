use std::collections::BTreeSet;

use async_trait::async_trait;
use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use esignet_protocol::client::Profile;
use esignet_protocol::ports::fetch::{FetchRefusal, Fetched, PublicFetch, PublicRequest};
use esignet_protocol::word::acr::Acr;
use esignet_store::{SealingKey, Store};
use hyper_util::service::TowerToHyperService;

use super::*;
use crate::registrations::check::Here;
use crate::system::SystemClock;

const TOKEN: &str = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE";

struct NoNetwork;

#[async_trait]
impl PublicFetch for NoNetwork {
    async fn get(&self, _: PublicRequest) -> Result<Fetched, FetchRefusal> {
        Err(FetchRefusal::Unreachable)
    }
}

async fn api() -> Router {
    let store = Store::memory(Arc::new(SystemClock), SealingKey::new([7; 32])).await.unwrap();
    let here = Here {
        floor: Profile::Fapi2,
        algorithms: vec![Algorithm::Es256],
        acr_values: vec![Acr("basic".to_owned())],
        claims: Some(BTreeSet::from(["name".to_owned()])),
    };
    let registrations = Registrations::new(&store.stores(), Arc::new(NoNetwork), here);
    router(registrations, Token::of(TOKEN.as_bytes()), None)
}

struct Answered {
    status: u16,
    etag: String,
    body: Value,
}

async fn sent(api: &Router, request: Request) -> Answered {
    use hyper::service::Service as _;
    let response = TowerToHyperService::new(api.clone()).call(request).await.unwrap();
    let header = |name| {
        response.headers().get(name).map(|value: &header::HeaderValue| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header(header::CACHE_CONTROL).as_deref(), Some("no-store"));
    assert!(header(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    let (status, etag) = (response.status().as_u16(), header(header::ETAG).unwrap_or_default());
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answered { status, etag, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

fn request(method: &str, path: &str, body: &Value) -> Request {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let builder = Request::builder().method(method).uri(path).header("content-type", "application/json");
    builder.header("authorization", format!("Bearer {TOKEN}")).body(body).unwrap()
}

fn registration(id: &str) -> Value {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    json!({
        "client_id": id,
        "client_name": { "en": "Bank" },
        "relying_party_id": "bank",
        "redirect_uris": ["https://bank.example/cb"],
        "jwks": { "keys": [key.public_jwk()] },
        "claims": ["name"],
    })
}

#[tokio::test]
async fn whoever_has_no_token_or_comes_from_a_page_gets_nothing() {
    let api = api().await;
    for (name, value, status) in [
        ("authorization", String::new(), 401),
        ("authorization", "Bearer x".to_owned(), 401),
        ("authorization", format!("Basic {TOKEN}"), 401),
        ("authorization", TOKEN.to_owned(), 401),
        ("origin", "https://evil.example".to_owned(), 403),
        ("origin", "null".to_owned(), 403),
    ] {
        for path in ["/clients", "/clients/bank", "/elsewhere"] {
            let mut request = request("GET", path, &Value::Null);
            request.headers_mut().insert(name, value.parse().unwrap());
            assert_eq!(sent(&api, request).await.status, status, "{path} with {name}: {value}");
        }
    }
    let mut without = request("GET", "/clients", &Value::Null);
    without.headers_mut().remove("authorization");
    assert_eq!(sent(&api, without).await.status, 401);
    assert_eq!(sent(&api, request("GET", "/elsewhere", &Value::Null)).await.status, 404);
}

#[tokio::test]
async fn a_client_is_registered_shown_changed_and_forgotten() {
    let api = api().await;
    let created = sent(&api, request("POST", "/clients", &registration("bank/web"))).await;
    assert_eq!((created.status, created.body["action"].as_str()), (201, Some("created")), "{}", created.body);
    assert_eq!(sent(&api, request("POST", "/clients", &registration("bank/web"))).await.status, 409);
    let shown = sent(&api, request("GET", "/clients/bank%2Fweb", &Value::Null)).await;
    assert_eq!((shown.status, &shown.etag), (200, &created.etag));
    let listed = sent(&api, request("GET", "/clients", &Value::Null)).await;
    assert_eq!(listed.body["clients"], json!([shown.body]));

    let mut changed = shown.body.clone();
    changed["redirect_uris"] = json!(["https://bank.example/other"]);
    let put = |etag: &str| {
        let mut put = request("PUT", "/clients/bank%2Fweb", &changed);
        put.headers_mut().insert("if-match", etag.parse().unwrap());
        put
    };
    let unconditional = sent(&api, request("PUT", "/clients/bank%2Fweb", &changed)).await;
    assert_eq!(unconditional.status, 428);
    for stale in ["\"00\"", "\"zz\"", "nonsense", "W/\"1\""] {
        assert_eq!(sent(&api, put(stale)).await.status, 412, "{stale}");
    }
    let updated = sent(&api, put(&shown.etag)).await;
    assert_eq!((updated.status, &updated.body["members"]), (200, &json!(["redirect_uris"])));
    assert_eq!(sent(&api, put(&shown.etag)).await.status, 412, "somebody was faster");
    assert_eq!(sent(&api, put("*")).await.body["action"], "unchanged");

    let status = |status: &str| request("PATCH", "/clients/bank%2Fweb", &json!({ "status": status }));
    assert_eq!(sent(&api, status("inactive")).await.body["action"], "deactivated");
    assert_eq!(sent(&api, status("inactive")).await.body["action"], "unchanged");
    assert_eq!(sent(&api, status("active")).await.body["action"], "activated");
    assert_eq!(sent(&api, status("gone")).await.status, 422);
    assert_eq!(sent(&api, request("DELETE", "/clients/bank%2Fweb", &Value::Null)).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(sent(&api, request(method, "/clients/bank%2Fweb", &Value::Null)).await.status, 404);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_registration_is_told_at_once_by_member() {
    let api = api().await;
    let mut wrong = registration("bank");
    wrong["redirect_uris"] = json!(["http://bank.example/cb"]);
    wrong["client_secret"] = "hunter2".into();
    wrong["relying_party_id"] = Value::Null;
    wrong["consent_expires_after_minutes"] = json!(100_000_000);
    let refused = sent(&api, request("POST", "/clients", &wrong)).await;
    assert_eq!((refused.status, &refused.body["error"]), (422, &json!("invalid_registration")));
    let fields: BTreeSet<&str> = refused.body["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["field"].as_str().unwrap())
        .collect();
    let expected = ["redirect_uris", "client_secret", "relying_party_id", "consent_expires_after_minutes"];
    assert_eq!(fields, BTreeSet::from(expected), "{}", refused.body);
    assert!(!refused.body.to_string().contains("hunter2"));

    let mut elsewhere = registration("bank");
    elsewhere["profile"] = "interop".into();
    elsewhere["id_token_signed_response_alg"] = "PS256".into();
    let refused = sent(&api, request("POST", "/clients", &elsewhere)).await;
    let text = refused.body.to_string();
    assert_eq!(refused.status, 422);
    assert!(text.contains("below the server's floor") && text.contains("no key"), "{text}");

    let mut weak = registration("bank");
    weak["claims"] = json!(["name", "shoe_size"]);
    weak["acr_values"] = json!(["basic", "gold"]);
    weak["logo_uri"] = "https://bank.example/logo.png".into();
    let created = sent(&api, request("POST", "/clients", &weak)).await;
    let text = created.body["findings"].to_string();
    assert_eq!(created.status, 201);
    for expected in ["shoe_size", "gold", "the logo was not taken"] {
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_and_other_methods_are_refused() {
    let api = api().await;
    for (body, status) in [("[]", 400), ("{", 400), ("", 400)] {
        let mut post = request("POST", "/clients", &Value::Null);
        *post.body_mut() = Body::from(body);
        assert_eq!(sent(&api, post).await.status, status, "{body}");
    }
    let mut large = request("POST", "/clients", &Value::Null);
    *large.body_mut() = Body::from(" ".repeat(MAX_BODY + 1));
    assert_eq!(sent(&api, large).await.status, 413);
    let mut form = request("POST", "/clients", &registration("bank"));
    form.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(sent(&api, form).await.status, 415);
    for (method, path) in [("DELETE", "/clients"), ("OPTIONS", "/clients"), ("POST", "/clients/bank")] {
        assert_eq!(sent(&api, request(method, path, &Value::Null)).await.status, 405, "{method} {path}");
    }
    let mut other = request("PUT", "/clients/bank", &registration("clinic"));
    other.headers_mut().insert("if-match", "*".parse().unwrap());
    assert_eq!(sent(&api, other).await.status, 422);
}
