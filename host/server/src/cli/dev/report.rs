//! What `esignet dev` tells: a page of text for people, a file for scripts.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::deployment::{Deployment, DevClient, DevClients, OTP, PASSWORD, PIN};
use super::people::Person;
use crate::secret_file;

/// What there is to tell.
pub(super) struct Report<'a> {
    /// Where everything is.
    pub(super) deployment: &'a Deployment,
    /// The clients.
    pub(super) clients: &'a DevClients,
    /// The people.
    pub(super) people: &'a [Person],
    /// When the process began.
    pub(super) began: Instant,
}

impl Report<'_> {
    /// Writes the file for scripts, for nobody else to read.
    pub(super) fn write_json(&self, file: &Path) -> io::Result<()> {
        secret_file::replace(file, format!("{:#}\n", self.json()).as_bytes())
    }

    fn json(&self) -> Value {
        let people = self.people.iter().map(|person| {
            json!({
                "kind": "uin",
                "individual_id": person.individual_id,
                "otp": OTP,
                "pin": PIN,
                "password": PASSWORD,
                "name": person.name,
                "outcome": person.outcome,
            })
        });
        let clients = std::iter::once(&self.clients.sample).chain(&self.clients.scripts).map(client);
        json!({
            "issuer": self.deployment.issuer(),
            "admin_endpoint": null,
            "relying_party": self.deployment.rp_url(),
            "clients": clients.collect::<Vec<_>>(),
            "people": people.collect::<Vec<_>>(),
            "pid": std::process::id(),
            "ready_ms": u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// Prints the page for people.
    pub(super) fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "\ne-Signet is ready after {} ms.\n", self.began.elapsed().as_millis())?;
        writeln!(out, "  Sign in at   {}", self.deployment.rp_url())?;
        writeln!(out, "  Provider     {}", self.deployment.issuer())?;
        writeln!(out, "  Files        {}\n", self.deployment.directory.display())?;
        if self.people.is_empty() {
            writeln!(
                out,
                "  People are those of the ID system in {}.",
                self.deployment.plugins_directory().display()
            )?;
        } else {
            writeln!(
                out,
                "  Sign in as one of these people. The one-time code of all of them is {OTP}, the PIN {PIN},"
            )?;
            writeln!(out, "  the password {PASSWORD:?}.\n")?;
            for person in self.people {
                writeln!(out, "    {:<12} {:<16} {}", person.individual_id, person.name, person.shows)?;
            }
        }
        writeln!(out, "\n  For trying out only: anyone can be anyone here. Stop with Ctrl-C.\n")?;
        out.flush()
    }
}

/// Removes the file for scripts of an earlier server. What is there must be such a file or nothing at all.
pub(super) fn remove(file: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.is_file() {
        let problem = format!("{} is there and is no file; name another", file.display());
        return Err(io::Error::other(problem));
    }
    fs::remove_file(file)
}

fn client(client: &DevClient) -> Value {
    let mut told = json!({
        "client_id": client.client_id,
        "redirect_uris": client.redirect_uris,
        "jwks": { "keys": client.private_jwks },
    });
    if let Value::Object(told) = &mut told {
        told.extend(client.members.clone());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_an_earlier_server_goes_and_nothing_else_does() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dev.json");
        fs::write(&file, "{}").unwrap();
        remove(&file).unwrap();
        assert!(!file.exists());
        assert!(remove(&file).is_ok(), "there may be none");
        assert!(remove(directory.path()).is_err());
        let link = directory.path().join("out");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert!(remove(&link).is_err() && link.is_symlink());
    }
}
