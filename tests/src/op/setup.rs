//! How a provider in process is set up: good defaults, and what tests change of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use esignet_jose::{Algorithm, SigningKey};
use esignet_protocol::assurance::{Assurance, Method};
use esignet_protocol::client::{Client, Profile};
use esignet_protocol::client_keys::FetchedKeys;
use esignet_protocol::extension::dpop::nonce::NonceKey;
use esignet_protocol::id_systems::{IdSystems, Rule};
use esignet_protocol::issue::subject::PairwiseKey;
use esignet_protocol::keys::{KeyPolicy, Keys};
use esignet_protocol::policy::{Bounds, CaptchaPolicy, IndividualKind, Lifetimes, MutualTls, Policy};
use esignet_protocol::ports::clock::Clock;
use esignet_protocol::ports::entropy::Entropy;
use esignet_protocol::ports::notices::{NoNotices, Notices};
use esignet_protocol::ports::plugins::Plugins;
use esignet_protocol::provider::Provider;
use esignet_protocol::word::acr::Acr;
use esignet_protocol::word::issuer::Issuer;
use esignet_sandbox::signature::Trust;
use esignet_sandbox::{
    Grant, Host, KeyHandle, NoticeQueue, NoticeSettings, Registry, Sandbox, SandboxConfig, UpstreamGrant,
};
use esignet_store::{SealingKey, Store};
use esignet_web::{Branding, Ready, WebSettings};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::outside::{Loopback, NoCache};
use super::plugins::{InProcess, called};
use super::published::Published;
use super::world::{SeededEntropy, TestClock};
use super::{ISSUER, Op};
use crate::artifacts;
use crate::key::Key;
use crate::wire::Wire;

/// When tests begin, in seconds since 1970.
const BEGINNING: u64 = 1_800_000_000;
/// The class that the OTP meets.
pub const ACR_OTP: &str = "mosip:idp:acr:generated-code";
/// The class that the misbehaving factor meets.
pub const ACR_BAD: &str = "test:acr:bad";

/// A provider before it starts.
pub struct Setup {
    /// The weakest profile of clients.
    pub floor: Profile,
    /// Where certificates are shown.
    pub mutual_tls: Option<MutualTls>,
    /// Whether proofs need a nonce.
    pub dpop_nonces: bool,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How often things may happen.
    pub bounds: Bounds,
    /// Components by plugin id, each with its settings.
    plugins: BTreeMap<String, (PathBuf, Grant)>,
    methods: Vec<Method>,
    signing: Vec<Algorithm>,
    turning: Option<KeyPolicy>,
    id_system: Option<String>,
    id_systems: IdSystems,
    cache_answers: bool,
    pub(super) captcha: Option<CaptchaPolicy>,
    pub(super) notices: Option<NoticeSettings>,
}

impl Default for Setup {
    fn default() -> Self {
        let setup = Self {
            floor: Profile::default(),
            mutual_tls: None,
            dpop_nonces: false,
            lifetimes: Lifetimes::default(),
            // One test signs in the same few people many times in the same hour.
            bounds: Bounds { otps_per_individual_per_hour: 100_000, ..Bounds::default() },
            plugins: BTreeMap::new(),
            methods: vec![method(ACR_OTP, &["OTP"])],
            signing: vec![Algorithm::Es256],
            turning: None,
            id_system: Some("mock-identity".to_owned()),
            id_systems: IdSystems::default(),
            cache_answers: true,
            captcha: None,
            notices: None,
        };
        setup
            .plugin("mock-identity", artifacts::plugin("mock-identity"))
            .plugin("otp", artifacts::plugin("otp"))
    }
}

impl Setup {
    pub(super) fn plugin(mut self, id: &str, component: anyhow::Result<PathBuf>) -> Self {
        let component = component.expect("the components are built");
        self.plugins.insert(id.to_owned(), (component, Grant::default()));
        self
    }

    /// With a setting of a plugin.
    #[must_use]
    pub fn config(mut self, plugin: &str, key: &str, value: impl Into<Value>) -> Self {
        self.grant(plugin).config.insert(key.to_owned(), value.into());
        self
    }

    fn grant(&mut self, plugin: &str) -> &mut Grant {
        let (_, grant) = self.plugins.get_mut(plugin).expect("the plugin is set up");
        grant
    }

