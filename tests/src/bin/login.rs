//! One complete login through a running demo, step by step, as a client: what `cargo xtask demo --check` runs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use esignet_tests::key::Key;
use esignet_tests::{Browser, Registered, RelyingParty, Wire, login, server};
use serde_json::{Map, Value};

/// Signs in through a running e-Signet and shows what came back.
#[derive(Parser)]
struct Options {
    /// The file that `esignet dev --json` wrote.
    #[arg(long)]
    json: PathBuf,
    /// The identifier of who signs in; the first person of the file if not given.
    #[arg(long)]
    person: Option<String>,
}

/// The client for scripts with nothing unusual about it.
const CLIENT: &str = "script";

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("  ✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    let text = std::fs::read_to_string(&options.json).with_context(|| options.json.display().to_string())?;
    let demo: Value = serde_json::from_str(&text).context("the file is no JSON")?;
    let issuer = text_at(&demo, "/issuer").context("`issuer` is missing in the file")?;
    let clients = demo.get("clients").and_then(Value::as_array).into_iter().flatten();
    let is_ours = |client: &&Value| client.get("client_id").and_then(Value::as_str) == Some(CLIENT);
    let client =
        clients.into_iter().find(is_ours).with_context(|| format!("no client {CLIENT} in the file"))?;
    let (id, otp) = person(&demo, options.person.as_deref())?;

    let wire = Wire::network()?;
    wait_until_ready(&wire, issuer).await?;
    let rp = relying_party(wire, issuer, client).await.context("discovery")?;
    done("discovery", issuer);

    let request_uri = rp.pushed().await?;
    done("pushed authorization request", "accepted, by private_key_jwt, PKCE S256 and a DPoP proof");

    let mut browser = Browser::new(&rp.wire);
    let first = browser.page(&rp.authorization_url(&request_uri)).await?;
    done("page", &first.heading());
    let question =
        login::identify(&mut browser, &first, &id).await?.page().context("after the identifier")?;
    done("page", &question.heading());
    let consent = login::answer(&mut browser, &question, &otp).await?.page().context("after the code")?;
    ensure!(consent.form().has_button("allow"), "no consent page but “{}”", consent.heading());
    done("page", &consent.heading());
    let response = login::allow(&mut browser, &consent).await?.away().context("after consent")?;
    ensure!(response.parameter("state") == rp.state, "state is not the one that was sent");
    ensure!(response.parameter("iss") == issuer, "iss is not the issuer (RFC 9207)");
    done("authorization response", "code, state, iss");

    let result = login::finish(&rp, response).await?;
    done("token", text_at(&result.token_response, "/token_type").unwrap_or_default());
    let id_token = rp.verified(&result.id_token).await.context("id_token")?;
    ensure!(
        id_token.get("nonce").and_then(Value::as_str) == Some(rp.nonce.as_str()),
        "nonce is not the one that was sent"
    );
    show("id_token (signature verified)", &id_token);
    let access_token = rp.verified(&result.access_token).await.context("access token")?;
    ensure!(
        access_token.get("cnf").and_then(|cnf| text_at(cnf, "/jkt")) == Some(&rp.dpop_key.thumbprint()),
        "the access token is not bound to our key"
    );
    done("access token", "bound to our DPoP key");
    ensure!(result.userinfo.get("sub") == id_token.get("sub"), "userinfo is about somebody else");
    show("userinfo", &result.userinfo);

    let replay = rp.redeem(&result.response.parameter("code")).send().await?;
    ensure!(replay.error() == "invalid_grant", "the code could be used twice");
    done("the code again", "refused");
    Ok(())
}

async fn relying_party(wire: Wire, issuer: &str, client: &Value) -> Result<RelyingParty> {
    let text =
        |place| text_at(client, place).map(str::to_owned).with_context(|| format!("{place} of the client"));
    let registered = Registered {
        client_id: text("/client_id")?,
        redirect_uri: text("/redirect_uris/0")?,
        key: Key::from_private_jwk(client.pointer("/jwks/keys/0").context("/jwks/keys/0 of the client")?)?,
    };
    RelyingParty::discover(wire, issuer, registered, Arc::new(server::system_time)).await
}

/// The text at a place of a JSON value (RFC 6901).
fn text_at<'a>(value: &'a Value, place: &str) -> Option<&'a str> {
    value.pointer(place)?.as_str()
}

fn person(demo: &Value, wanted: Option<&str>) -> Result<(String, String)> {
    let people = demo.get("people").and_then(Value::as_array).context("`people` is missing in the file")?;
    let fits = |person: &&Value| match wanted {
        Some(id) => text_at(person, "/individual_id") == Some(id),
        None => text_at(person, "/outcome") == Some("usual"),
    };
    let person = people.iter().find(fits).context("there is no such person in the file")?;
    let member = |name: &str| {
        text_at(person, &format!("/{name}"))
            .map(str::to_owned)
            .with_context(|| format!("a person has no `{name}`"))
    };
    Ok((member("individual_id")?, member("otp")?))
}

async fn wait_until_ready(wire: &Wire, issuer: &str) -> Result<()> {
    let since = Instant::now();
    let url = format!("{issuer}/ready");
    while !wire.get(&url).await.is_ok_and(|reply| reply.status == 200) {
        ensure!(since.elapsed() < Duration::from_mins(1), "{url} does not answer 200 in a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn done(step: &str, detail: &str) {
    println!("  ✓ {step}: {detail}");
}

fn show(what: &str, claims: &Map<String, Value>) {
    let text = serde_json::to_string_pretty(claims).unwrap_or_default();
    println!("  ✓ {what}:\n      {}", text.replace('\n', "\n      "));
}
