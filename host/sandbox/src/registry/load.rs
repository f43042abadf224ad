//! One file: read, its manifest, what it may do, its machine code, its imports and roles, its own word for itself.

use std::path::Path;
use std::sync::Arc;

use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::ports::plugins::PluginError;
use wasmtime::component::{Component, InstancePre, Linker};

use super::files::Terms;
use super::snapshot::Snapshot;
use super::standing::RolledBack;
use super::{PluginReport, Roles, Source};
use crate::accept;
use crate::component::{self, Role, Wasm};
use crate::engine::Inner;
use crate::finding::Finding;
use crate::import::{self, CallState};
use crate::instance::Plugin;
use crate::manifest::Manifest;
use crate::precompiled::CodeSource;
use crate::rights::Rights;
use crate::role::auth_factor::LoadedFactor;
use crate::role::captcha::LoadedCaptcha;
use crate::role::id_system::LoadedIdSystem;
use crate::role::notifier::LoadedNotifier;
use crate::signature::Admitted;

/// How often the image of a memory is tried to be made.
const IMAGE_ATTEMPTS: usize = 5;

/// Loads a file, or says everything that stands in its way. What is found out on the way is in the report.
pub(super) async fn file(
    inner: &Arc<Inner>,
    report: &mut PluginReport,
    source: Source<'_>,
    before: &Snapshot,
) -> Result<Arc<Roles>, Vec<Finding>> {
    let path = report.file.clone();
    let mut wasm = off_the_runtime(inner, &path, component::read).await??;
    report.digest = Some(wasm.digest.clone());
    component::check_kind(&wasm, &path)?;
    let mut manifest = Manifest::of(&wasm.bytes, &path)?;
    report.id.clone_from(&manifest.plugin.id);
    if let Some(back) = before.standing.stand_in(&report.id, &wasm.digest) {
        wasm = kept(inner, back, &path)?;
        manifest = Manifest::of(&wasm.bytes, &path)?;
        report.digest = Some(wasm.digest.clone());
    }
    report.version = Some(manifest.plugin.version.to_string());
    report.manifest = Some(Arc::new(manifest.clone()));

    // Who vouches for these bytes comes before anything of them is compiled.
    let admitted = component::check_signatures(&wasm, &report.id, source.trust, &path)?;
    report.signed_by.clone_from(&admitted.signed_by);

    let granted = source.grants.get(&report.id).cloned().unwrap_or_default();
    report.warnings = Rights::unasked(&manifest, &granted);
    let rights = Rights::decide(&manifest, &granted, source.ceiling)?;

    let build = PluginBuild {
        id: manifest.plugin.id.clone(),
        version: manifest.plugin.version.to_string(),
        digest: wasm.digest.clone(),
    };
    if let Some((roles, known)) = before.same(&build, &Terms::of(source, &build.id)) {
        report.roles.clone_from(&known.roles);
        report.code = known.code;
        report.is_unchanged = known.file == report.file;
        return Ok(roles);
    }
    let of_task = Arc::clone(inner);
    let linked = off_the_runtime(inner, &path, move |path| link(&of_task, &wasm, rights, path)).await??;
    report.roles.clone_from(&linked.roles);
    report.code = Some(linked.code);
    Ok(Arc::new(describe(inner, (build, admitted), (report, linked)).await?))
}

/// The bytes of the build that stands in for the file. They are as they were when they were good, by their digest.
fn kept(inner: &Inner, back: &RolledBack, path: &Path) -> Result<Wasm, Finding> {
    let kept = inner.precompiled.source(&back.to.digest);
    kept.ok_or_else(|| {
        Finding::new(
            format!("it was rolled back to {}, whose bytes are not kept any more", back.to.version),
            path.display().to_string(),
            "put a good build into the directory, or `esignet plugin release` this one",
        )
    })
}

/// A component that could be called.
struct Linked {
    pre: InstancePre<CallState>,
    roles: Vec<Role>,
    code: CodeSource,
    rights: Rights,
}

