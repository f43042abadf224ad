//! `esignet plugin sign`: puts a publisher's signature behind a component, or one that the standard minisign tool made.

use std::path::{Path, PathBuf};

use esignet_protocol::ports::clock::Clock as _;
use esignet_sandbox::signature::facts::{self, Facts};
use esignet_sandbox::signature::minisign::{Prehash, Signer, UnverifiedSignature};
use semver::Version;

use super::component_file::ComponentFile;
use super::private_key::PrivateKeyFile;
use super::{password, refused};
use crate::config::finding::Finding;
use crate::secret_file;
use crate::system::SystemClock;

/// The arguments of `esignet plugin sign`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The component; its signatures are put at its end
    #[arg(value_name = "WASM")]
    file: PathBuf,
    /// The publisher's private key
    #[arg(long, value_name = "FILE", required_unless_present = "attach", conflicts_with = "attach")]
    key: Option<PathBuf>,
    /// Do not sign: attach what `minisign -S -m WASM -t "id:… version:…"` wrote to WASM.minisig
    #[arg(long, value_name = "MINISIG", conflicts_with_all = ["id", "version", "password_file"])]
    attach: Option<PathBuf>,
    /// The plugin's id; when absent, what its manifest says, or else the name of the file without its end
    #[arg(long)]
    id: Option<String>,
    /// The plugin's version, as 1.4.2; when absent, what its manifest says
    #[arg(long)]
    version: Option<Version>,
    /// The password is the content of this file, mode 0600; else of `ESIGNET_PUBLISHER_PASSWORD`, else asked for
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Signs or attaches. A signature of the same key is replaced.
pub(crate) fn run(arguments: &Arguments) -> Result<String, Finding> {
    let file = &arguments.file;
    let mut component = ComponentFile::read(file)?;
    let signature = match (&arguments.attach, &arguments.key) {
        (Some(minisig), _) => attached(minisig, file, &component)?,
        (None, Some(key)) => {
            // Before the password is asked for: whoever forgot the version types it once.
            let facts = facts(arguments, &component)?;
            let key = signer(key, arguments.password_file.as_deref())?;
            let signed = key.sign(&Prehash::of(&component.signed), &facts.to_string());
            signed.map_err(|error| {
                refused(file, &error.to_string(), "write the id without control characters")
            })?
        }
        (None, None) => return Err(refused(file, "there is no key", "name one with --key")),
    };
    let (key_id, said) = (signature.key_id(), signature.unverified_comment().replace('\t', " "));
    component.put(signature);
    component.replace(file)?;
    let others = component.signatures.len() - 1;
    let others = if others == 0 { String::new() } else { format!("\tbeside {others} of other keys") };
    Ok(format!("{}\tsigned with {key_id}\t{said}{others}\n", file.display()))
}

/// What is said of the component.
fn facts(arguments: &Arguments, component: &ComponentFile) -> Result<Facts, Finding> {
    let file = &arguments.file;
    let build = "correct its manifest and build it again";
    let manifest = facts::of_manifest(&component.signed)
        .map_err(|error| refused(file, &format!("its section esignet:manifest: {error}"), build))?;
    let (own_id, own_version) = manifest.unzip();
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let id = arguments.id.clone().or_else(|| own_id.clone()).or_else(|| stem.map(str::to_owned));
    let id = id.filter(|id| facts::is_id(id)).ok_or_else(|| {
        refused(file, "the id is not of letters, digits, `.`, `-` and `_`", "name the plugin with --id")
    })?;
    let version = arguments.version.clone().or_else(|| own_version.clone());
    let version = version.ok_or_else(|| {
        let fix = "say it with --version, such as --version 1.4.2; operators refuse what is older than they say by it";
        refused(file, "the component does not say its version", fix)
    })?;
    if own_id.is_some_and(|own| own != id) || own_version.is_some_and(|own| own != version) {
        return Err(refused(file, "its manifest says another id or version", "leave --id and --version out"));
    }
    let digest = Some(facts::digest_of(&component.signed));
    Ok(Facts { id: Some(id), version: Some(version), digest, signed_at: Some(SystemClock.now().0) })
}

fn signer(file: &Path, password_file: Option<&Path>) -> Result<Signer, Finding> {
    let fix = "name a private key that `esignet plugin keygen` or minisign made";
    let content = secret_file::read(file)?;
    let text = std::str::from_utf8(&content).map_err(|_| refused(file, "the file is no text", fix))?;
    let key = PrivateKeyFile::parse(text).map_err(|error| refused(file, &error.to_string(), fix))?;
    let password = if key.is_locked() { Some(password::of_key(password_file)?) } else { None };
    let opened = key.open(password.as_ref().map(|password| password.as_str()));
    opened.map_err(|error| refused(file, &error.to_string(), "try the password again"))
}

/// What another tool signed. Who made it is not looked at here: `esignet plugin verify` does.
fn attached(minisig: &Path, file: &Path, component: &ComponentFile) -> Result<UnverifiedSignature, Finding> {
    let again = || {
        format!(
            "sign the component before it has any signature: minisign -S -m {} -t \"id:ID version:VERSION\"",
            file.display()
        )
    };
    let text = std::fs::read_to_string(minisig)
        .map_err(|error| refused(minisig, &format!("the signature cannot be read: {error}"), &again()))?;
    let signature = UnverifiedSignature::parse(&text);
    let signature = signature.map_err(|error| refused(minisig, &error.to_string(), &again()))?;
    let facts = Facts::parse(signature.unverified_comment());
    let facts =
        facts.map_err(|error| refused(minisig, &format!("its trusted comment: {error}"), &again()))?;
    let manifest = facts::of_manifest(&component.signed).ok().flatten();
    if facts.id.is_none() && manifest.is_none() {
        let problem = "its trusted comment does not say which plugin it is of, so no server takes it";
        return Err(refused(minisig, problem, &again()));
    }
    Ok(signature)
}
