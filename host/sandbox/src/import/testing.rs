//! The state of a call without a guest, for tests of what the host gives.

use std::sync::Arc;

use async_trait::async_trait;
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::fetch::{Fetch, FetchError, UpstreamRequest, UpstreamResponse};
use esignet_protocol::ports::plugin_build::PluginBuild;
use esignet_protocol::word::time::Timestamp;
use wasmtime::component::Component;

use super::{CallState, linker};
use crate::engine::{Host, Sandbox, SandboxConfig};
use crate::grant::Grant;
use crate::instance::Plugin;
use crate::manifest::{KeyAsked, Manifest};
use crate::memory_cache::MemoryCache;
use crate::rights::{Ceiling, Rights};

/// Stands still at one second.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000)
    }
}

/// Always nine.
struct Nines;

impl Entropy for Nines {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}

/// Reaches nobody.
pub(crate) struct Nobody;

#[async_trait]
impl Fetch for Nobody {
    async fn fetch(&self, _: UpstreamRequest) -> Result<UpstreamResponse, FetchError> {
        Err(FetchError::Unreachable("nobody is there".to_owned()))
    }
}

/// A sandbox with room for one call.
pub(crate) fn sandbox(fetch: impl Fetch + 'static) -> Sandbox {
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let host = Host {
        entropy: Arc::new(Nines),
        fetch: Arc::new(fetch),
        cache: Arc::new(MemoryCache::new(Arc::clone(&clock))),
        clock,
    };
    let mut config = SandboxConfig::new([0; 32]);
    config.max_instances = 1;
    Sandbox::new(config, host).unwrap()
}

/// What the plugin "tested" may do under this grant, when it asks for all that is granted.
pub(crate) fn rights(grant: &Grant) -> Rights {
    let mut manifest = Manifest::parse(
        "[plugin]\nid = \"tested\"\nversion = \"1.0.0\"\npublisher = \"us\"\n[requests]\ncache = true\n",
    )
    .unwrap();
    manifest.config.schema = Some(serde_json::json!({}));
    for (name, key) in &grant.keys {
        manifest.requests.keys.insert(name.clone(), KeyAsked::Needed(key.purpose()));
    }
    for (name, upstream) in &grant.upstreams {
        let asked = serde_json::json!({
            "methods": upstream.methods.as_ref().unwrap(), "path_prefixes": upstream.path_prefixes.as_ref().unwrap()
        });
        manifest.requests.upstreams.insert(name.clone(), serde_json::from_value(asked).unwrap());
    }
    Rights::decide(&manifest, grant, &Ceiling::default()).unwrap()
}

/// A call of the plugin "tested" under this grant.
pub(super) fn call(grant: &Grant, fetch: impl Fetch + 'static) -> CallState {
    let inner = sandbox(fetch).inner;
    let rights = rights(grant);
    let empty = Component::from_binary(&inner.engine, b"\0asm\x0d\0\x01\0").unwrap();
    let pre = linker(&inner.engine, &rights).unwrap().instantiate_pre(&empty).unwrap();
    CallState::new(Arc::new(Plugin::new(PluginBuild::native("tested"), rights, inner, pre)), Arc::default())
}
