//! What a file is, told without compiling or running anything of it.

use std::path::Path;

use wasmparser::{Parser, Payload};

use crate::component::{self, Role};
use crate::contract::{self, ContractLine};
use crate::finding::Finding;
use crate::manifest::Manifest;

/// What a component is and asks for.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Bytes of the file.
    pub bytes: usize,
    /// SHA-256 of the file in lower-case hexadecimal.
    pub digest: String,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What it imports, in the order in which it does.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
    /// What it can be for the host.
    pub roles: Vec<Role>,
}

impl Inspection {
    /// Looks into a file.
    pub fn of(path: &Path) -> Result<Self, Finding> {
        let wasm = component::read(path)?;
        component::check_kind(&wasm, path)?;
        let manifest = Manifest::of(&wasm.bytes, path)?;
        let (imports, exports) = names(&wasm.bytes).map_err(|error| {
            Finding::new(
                format!("the component is cut off or damaged ({})", error.message()),
                path.display().to_string(),
                "copy it whole again; if that does not help, build it again",
            )
        })?;
        let roles = component::roles_of(&exports);
        Ok(Self { bytes: wasm.bytes.len(), digest: wasm.digest, manifest, imports, exports, roles })
    }
}

impl Inspection {
    /// The lines of the contract that it was built against, and how long this server serves each.
    pub fn contract(&self) -> Vec<ContractLine> {
        contract::lines_of(self.exports.iter().chain(&self.imports))
    }
}

/// The names of imports and exports of the outermost component.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else has names that the host links or calls")]
fn names(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>), wasmparser::BinaryReaderError> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}