    /// With this component as a plugin, in place of the one that has its id.
    #[must_use]
    pub fn component(self, plugin: &str, component: PathBuf) -> Self {
        self.plugin(plugin, Ok(component))
    }

    /// With one more of the plugins that are shipped.
    #[must_use]
    pub fn shipped(self, plugin: &str) -> Self {
        self.plugin(plugin, artifacts::plugin(plugin))
    }

    /// With a method for a class: all these factors, in this order.
    #[must_use]
    pub fn method(mut self, acr: &str, factors: &[&str]) -> Self {
        self.methods.push(method(acr, factors));
        self
    }

    /// With a secret that a plugin may use for HMAC under a name.
    #[must_use]
    pub fn hmac_key(mut self, plugin: &str, name: &str, secret: &[u8]) -> Self {
        let handle = KeyHandle::Hmac(Zeroizing::new(secret.to_vec()));
        self.grant(plugin).keys.insert(name.to_owned(), handle);
        self
    }

    /// With a server on the loopback interface that a plugin may talk to under a name, as it likes.
    #[must_use]
    pub fn upstream(mut self, plugin: &str, name: &str, url: &str) -> Self {
        let grant = UpstreamGrant {
            url: url.to_owned(),
            methods: None,
            path_prefixes: None,
            max_response_kib: None,
            timeout_ms: None,
            calls: None,
            ca_file: None,
            client_certificate_file: None,
            client_key_file: None,
            credentials: None,
        };
        self.grant(plugin).upstreams.insert(name.to_owned(), grant);
        self
    }

    /// With another of the shipped ID systems instead of the mock.
    #[must_use]
    pub fn id_system(mut self, plugin: &str) -> Self {
        self.plugins.remove("mock-identity");
        self.id_system = Some(plugin.to_owned());
        self.shipped(plugin)
    }

    /// With one more register of made-up people under an id of its own, whose identifiers are of a kind of its own.
    #[must_use]
    pub fn register(self, id: &str, kind: &str, people: &Value) -> Self {
        self.plugin(id, artifacts::plugin("mock-identity")).config(id, "number-kind", kind).config(
            id,
            "people",
            people.to_string(),
        )
    }

    /// With several ID systems, led to by these entries in order.
    #[must_use]
    pub fn led_by(mut self, rules: &[Rule]) -> Self {
        self.id_systems = IdSystems { rules: rules.to_vec() };
        self
    }

    /// With a cache of plugins that does not answer.
    #[must_use]
    pub fn without_plugin_cache(mut self) -> Self {
        self.cache_answers = false;
        self
    }

    /// With a factor that misbehaves, for the class [`ACR_BAD`], beside the OTP.
    #[must_use]
    pub fn misbehaving(mut self, behaviour: &str) -> Self {
        self.methods.push(method(ACR_BAD, &["BAD"]));
        self.plugin("misbehaving", artifacts::test_component("misbehaving")).config(
            "misbehaving",
            "behaviour",
            behaviour,
        )
    }

    /// With an ID system that misbehaves, instead of the mock.
    #[must_use]
    pub fn misbehaving_identity(mut self, behaviour: &str) -> Self {
        self.plugins.remove("mock-identity");
        self.id_system = Some("misbehaving-identity".to_owned());
        self.plugin("misbehaving-identity", artifacts::test_component("misbehaving-identity")).config(
            "misbehaving-identity",
            "behaviour",
            behaviour,
        )
    }

    /// With another ID system instead of the mock, and what the operator grants it.
    #[must_use]
    pub fn identity(mut self, id: &str, component: anyhow::Result<PathBuf>, grant: Value) -> Self {
        self.plugins.remove("mock-identity");
        self.id_system = Some(id.to_owned());
        self = self.plugin(id, component);
        let (_, granted) = self.plugins.get_mut(id).expect("it was put there");
        *granted = serde_json::from_value(grant).expect("a grant");
        self
    }

    /// With clients of the profile `interop` allowed.
    #[must_use]
    pub fn interop(self) -> Self {
        self.floor(Profile::Interop)
    }

    /// With no client below a profile.
    #[must_use]
    pub fn floor(mut self, floor: Profile) -> Self {
        self.floor = floor;
        self
    }

