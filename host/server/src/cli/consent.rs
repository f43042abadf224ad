//! `esignet consent list`, `history`, `receipt` and `withdraw`: what people agreed to, in the store.
//!
//! A person is named by the subject that the relying party sees, the `sub` of its tokens. The answers are printed and go
//! into no log.

use std::process::ExitCode;

use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::consent::record::{ConsentEntry, ConsentEvent, ConsentRecord};
use esignet_protocol::consent::withdraw;
use esignet_protocol::ports::clock::Clock as _;
use esignet_protocol::ports::store::StoreError;
use esignet_protocol::word::client_id::ClientId;
use esignet_protocol::word::time::Timestamp;
use esignet_store::Store;

use super::ConfigArgument;
use super::stored::{self, close, failed, open};
use crate::config::Config;
use crate::config::finding::Finding;
use crate::system::SystemClock;

/// The commands on consents.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List what a person has agreed to, with every relying party that knows them by this subject; the server must be
    /// stopped
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// The `sub` of the person's tokens
        #[arg(long, allow_hyphen_values = true)]
        subject: String,
    },
    /// Print everything that happened to a consent as JSON, the latest first; the server must be stopped
    History(Whose),
    /// Print the signed receipt of the latest consent, a JWS; the server must be stopped
    Receipt(Whose),
    /// Withdraw a consent: the next login asks, and codes and tokens under it end; the server must be stopped
    Withdraw(Whose),
}

/// Whose consent.
#[derive(Debug, clap::Args)]
pub(crate) struct Whose {
    #[command(flatten)]
    config: ConfigArgument,
    /// The `client_id` of the relying party
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true)]
    client: String,
    /// The `sub` of the person's tokens
    #[arg(long, allow_hyphen_values = true)]
    subject: String,
}

/// Runs a command on consents.
pub(crate) async fn run(command: Command) -> ExitCode {
    let outcome = match command {
        Command::List { config, subject } => list(&config, &subject).await,
        Command::History(whose) => history(&whose).await,
        Command::Receipt(whose) => receipt(&whose).await,
        Command::Withdraw(whose) => withdraw(&whose).await,
    };
    match outcome {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(findings) => {
            super::print(&findings);
            ExitCode::from(2)
        }
    }
}

async fn list(config: &ConfigArgument, subject: &str) -> Result<String, Vec<Finding>> {
    let store = open(&configuration(config)?).await?;
    let listed = store.stores().consents.list(subject, SystemClock.now()).await;
    let entries = ended(&store, listed).await?;
    if entries.is_empty() {
        return Ok("nothing is known of this subject\n".to_owned());
    }
    Ok(entries.iter().map(|entry| line(entry, SystemClock.now())).collect())
}

async fn history(whose: &Whose) -> Result<String, Vec<Finding>> {
    let entries = entries(whose).await?;
    let json = serde_json::to_string_pretty(&entries).map_err(|error| vec![failed(&error.to_string())])?;
    Ok(format!("{json}\n"))
}

async fn receipt(whose: &Whose) -> Result<String, Vec<Finding>> {
    let entries = entries(whose).await?;
    let latest = entries.iter().find_map(given).ok_or_else(|| vec![none(whose)])?;
    Ok(format!("{}\n", latest.receipt))
}

async fn withdraw(whose: &Whose) -> Result<String, Vec<Finding>> {
    let (config, client) = (configuration(&whose.config)?, client_id(whose)?);
    let store = open(&config).await?;
    let recording = stored::recording(&config)?;
    let consents = store.stores().consents;
    let now = SystemClock.now();
    let withdrawn =
        withdraw::handle(consents.as_ref(), &client, &whose.subject, &config.lifetimes, now).await;
    if ended(&store, withdrawn).await? {
        if let Some(recording) = &recording {
            let told = Event::new(Action::Consent, Outcome::Success).by(&client);
            let told = told
                .with("operation", "withdrawn")
                .with("subject", recording.subject(&client, &whose.subject));
            recording.settle(told).await.map_err(|finding| vec![finding])?;
        }
        return Ok("withdrawn: the next login asks, and codes and tokens under it have ended\n".to_owned());
    }
    Err(vec![none(whose)])
}

async fn entries(whose: &Whose) -> Result<Vec<ConsentEntry>, Vec<Finding>> {
    let (config, client) = (configuration(&whose.config)?, client_id(whose)?);
    let store = open(&config).await?;
    let entries = store.stores().consents.history(&client, &whose.subject, SystemClock.now()).await;
    ended(&store, entries).await
}

/// What came of a call, after the clean stop.
async fn ended<T>(store: &Store, outcome: Result<T, StoreError>) -> Result<T, Vec<Finding>> {
    close(store).await?;
    outcome.map_err(|error| vec![failed(&error.to_string())])
}

/// A line of the list: client, state, what was granted.
fn line(entry: &ConsentEntry, now: Timestamp) -> String {
    let client = entry.event.client_id();
    match &entry.event {
        ConsentEvent::Withdrawn { at, .. } => format!("{client}\twithdrawn {}\t\n", utc(*at)),
        ConsentEvent::Given(record) => {
            let state = if now < record.expires_at { "until" } else { "expired" };
            let granted: Vec<&str> = record.granted.iter().map(|claim| claim.name.as_str()).collect();
            format!("{client}\t{state} {}\t{}\n", utc(record.expires_at), granted.join(" "))
        }
    }
}

fn given(entry: &ConsentEntry) -> Option<&ConsentRecord> {
    match &entry.event {
        ConsentEvent::Given(record) => Some(record),
        ConsentEvent::Withdrawn { .. } => None,
    }
}

fn client_id(whose: &Whose) -> Result<ClientId, Vec<Finding>> {
    ClientId::parse(&whose.client).map_err(|error| {
        let fix = "`esignet client list` shows the clients there are";
        vec![Finding::error("client", "--client", error.to_string(), fix)]
    })
}

fn none(whose: &Whose) -> Finding {
    let problem = format!("this subject has no consent to the client `{}`", whose.client);
    Finding::error(
        "consent",
        "--subject",
        problem,
        "`esignet consent list --subject …` shows those there are",
    )
}

fn configuration(argument: &ConfigArgument) -> Result<Config, Vec<Finding>> {
    stored::configuration(argument, "consent", "use a store on disk")
}

/// The time as RFC 3339 in UTC, by the calendar of days since 0000-03-01 (proleptic Gregorian).
fn utc(at: Timestamp) -> String {
    const DAY: u64 = 86_400;
    // A year of more than four digits is of no use to anybody.
    let seconds = at.0.min(253_402_300_799);
    let (days, rest) = (seconds / DAY + 719_468, seconds % DAY);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(Timestamp(seconds)), text);
        }
    }
}
