//! The password of a private key: from a file, from the environment, or asked for at the terminal.

use std::io::IsTerminal as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::config::finding::Finding;
use crate::secret_file;

/// The variable with the password.
pub(super) const VARIABLE: &str = "ESIGNET_PUBLISHER_PASSWORD";

/// The password of a key that is there.
pub(super) fn of_key(file: Option<&Path>) -> Result<Zeroizing<String>, Finding> {
    match given(file)? {
        Some(password) => Ok(password),
        None => ask("Password of the private key: "),
    }
}

/// The password of a new key; at the terminal it is asked for twice.
pub(super) fn of_new_key(file: Option<&Path>) -> Result<Zeroizing<String>, Finding> {
    if let Some(password) = given(file)? {
        return Ok(password);
    }
    let password = ask("Password for the new private key: ")?;
    if *password == *ask("Once more: ")? {
        return Ok(password);
    }
    Err(refused("the two passwords differ".to_owned(), "type the same twice"))
}

fn given(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Finding> {
    let password = match file {
        Some(file) => {
            let content = secret_file::read(file)?;
            let text =
                std::str::from_utf8(&content).map_err(|error| refused(error.to_string(), "use UTF-8"))?;
            Some(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        None => std::env::var(VARIABLE).ok().map(Zeroizing::new),
    };
    if password.as_ref().is_some_and(|password| password.is_empty()) {
        return Err(refused(
            "the password is empty".to_owned(),
            "give one, or make a key with --no-password",
        ));
    }
    Ok(password)
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Finding> {
    let fix = "run it at a terminal, name a file with --password-file, or set ESIGNET_PUBLISHER_PASSWORD";
    if !std::io::stdin().is_terminal() {
        return Err(refused("there is no terminal to ask for the password at".to_owned(), fix));
    }
    let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
    match typed {
        Ok(password) if !password.is_empty() => Ok(password),
        Ok(_) => Err(refused("the password is empty".to_owned(), fix)),
        Err(error) => Err(refused(format!("the password cannot be asked for: {error}"), fix)),
    }
}

fn refused(problem: String, fix: &str) -> Finding {
    Finding::error("password", "password", problem, fix)
}
