//! A file in the directory of plugins, examined before anything of it runs.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::accept;
use crate::compile::NotCompiled;
use crate::finding::Finding;
use crate::rights::Rights;
use crate::signature::section::{self, Malformed};
use crate::signature::{self, Admitted, Trust, facts};

/// The largest file that is read.
pub(crate) const FILE_BYTES: u64 = 64 << 20;
/// What a component may import, without the version, and what its manifest has to ask for first.
const IMPORTS: [(&str, Asks); 8] = [
    ("esignet:host/log", Asks::Nothing),
    ("esignet:host/config", Asks::Nothing),
    ("esignet:host/clock", Asks::Nothing),
    ("esignet:host/crypto", Asks::Nothing),
    ("esignet:types/types", Asks::Nothing),
    ("esignet:types/forms", Asks::Nothing),
    ("esignet:host/http", Asks::Upstream),
    ("esignet:host/cache", Asks::Cache),
];
/// The versions that are served: any patch of 0.1.
const SERVED: &str = "0.1.";

/// What stands in a manifest for an interface to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    Upstream,
    Cache,
    Wasi,
}

impl Asks {
    /// Whether it does. Languages that need WASI import every interface of their world, used or not: for them the rest
    /// is linked too and denies (`plugins.md` §4).
    const fn is_met(self, rights: &Rights) -> bool {
        match self {
            Self::Nothing => true,
            Self::Upstream => rights.http || rights.wasi,
            Self::Cache => rights.cache || rights.wasi,
            Self::Wasi => rights.wasi,
        }
    }

    const fn mend(self) -> &'static str {
        match self {
            Self::Nothing => "build it against version 0.1 of the contract, which this server serves",
            Self::Upstream => {
                "ask for the server in plugin.toml, [requests.upstreams.NAME], and build the plugin again"
            }
            Self::Cache => "write cache = true under [requests] of plugin.toml, and build the plugin again",
            Self::Wasi => {
                "write wasi = true under [requests] of plugin.toml if its language cannot do without, and build it again"
            }
        }
    }
}

/// What a component can be for the host (`wit/plugin.wit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `esignet:id-system/id-system`
    IdSystem,
    /// `esignet:auth-factor/auth-factor`
    AuthFactor,
    /// `esignet:captcha/captcha`
    Captcha,
    /// `esignet:notifier/notifier`
    Notifier,
    /// `esignet:audit-sink/audit-sink`
    AuditSink,
    /// `esignet:key-binder/key-binder`
    KeyBinder,
}

impl Role {
    const ALL: [Self; 6] =
        [Self::IdSystem, Self::AuthFactor, Self::Captcha, Self::Notifier, Self::AuditSink, Self::KeyBinder];

    /// The word for it in logs and lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdSystem => "id-system",
            Self::AuthFactor => "auth-factor",
            Self::Captcha => "captcha",
            Self::Notifier => "notifier",
            Self::AuditSink => "audit-sink",
            Self::KeyBinder => "key-binder",
        }
    }

    const fn interface(self) -> &'static str {
        match self {
            Self::IdSystem => "esignet:id-system/id-system",
            Self::AuthFactor => "esignet:auth-factor/auth-factor",
            Self::Captcha => "esignet:captcha/captcha",
            Self::Notifier => "esignet:notifier/notifier",
            Self::AuditSink => "esignet:audit-sink/audit-sink",
            Self::KeyBinder => "esignet:key-binder/key-binder",
        }
    }
}

/// The bytes of a file without its signatures, and what names them.
pub(crate) struct Wasm {
    pub(crate) bytes: Vec<u8>,
    /// SHA-256 of them in lower-case hexadecimal.
    pub(crate) digest: String,
    /// The signatures, or why they cannot be told apart from the rest.
    pub(crate) signatures: Result<Vec<String>, Malformed>,
}

/// Reads a file of at most 64 MiB, and takes its signatures off: what is verified, named by the digest and compiled is
/// the same.
pub(crate) fn read(path: &Path) -> Result<Wasm, Finding> {
    let place = || path.display().to_string();
    let unreadable = |error: std::io::Error| {
        Finding::new(format!("the file cannot be read ({error})"), place(), "make it readable for the server")
    };
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(Finding::new(
            "the file is larger than 64 MiB",
            place(),
            "build the plugin with optimisation and without debug information",
        ));
    }
    Ok(Wasm::of(bytes))
}

impl Wasm {
    /// Takes the signatures off.
    pub(crate) fn of(mut bytes: Vec<u8>) -> Self {
        let split = section::split(&bytes);
        let signed = split.as_ref().map_or(bytes.len(), |split| split.signed.len());
        let signatures = split.map(|split| split.signatures.into_iter().map(str::to_owned).collect());
        bytes.truncate(signed);
        let digest = facts::digest_of(&bytes);
        Self { bytes, digest, signatures }
    }

    /// The file again, with its signatures.
    pub(crate) fn whole(&self) -> Vec<u8> {
        section::append(&self.bytes, self.signatures.as_deref().unwrap_or_default())
    }
}

/// Who vouches for it, or why it is refused for that.
pub(crate) fn check_signatures(
    wasm: &Wasm,
    id: &str,
    trust: &Trust,
    path: &Path,
) -> Result<Admitted, Finding> {
    let Wasm { bytes, digest, signatures } = wasm;
    let component = signature::Component { id, signed: bytes, digest, signatures };
    trust.judge(&component).map_err(|refusal| refusal.finding(path))
}