fn link(inner: &Inner, wasm: &Wasm, rights: Rights, path: &Path) -> Result<Linked, Finding> {
    let (compiled, code) = inner
        .precompiled
        .component(&inner.engine, &wasm.digest, &wasm.bytes)
        .map_err(|error| component::not_compiled(&error, path))?;
    inner.precompiled.keep_source(wasm);
    component::check_imports(&inner.engine, &compiled, &rights, path)?;
    let roles = component::roles(&inner.engine, &compiled, path)?;
    image(&compiled).map_err(|error| {
        Finding::new(
            format!("the image of its memory cannot be made ({})", accept::cut(&format!("{error:#}"), 256)),
            path.display().to_string(),
            "see what the system has left of memory, and `esignet plugin reload`",
        )
    })?;
    let pre = linker(inner, &rights).and_then(|linker| linker.instantiate_pre(&compiled));
    let pre = pre.map_err(|error| {
        Finding::new(
            format!(
                "an import has another shape than the contract ({})",
                accept::cut(&format!("{error:#}"), 256)
            ),
            path.display().to_string(),
            "build it against version 0.1 of the contract, which this server serves",
        )
    })?;
    Ok(Linked { pre, roles, code, rights })
}

/// What the plugin may have, with notes of its use where somebody watches.
fn linker(inner: &Inner, rights: &Rights) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = import::linker(&inner.engine, rights)?;
    if inner.witness.is_some() {
        import::told::in_front(&mut linker, rights)?;
    }
    Ok(linker)
}

/// Makes the image of the component's memory that its instances begin with, here and not in somebody's first call. The
/// kernel refuses to seal a large one while it still holds a page of it, which is over in a moment.
fn image(compiled: &Component) -> wasmtime::Result<()> {
    let mut made = compiled.initialize_copy_on_write_image();
    for _ in 1..IMAGE_ATTEMPTS {
        if made.is_ok() {
            break;
        }
        made = compiled.initialize_copy_on_write_image();
    }
    made
}

async fn describe(
    inner: &Arc<Inner>,
    (build, admitted): (PluginBuild, Admitted),
    (report, linked): (&PluginReport, Linked),
) -> Result<Roles, Vec<Finding>> {
    let described = |error: PluginError| {
        vec![Finding::new(
            format!("`describe` gave no usable answer: {error}"),
            report.file.display().to_string(),
            "correct the plugin or its settings, or raise its limits",
        )]
    };
    let Linked { pre, roles, rights, .. } = linked;
    let plugin = Arc::new(Plugin::new(build.clone(), rights, Arc::clone(inner), pre.clone()));
    let id_system = if roles.contains(&Role::IdSystem) {
        Some(Arc::new(LoadedIdSystem::load(Arc::clone(&plugin), &pre).await.map_err(described)?))
    } else {
        None
    };
    let factor = if roles.contains(&Role::AuthFactor) {
        Some(Arc::new(LoadedFactor::load(Arc::clone(&plugin), &pre).await.map_err(described)?))
    } else {
        None
    };
    let captcha = if roles.contains(&Role::Captcha) {
        Some(Arc::new(LoadedCaptcha::load(Arc::clone(&plugin), &pre).await.map_err(described)?))
    } else {
        None
    };
    let notifier = if roles.contains(&Role::Notifier) {
        Some(Arc::new(LoadedNotifier::load(Arc::clone(&plugin), &pre).await.map_err(described)?))
    } else {
        None
    };
    Ok(Roles { build, admitted, plugin, id_system, factor, captcha, notifier })
}

/// Work that takes long or waits for a disk, on a thread for that.
async fn off_the_runtime<T: Send + 'static>(
    inner: &Inner,
    path: &Path,
    work: impl FnOnce(&Path) -> T + Send + 'static,
) -> Result<T, Finding> {
    let of_task = path.to_owned();
    inner.handle.spawn_blocking(move || work(&of_task)).await.map_err(|_panicked| {
        Finding::new(
            "the compiler failed on the component",
            path.display().to_string(),
            "report the file to whoever maintains this server",
        )
    })
}
