//! `esignet plugin build`: a component of a project, and how `check` and `dev` get one.

use std::path::{Path, PathBuf};

use esignet_build::{BuildError, Project};
use esignet_sandbox::{Inspection, Manifest};

use crate::config::finding::Finding;

/// Where tools, SDKs and what was made before are kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Workshop {
    /// Where the tools of languages are kept, for all projects; a folder of the user's cache if not given
    #[arg(long, value_name = "DIR", env = "ESIGNET_BUILD_DIR")]
    build_dir: Option<PathBuf>,
}

/// The arguments of `esignet plugin build`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The project
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Where to put the component; ID.wasm in the project if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    workshop: Workshop,
}

/// A component that was built, where it is.
pub(crate) struct Component {
    /// The file.
    pub(crate) file: PathBuf,
    /// What is in it.
    pub(crate) inspection: Inspection,
}

/// Builds, and answers with what came of it.
pub(crate) fn run(arguments: &Arguments) -> Result<String, Finding> {
    let built = build(&arguments.directory, arguments.out.as_deref(), &arguments.workshop)?;
    Ok(built.told())
}

/// Builds the project in a directory.
pub(crate) fn build(directory: &Path, out: Option<&Path>, workshop: &Workshop) -> Result<Component, Finding> {
    let project = Project::open(directory).map_err(|error| finding(&error))?;
    let manifest = manifest(&project)?;
    let beside = if directory == Path::new(".") { Path::new("") } else { directory };
    let file = out.map_or_else(|| beside.join(format!("{}.wasm", manifest.plugin.id)), Path::to_owned);
    let what = format!("{} {} ({})", manifest.plugin.id, manifest.plugin.version, project.language.as_str());
    let step = esignet_build::progress::step(&what);
    let built = esignet_build::build(&project, &workshop.place()?).map_err(|error| finding(&error))?;
    esignet_build::write_if_changed(&file, &built.component).map_err(|error| finding(&error))?;
    let how = if built.made_now { "built" } else { "nothing has changed since it was built" };
    step.done(&format!("{}: {how}", file.display()));
    let inspection = Inspection::of(&file)
        .map_err(|found| Finding::error("component", found.place, found.rule, found.mend))?;
    Ok(Component { file, inspection })
}

/// The manifest, before anything is built: what is wrong with it no build would mend.
pub(crate) fn manifest(project: &Project) -> Result<Manifest, Finding> {
    let place = project.directory.join("plugin.toml");
    let Some(text) = &project.manifest else {
        let problem = "the project has no manifest, so that no server would take the plugin";
        let fix = "write plugin.toml with [plugin] id, version and publisher, and what it asks for: docs/plugins/manifest.md";
        return Err(Finding::error("manifest", place.display(), problem, fix));
    };
    Manifest::parse(text).map_err(|rule| {
        Finding::error(
            "manifest",
            place.display(),
            rule,
            "correct it: docs/plugins/manifest.md has every key",
        )
    })
}

impl Workshop {
    fn place(&self) -> Result<PathBuf, Finding> {
        let named = self.build_dir.clone().filter(|place| !place.as_os_str().is_empty());
        let variable =
            |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
        named.or_else(|| Some(cache()?.join("esignet/build"))).ok_or_else(|| {
            let problem = "there is no folder for the tools: neither XDG_CACHE_HOME nor HOME is set";
            Finding::error(
                "build-dir",
                "--build-dir",
                problem,
                "name a folder with --build-dir DIR or ESIGNET_BUILD_DIR",
            )
        })
    }
}

impl Component {
    /// What somebody who built it wants to know.
    pub(crate) fn told(&self) -> String {
        let Inspection { bytes, digest, imports, roles, .. } = &self.inspection;
        let (of_wasi, mut imports): (Vec<&str>, Vec<&str>) =
            imports.iter().map(String::as_str).partition(|import| import.starts_with("wasi:"));
        let of_wasi =
            format!("{} interfaces of WASI, which the runtime of the language needs", of_wasi.len());
        if !of_wasi.starts_with("0 ") {
            imports.push(&of_wasi);
        }
        let roles = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
        format!(
            "\nfile     {}, {} KiB\ndigest   sha256:{digest}\nroles    {roles}\nimports  {}\n",
            self.file.display(),
            bytes.div_ceil(1024),
            imports.join("\n         "),
        )
    }
}

/// What keeps a component from being made, in the form of everything that is wrong here.
pub(crate) fn finding(error: &BuildError) -> Finding {
    match error {
        BuildError::Missing(advice) => {
            let (problem, fix) = advice.split_once(['\n', ';']).unwrap_or((advice, "install it"));
            Finding::error("toolchain", "this machine", problem.trim(), fix.trim())
        }
        BuildError::Project { place, fault } => {
            let (problem, fix) =
                fault.split_once([':', ';']).unwrap_or((fault, "docs/plugins/languages.md has the layout"));
            Finding::error("project", place, problem.trim(), fix.trim())
        }
        BuildError::Failed { what, why } => Finding::error(
            "build",
            what,
            why.trim(),
            "correct the source; what the compiler says is above or here",
        ),
        BuildError::File { place, error } => Finding::error(
            "file",
            place,
            format!("it cannot be read or written: {error}"),
            "see who owns it, and whether the disk is full",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_toolchain_is_told_with_what_to_install() {
        let missing =
            BuildError::Missing("npm is not installed; on Debian: apt-get install nodejs npm".to_owned());
        let found = finding(&missing);
        assert_eq!((found.code, found.problem.as_str()), ("toolchain", "npm is not installed"));
        assert_eq!(found.fix, "on Debian: apt-get install nodejs npm");
    }

    #[test]
    fn a_project_without_a_manifest_or_with_a_wrong_one_is_refused_before_it_is_built() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("plugin.js"), "export const idSystem = 1;\n").unwrap();
        let of = || manifest(&Project::open(directory.path()).unwrap()).unwrap_err();
        assert!(of().fix.contains("write plugin.toml"));
        std::fs::write(directory.path().join("plugin.toml"), "[plugin]\nid = \"X\"\n").unwrap();
        assert_eq!(of().code, "manifest");
    }
}
