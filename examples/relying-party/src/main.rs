//! The relying party on its own: `esignet-relying-party relying-party.toml`.

use std::process::ExitCode;

use anyhow::Context;
use esignet_relying_party::{RelyingParty, serve};
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    /// Address and port to listen on.
    listen: String,
    #[serde(flatten)]
    relying_party: RelyingParty,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("esignet-relying-party: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let file = std::env::args().nth(1).context("usage: esignet-relying-party FILE.toml (see README.md)")?;
    let text = std::fs::read_to_string(&file).with_context(|| format!("{file} cannot be read"))?;
    let settings: Settings = toml::from_str(&text).with_context(|| file.clone())?;
    let listener = tokio::net::TcpListener::bind(&settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    println!("sign in at {}", settings.relying_party.base_url);
    serve(settings.relying_party, listener).await
}
