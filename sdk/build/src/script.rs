//! Plugins in JavaScript and Python: laid out with their SDK and a world of the roles they export, and made into a component.

use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::embedded;
use crate::error::BuildError;
use crate::project::{Language, Project};
use crate::tools::{self, text_of, write_all};

/// What is not part of a plugin, wherever it stands.
const LEFT_OUT: [&str; 4] = ["target", "__pycache__", "test", "tests"];

/// The component, and whether it was made now: what was made of the very same files before is not made again.
pub(crate) fn build(project: &Project, work: &Path) -> Result<(Vec<u8>, bool), BuildError> {
    let tools = work.join("tools");
    let work = work.join("projects").join(folder(project)?);
    let inputs = Inputs::of(project)?;
    let (stamp, made) = (work.join("inputs"), work.join("component.wasm"));
    if fs::read(&stamp).is_ok_and(|before| before == inputs.stamp)
        && let Ok(component) = fs::read(&made)
    {
        return Ok((component, false));
    }
    if work.exists() {
        fs::remove_dir_all(&work).map_err(BuildError::file(&work))?;
    }
    inputs.lay_out(&work)?;
    let command = match project.language {
        Language::JavaScript => javascript(&tools, &work)?,
        Language::Python | Language::Rust => python(&tools, &work)?,
    };
    run(command, project)?;
    let component = fs::read(&made).map_err(BuildError::file(&made))?;
    fs::write(&stamp, &inputs.stamp).map_err(BuildError::file(&stamp))?;
    Ok((component, true))
}

/// A folder for this project alone, whatever others are called.
fn folder(project: &Project) -> Result<String, BuildError> {
    let place = fs::canonicalize(&project.directory).map_err(BuildError::file(&project.directory))?;
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    Ok(format!("{}-{:016x}", project.name, hasher.finish()))
}

fn javascript(tools: &Path, work: &Path) -> Result<Command, BuildError> {
    let mut componentize = tools::javascript(tools)?;
    componentize.arg("--wit").arg(work.join("wit")).args(["--world", "component", "--sync"]);
    componentize.arg("--js").arg(work.join("source/plugin.js")).arg("--module-root").arg(work.join("source"));
    componentize.arg("--output").arg(work.join("component.wasm"));
    Ok(componentize)
}

fn python(tools: &Path, work: &Path) -> Result<Command, BuildError> {
    let mut componentize = tools::python(tools)?;
    componentize.arg("--quiet").arg("--wit-path").arg(work.join("wit")).args(["--world", "component"]);
    componentize.args(["componentize", "plugin", "--python-path"]).arg(work.join("source"));
    componentize.arg("--output").arg(work.join("component.wasm"));
    // What else this machine has of Python is none of the plugin's.
    componentize.env_remove("VIRTUAL_ENV").env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(componentize)
}