    /// With certificates of clients, shown at another base URL.
    #[must_use]
    pub fn mutual_tls(mut self, base: &str) -> Self {
        self.mutual_tls = Some(MutualTls { base: base.to_owned() });
        self
    }

    /// With nonces for DPoP proofs.
    #[must_use]
    pub fn nonces(mut self) -> Self {
        self.dpop_nonces = true;
        self
    }

    /// With other lifetimes.
    #[must_use]
    pub fn lifetimes(mut self, change: impl FnOnce(&mut Lifetimes)) -> Self {
        change(&mut self.lifetimes);
        self
    }

    /// With other bounds.
    #[must_use]
    pub fn bounds(mut self, change: impl FnOnce(&mut Bounds)) -> Self {
        change(&mut self.bounds);
        self
    }

    /// With a key for each of these algorithms instead of ES256 alone. They never turn.
    #[must_use]
    pub fn signing(mut self, algorithms: &[Algorithm]) -> Self {
        self.signing = algorithms.to_vec();
        self
    }

    /// With keys from the store, which turn when [`Op::rotation`] says so.
    #[must_use]
    pub fn turning(mut self, policy: KeyPolicy) -> Self {
        self.turning = Some(policy);
        self
    }

    /// Starts it; panics with the reason when it does not start.
    pub async fn start(self) -> Op {
        let clock = Arc::new(TestClock::at(BEGINNING));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::default());
        let store = Store::memory(Arc::clone(&clock) as Arc<dyn Clock>, SealingKey::new([7; 32])).await;
        let store = store.expect("the memory store opens");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let plugins = self.load(directory, &clock, &entropy, &store).await;
        let registry = Arc::clone(&plugins.registry) as Arc<dyn Plugins>;

        let published = Published::default();
        let mut keys = Vec::new();
        for (client, key) in clients() {
            assert!(
                store.stores().clients.add(&client).await.expect("the store takes clients"),
                "one client an id"
            );
            keys.push((client.client_id.to_string(), key));
        }
        let queue = self.notices.clone();
        let queue = queue.map(|settings| Arc::new(NoticeQueue::new(Arc::clone(&plugins.registry), settings)));
        let provider = Provider {
            policy: Arc::new(self.policy(&registry)),
            keys: Arc::new(self.signing_keys(&store, &clock).await),
            stores: store.stores(),
            client_keys: Arc::new(FetchedKeys::new(Arc::new(published.clone()))),
            plugins: registry,
            notices: match &queue {
                Some(queue) => Arc::clone(queue) as Arc<dyn Notices>,
                None => Arc::new(NoNotices),
            },
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy,
        };
        let settings = WebSettings {
            branding: Branding::default(),
            readiness: Arc::new(Ready::default),
            request_timeout: Duration::from_secs(20),
        };
        let wire = Wire::InProcess(esignet_web::router(provider.clone(), settings));
        Op { provider, clock, wire, store, published, keys, plugins, notices: queue }
    }

    fn policy(&self, plugins: &Arc<dyn Plugins>) -> Policy {
        let loaded = self.id_systems.loaded(plugins.as_ref());
        let known = loaded.systems().iter().flat_map(|named| &named.id_system.descriptor().individual_kinds);
        let mut kinds: Vec<String> = Vec::new();
        for kind in known {
            if !kinds.contains(kind) {
                kinds.push(kind.clone());
            }
        }
        let kind = |kind: String| {
            let digits = kind != "phone" && kind != "email";
            IndividualKind { kind, label: BTreeMap::new(), max_length: 64, digits }
        };
        Policy {
            issuer: Issuer::parse(ISSUER).expect("an issuer"),
            floor: self.floor,
            lifetimes: self.lifetimes,
            bounds: self.bounds,
            assurance: Assurance { methods: self.methods.clone() },
            id_systems: self.id_systems.clone(),
            individual_kinds: kinds.into_iter().map(kind).collect(),
            captcha: self.captcha.clone(),
            locales: esignet_web::locales(),
            pairwise_key: PairwiseKey([9; 32]),
            mutual_tls: self.mutual_tls.clone(),
            dpop_nonces: self.dpop_nonces.then(|| NonceKey([5; 32])),
        }
    }

    async fn signing_keys(&self, store: &Store, clock: &Arc<TestClock>) -> Keys {
        match &self.turning {
            Some(policy) => super::rotation(policy, store, clock).open().await.expect("the first keys"),
            None => {
                Keys::fixed(&self.signing.iter().copied().map(signing_key).collect::<Vec<_>>()).expect("keys")
            }
        }
    }

    async fn load(
        &self,
        directory: TempDir,
        clock: &Arc<TestClock>,
        entropy: &Arc<dyn Entropy>,
        store: &Store,
    ) -> InProcess {
        for (id, (component, _)) in &self.plugins {
            let bytes = std::fs::read(component);
            let mut bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", component.display()));
            // A register of made-up people, of which there can be several.
            if component.ends_with("mock-identity.wasm") && id != "mock-identity" {
                bytes = called(id, &bytes).expect("a component with a manifest");
            }
            std::fs::write(directory.path().join(format!("{id}.wasm")), bytes).expect("a file is written");
        }
        let mut config = SandboxConfig::new([3; 32]);
        // Compiled once for all tests, and again when a component changes.
        config.compiled_cache_dir = artifacts::profile_dir().ok().map(|dir| dir.join("test-compiled"));
        config.max_instances = 64;
        config.worker_threads = std::num::NonZeroUsize::new(2);
        let host = Host {
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            entropy: Arc::clone(entropy),
            fetch: Arc::new(Loopback::default()),
            cache: if self.cache_answers { store.plugin_cache() } else { Arc::new(NoCache) },
        };
        let registry = Registry::new(Sandbox::new(config, host).expect("the sandbox starts"));
        let grants = self.plugins.iter().map(|(id, (_, grant))| (id.clone(), grant.clone())).collect();
        let plugins = InProcess {
            directory,
            registry: Arc::new(registry),
            grants,
            id_system: self.id_system.clone(),
            trust: Arc::new(Trust::in_anything()),
        };
        let report = plugins.load().await;
        let findings: Vec<_> = report.all_findings().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "the plugins load: {findings:?}");
        plugins
    }
}

