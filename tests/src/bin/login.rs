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
    let issuer = demo["issuer"].as_str().context("`issuer` is missing in the file")?;
    // The last one is for scripts; the sample site uses the first.
    let client = demo["clients"]
        .as_array()
        .and_then(|clients| clients.last())
        .context("`clients` is empty in the file")?;
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
    done("token", result.token_response["token_type"].as_str().unwrap_or_default());
    let id_token = rp.verified(&result.id_token).await.context("id_token")?;
    ensure!(
        id_token.get("nonce").and_then(Value::as_str) == Some(rp.nonce.as_str()),
        "nonce is not the one that was sent"
    );
    show("id_token (signature verified)", &id_token);
    let access_token = rp.verified(&result.access_token).await.context("access token")?;
    ensure!(
        access_token["cnf"]["jkt"] == rp.dpop_key.thumbprint(),
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
    let text = |value: &Value, what: &str| {
        value.as_str().map(str::to_owned).with_context(|| format!("{what} is missing in the file"))
    };
    let client_id = text(&client["client_id"], "client_id")?;
    let redirect_uri = text(&client["redirect_uris"][0], "redirect_uris")?;
    let key = Key::from_private_jwk(&client["jwks"]["keys"][0])?;
    RelyingParty::discover(
        wire,
        issuer,
        Registered { client_id, redirect_uri, key },
        Arc::new(server::system_time),
    )
    .await
}

fn person(demo: &Value, wanted: Option<&str>) -> Result<(String, String)> {
    let people = demo["people"].as_array().context("`people` is missing in the file")?;
    let fits = |person: &&Value| match wanted {
        Some(id) => person["individual_id"].as_str() == Some(id),
        None => person["outcome"].as_str() == Some("usual"),
    };
    let person = people.iter().find(fits).context("there is no such person in the file")?;
    let member = |name: &str| {
        person[name].as_str().map(str::to_owned).with_context(|| format!("a person has no `{name}`"))
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
    println!(
        "  ✓ {what}:\n{}",
        text.lines().map(|line| format!("      {line}\n")).collect::<String>().trim_end()
    );
}