/// Runs it; what it says is shown when it fails.
fn run(mut command: Command, project: &Project) -> Result<(), BuildError> {
    let what = format!("{} ({})", project.name, project.language.as_str());
    let output = command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE").output();
    let output = output.map_err(|error| BuildError::failed(&what, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // A tool in Rust goes on with where in itself it was.
    let said = said.split("\nStack backtrace:").next().unwrap_or_default().trim();
    Err(BuildError::failed(what, &format!("it does not build:\n{said}")))
}

/// Everything that a component is made of.
struct Inputs {
    language: Language,
    world: String,
    files: Vec<(PathBuf, Vec<u8>)>,
    stamp: Vec<u8>,
}

impl Inputs {
    fn of(project: &Project) -> Result<Self, BuildError> {
        let world = world(&project.roles()?);
        let mut files = Vec::new();
        collect(&project.directory, Path::new(""), &mut files)?;
        files.sort();
        let (sdk, pins) = carried(project.language);
        let mut stamp = Vec::new();
        for text in [world.clone(), text_of(embedded::CONTRACT), text_of(sdk), text_of(pins)] {
            stamp.extend_from_slice(text.as_bytes());
        }
        for (path, content) in &files {
            stamp.extend_from_slice(format!("\n{} {}\n", path.display(), content.len()).as_bytes());
            stamp.extend_from_slice(content);
        }
        Ok(Self { language: project.language, world, files, stamp })
    }

    /// `wit/` with the world, `source/` with the plugin and its SDK.
    fn lay_out(&self, work: &Path) -> Result<(), BuildError> {
        write_all(&work.join("wit"), &[("world.wit", "")])?;
        let world = work.join("wit/world.wit");
        fs::write(&world, &self.world).map_err(BuildError::file(&world))?;
        write_all(&work.join("wit/deps"), embedded::CONTRACT)?;
        let source = work.join("source");
        for (path, content) in &self.files {
            let file = source.join(path);
            let parent = file.parent().unwrap_or(&source);
            fs::create_dir_all(parent).map_err(BuildError::file(parent))?;
            fs::write(&file, content).map_err(BuildError::file(&file))?;
        }
        let below = match self.language {
            Language::JavaScript => "node_modules/@esignet/plugin-sdk",
            Language::Python | Language::Rust => "",
        };
        write_all(&source.join(below), carried(self.language).0)
    }
}

/// The SDK of a language, and what pins its tools.
fn carried(language: Language) -> (&'static [embedded::File], &'static [embedded::File]) {
    match language {
        Language::JavaScript => (embedded::JS_SDK, embedded::JS_TOOLS),
        Language::Python | Language::Rust => (embedded::PYTHON_SDK, embedded::PYTHON_TOOLS),
    }
}

/// A world with everything the host can give, and the roles.
fn world(roles: &[&str]) -> String {
    let mut world = "package esignet:build@0.1.0;\n\nworld component {\n".to_owned();
    world.push_str("    include esignet:plugin/imports@0.1.0;\n");
    for role in roles {
        // Writing to a string does not fail.
        let _ = writeln!(world, "    export esignet:{role}/{role}@0.1.0;");
    }
    world.push_str("}\n");
    world
}

/// The files below a directory but for what is hidden or left out, by their place below it.
fn collect(root: &Path, below: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<(), BuildError> {
    let directory = root.join(below);
    for entry in fs::read_dir(&directory).map_err(BuildError::file(&directory))? {
        let entry = entry.map_err(BuildError::file(&directory))?;
        let name = entry.file_name();
        let path = below.join(&name);
        if name.as_encoded_bytes().starts_with(b".") || LEFT_OUT.iter().any(|out| name == *out) {
            continue;
        }
        let here = root.join(&path);
        if here.is_dir() {
            collect(root, &path, files)?;
        } else if is_source(&path) {
            files.push((path, fs::read(&here).map_err(BuildError::file(&here))?));
        }
    }
    Ok(())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["js", "mjs", "json", "py"].iter().any(|source| end == *source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_the_roles_and_everything_the_host_can_give() {
        let world = world(&["id-system", "auth-factor"]);
        assert!(world.contains("include esignet:plugin/imports@0.1.0;"));
        assert!(world.contains("export esignet:id-system/id-system@0.1.0;"));
        assert!(world.contains("export esignet:auth-factor/auth-factor@0.1.0;"));
    }

    #[test]
    fn a_component_is_made_of_sources_and_not_of_tests_or_what_is_hidden() {
        let directory = tempfile::tempdir().unwrap();
        for path in ["plugin.js", "deep/part.js", "README.md", "test/x.test.js", ".git/x.js", "plugin.toml"] {
            let file = directory.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "export const idSystem = 1;").unwrap();
        }
        let mut project = Project::open(directory.path()).unwrap();
        project.name = "p".to_owned();
        let inputs = Inputs::of(&project).unwrap();
        let paths: Vec<_> = inputs.files.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(paths, ["deep/part.js", "plugin.js"]);
        inputs.lay_out(&directory.path().join("work")).unwrap();
        let source = directory.path().join("work/source");
        assert!(source.join("node_modules/@esignet/plugin-sdk/src/index.js").is_file());
        assert!(directory.path().join("work/wit/deps/host/host.wit").is_file());

        fs::write(directory.path().join("deep/part.js"), "changed").unwrap();
        assert_ne!(Inputs::of(&project).unwrap().stamp, inputs.stamp);
    }
}