fn method(acr: &str, factors: &[&str]) -> Method {
    let factors = factors.iter().map(|&factor| factor.to_owned()).collect();
    Method { acr: Acr(acr.to_owned()), factors }
}

/// A key of the provider's. Those that take long to make are made once for all tests.
fn signing_key(algorithm: Algorithm) -> SigningKey {
    static PS256: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::Ps256).expect("a key can be made"));
    static RS256: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).expect("a key can be made"));
    match algorithm {
        Algorithm::Ps256 => PS256.clone(),
        Algorithm::Rs256 => RS256.clone(),
        Algorithm::Es256 | Algorithm::EdDsa => SigningKey::generate(algorithm).expect("a key can be made"),
    }
}

/// The redirect URI of a client.
pub(super) fn redirect_uri(client_id: &str) -> String {
    format!("https://{client_id}.example/callback?from=op")
}

/// A key for EdDSA that every client has registered too.
pub static ED25519: LazyLock<Key> = LazyLock::new(Key::ed25519);
/// A key for PS256 that every client has registered too. Made once: it takes long.
pub static RSA: LazyLock<Key> = LazyLock::new(Key::rsa);

/// The claims that the mock ID system can release.
const CLAIMS: [&str; 11] = [
    "name",
    "given_name",
    "family_name",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
    "verified_claims",
];

/// A registration that may ask for everything.
pub(super) fn registration(client_id: &str, key: &Key) -> Value {
    json!({
        "client_id": client_id,
        "client_name": { "en": format!("The {client_id} <b>&amp;</b> Sons") },
        "relying_party_id": format!("{client_id}-rp"),
        "redirect_uris": [redirect_uri(client_id)],
        "jwks": { "keys": [key.public_jwk(), ED25519.public_jwk(), RSA.public_jwk()] },
        "claims": CLAIMS,
    })
}

/// `bank` and `clinic` may ask for everything and are strangers to each other; `modest` may ask for the name only.
fn clients() -> Vec<(Client, Key)> {
    [("bank", &CLAIMS[..]), ("clinic", &CLAIMS[..]), ("modest", &["name"][..])]
        .into_iter()
        .map(|(id, claims)| {
            let key = Key::p256();
            let mut client = registration(id, &key);
            client["claims"] = json!(claims);
            (serde_json::from_value(client).expect("a registration"), key)
        })
        .collect()
}