/// Refuses what is no component, by what is wrong with it. Whether the rest is sound the compiler says.
pub(crate) fn check_kind(wasm: &Wasm, path: &Path) -> Result<(), Finding> {
    let place = || path.display().to_string();
    let mend = "build it again with `cargo xtask plugins` or the tool of its language, and copy it whole";
    match wasm.bytes.get(..8) {
        Some([b'\0', b'a', b's', b'm', _, _, 1, 0]) => Ok(()),
        Some([b'\0', b'a', b's', b'm', 1, 0, 0, 0]) => Err(Finding::new(
            "the file is a core WebAssembly module, not a component",
            place(),
            "turn it into a component, as `cargo xtask plugins` or `wasm-tools component new` do",
        )),
        Some(_) => Err(Finding::new("the file is not WebAssembly", place(), mend)),
        None => Err(Finding::new("the file is cut off", place(), mend)),
    }
}

/// What the compiler said, as a finding.
pub(crate) fn not_compiled(error: &NotCompiled, path: &Path) -> Finding {
    let place = path.display().to_string();
    match error {
        NotCompiled::Refused(reason) => Finding::new(
            format!("the component is cut off, damaged or uses what is not supported ({reason})"),
            place,
            "copy the file again; if that does not help, build it for the component model without threads, 64-bit \
             memories and garbage collection",
        ),
        NotCompiled::Ended(_) => Finding::new(
            error.to_string(),
            place,
            "build a smaller component: no compilation of a plugin needs that much; do not trust where it came from",
        ),
        NotCompiled::NotStarted(_) => Finding::new(
            error.to_string(),
            place,
            "see whether the program of the server can be executed, and the limits of the process: `ulimit -u`",
        ),
    }
}

/// Refuses a component that imports anything but the interfaces of `esignet:host`, or one of them that its manifest does not
/// ask for.
pub(crate) fn check_imports(
    engine: &Engine,
    component: &Component,
    rights: &Rights,
    path: &Path,
) -> Result<(), Finding> {
    let component = component.component_type();
    let mut refused = Vec::new();
    for (name, item) in component.imports(engine) {
        let is_instance = matches!(item.ty, ComponentItem::ComponentInstance(_));
        match asks(name).filter(|_| is_instance) {
            Some(asks) if asks.is_met(rights) => {}
            Some(asks) => {
                return Err(Finding::new(
                    format!("the component imports {name}, which its manifest does not ask for"),
                    path.display().to_string(),
                    asks.mend(),
                ));
            }
            None => refused.push(accept::cut(name, 128)),
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let mend = if refused.iter().any(|name| name.starts_with("wasi:")) {
        "a plugin in JavaScript or Python writes wasi = true under [requests] of its plugin.toml; anything else is built for a target \
         without WASI (wasm32-unknown-unknown)"
    } else if refused.iter().any(|name| name.starts_with("esignet:")) {
        "build it against version 0.1 of the contract, which this server serves"
    } else {
        "remove the import: a plugin gets what `esignet:host` gives and nothing else"
    };
    Err(Finding::new(
        format!("the component imports what no plugin is given: {}", refused.join(", ")),
        path.display().to_string(),
        mend,
    ))
}

fn asks(import: &str) -> Option<Asks> {
    if crate::import::wasi::serves(import) {
        return Some(Asks::Wasi);
    }
    served(import)
}

fn served(import: &str) -> Option<Asks> {
    let (interface, version) = import.split_once('@')?;
    let (_, asks) = IMPORTS.into_iter().find(|(served, _)| *served == interface)?;
    is_served_version(version).then_some(asks)
}

fn is_served_version(version: &str) -> bool {
    version
        .strip_prefix(SERVED)
        .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()))
}

/// The roles that a component with these exports plays.
pub(crate) fn roles_of(exports: &[impl AsRef<str>]) -> Vec<Role> {
    let plays = |role: &Role| {
        exports
            .iter()
            .filter_map(|name| name.as_ref().split_once('@'))
            .any(|(interface, version)| interface == role.interface() && is_served_version(version))
    };
    Role::ALL.into_iter().filter(plays).collect()
}

/// The roles a component plays, or why it plays none.
pub(crate) fn roles(engine: &Engine, component: &Component, path: &Path) -> Result<Vec<Role>, Finding> {
    let component = component.component_type();
    let exports: Vec<&str> = component.exports(engine).map(|(name, _)| name).collect();
    let roles = roles_of(&exports);
    if roles.is_empty() {
        return Err(Finding::new(
            format!("the component plays no role: it exports [{}]", accept::cut(&exports.join(", "), 256)),
            path.display().to_string(),
            "export the interface of a role, such as esignet:id-system/id-system@0.1.0 or esignet:auth-factor/auth-factor@0.1.0",
        ));
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_interfaces_of_the_contract_in_a_served_version_are_given() {
        for name in ["esignet:host/log@0.1.0", "esignet:host/http@0.1.7", "esignet:types/types@0.1.0"] {
            assert!(served(name).is_some(), "{name}");
        }
        for name in [
            "wasi:cli/stdout@0.2.0",
            "esignet:host/log@0.2.0",
            "esignet:host/log",
            "esignet:host/files@0.1.0",
            "esignet:host/log@0.1.",
            "esignet:host/log@0.1.0-rc",
            "evil:host/log@0.1.0",
        ] {
            assert!(served(name).is_none(), "{name}");
        }
    }
}
