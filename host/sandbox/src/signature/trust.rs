//! Which publishers may sign which plugins, how many of them must, and what is no longer taken whoever signed it.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::facts::{self, Facts, NotFacts};
use super::minisign::{Prehash, PublicKey, UnverifiedSignature};
use super::refusal::{NotCounted, Refusal};
use super::section::Malformed;

/// What an operator trusts. The default trusts nobody, so nothing is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Whether a plugin must be signed. Where it need not be, what is signed wrongly is refused all the same.
    pub required: bool,
    /// How many publishers must have signed a plugin.
    pub needed: usize,
    /// Who they are.
    pub publishers: Vec<Publisher>,
    /// What is no longer taken.
    pub revoked: Revoked,
    /// The oldest version that is taken, by plugin.
    pub minimum_versions: BTreeMap<String, Version>,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            required: true,
            needed: 1,
            publishers: Vec::new(),
            revoked: Revoked::default(),
            minimum_versions: BTreeMap::new(),
        }
    }
}

/// Somebody who may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// What the operator calls them.
    pub name: String,
    /// Their keys: one, or while they change it two. However many of them have signed, it is one publisher.
    pub keys: Vec<PublicKey>,
    /// The plugins they may sign; all when `None`.
    pub plugins: Option<Vec<IdPattern>>,
}

/// A plugin by its id, or with a `*` at the end all whose ids begin so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdPattern {
    begins: String,
    is_whole: bool,
}

impl IdPattern {
    /// Reads `xx.country.register`, `xx.country.*` or `*`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (begins, is_whole) = text.strip_suffix('*').map_or((text, true), |begins| (begins, false));
        let is_good = facts::is_id(begins) && (is_whole || begins.ends_with(['.', '-'])) || text == "*";
        is_good.then(|| Self { begins: begins.to_owned(), is_whole })
    }

    pub(super) fn covers(&self, id: &str) -> bool {
        if self.is_whole {
            id == self.begins
        } else {
            id.len() > self.begins.len() && id.starts_with(&self.begins)
        }
    }
}

/// What is no longer taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    /// SHA-256 of components without their signatures, in lower-case hexadecimal.
    pub digests: BTreeSet<String>,
    /// Keys that are or may be in the wrong hands.
    pub keys: Vec<PublicKey>,
}

/// A component, before anybody knows who vouches for it.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    /// The id that it is loaded under.
    pub id: &'a str,
    /// Everything but its signatures.
    pub signed: &'a [u8],
    /// SHA-256 of that, in lower-case hexadecimal.
    pub digest: &'a str,
    /// The text of each signature.
    pub signatures: &'a Result<Vec<String>, Malformed>,
}

/// Who vouches for a component that was let in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    /// The publishers, by name.
    pub signed_by: Vec<String>,
    /// The oldest version that one of them says it is, or that its own manifest says.
    pub version: Option<Version>,
    digest: String,
    keys: Vec<PublicKey>,
}

/// One signature that counts.
struct Vouch<'a> {
    publisher: &'a Publisher,
    key: &'a PublicKey,
    version: Option<Version>,
}

impl Trust {
    /// Trusts every file: for `esignet dev`, tests, and whoever says so in as many words.
    pub fn in_anything() -> Self {
        Self { required: false, ..Self::default() }
    }

    /// Lets a component in, or says why not. Nothing of it is parsed before its signatures but lengths of sections.
    pub fn judge(&self, component: &Component<'_>) -> Result<Admitted, Refusal> {
        let signatures = component.signatures.as_ref().map_err(|malformed| Refusal::Malformed(*malformed))?;
        if self.revoked.digests.contains(component.digest) {
            return Err(Refusal::DigestRevoked(component.digest.to_owned()));
        }
        let parsed = signatures.iter().map(|text| UnverifiedSignature::parse(text));
        let parsed = parsed.collect::<Result<Vec<_>, _>>().map_err(Refusal::NotASignature)?;
        let bytes = (!parsed.is_empty()).then(|| Prehash::of(component.signed));
        let weighed = parsed.iter().zip(bytes.iter().cycle());
        let weighed = weighed.map(|(signature, bytes)| self.weigh(component, signature, bytes));
        let (mut vouches, mut not_counted) = (Vec::new(), Vec::new());
        for outcome in weighed {
            match outcome {
                Ok(vouch) => vouches.push(vouch),
                Err(reason) => not_counted.push(reason),
            }
        }
        let signed_by: BTreeSet<&str> = vouches.iter().map(|vouch| vouch.publisher.name.as_str()).collect();
        let counted = signed_by.into_iter().map(str::to_owned).collect::<Vec<_>>();
        if self.required && counted.len() < self.needed.max(1) {
            return Err(self.too_few(signatures.is_empty(), counted, not_counted));
        }
        if let Some(forged) = not_counted.into_iter().find(NotCounted::is_forged)
            && !self.required
        {
            return Err(Refusal::TooFew { needed: self.needed, counted, not_counted: vec![forged] });
        }
        let said = vouches.iter().filter_map(|vouch| vouch.version.clone()).min();
        let version = match said {
            Some(version) => Some(version),
            None => {
                facts::of_manifest(component.signed).map_err(Refusal::Manifest)?.map(|(_, version)| version)
            }
        };
        self.check_age(component.id, version.as_ref())?;
        let keys = vouches.into_iter().map(|vouch| vouch.key.clone()).collect();
        Ok(Admitted { signed_by: counted, version, digest: component.digest.to_owned(), keys })
    }

    /// Whether what was let in before would be let in now, by the same signatures.
    pub fn still_admits(&self, id: &str, admitted: &Admitted) -> bool {
        let vouching: BTreeSet<&str> = admitted
            .keys
            .iter()
            .filter(|key| !self.is_revoked(key))
            .flat_map(|key| self.publishers.iter().filter(|publisher| publisher.holds(key)))
            .filter(|publisher| publisher.may_sign(id))
            .map(|publisher| publisher.name.as_str())
            .collect();
        !self.revoked.digests.contains(&admitted.digest)
            && (!self.required || vouching.len() >= self.needed.max(1))
            && self.check_age(id, admitted.version.as_ref()).is_ok()
    }

    /// A key may belong to several publishers by its id, which whoever made it chose: the one it verifies with counts.
    fn weigh<'a>(
        &'a self,
        component: &Component<'_>,
        signature: &UnverifiedSignature,
        bytes: &Prehash,
    ) -> Result<Vouch<'a>, NotCounted> {
        let key_id = signature.key_id();
        let named: Vec<(&Publisher, &PublicKey)> = self
            .publishers
            .iter()
            .flat_map(|publisher| publisher.keys.iter().map(move |key| (publisher, key)))
            .filter(|(_, key)| key.key_id() == key_id)
            .collect();
        let mut verified = named
            .iter()
            .filter_map(|(publisher, key)| Some((*publisher, *key, signature.verify(key, bytes)?)));
        let Some((publisher, key, comment)) = verified.next() else {
            return Err(match named.first() {
                None if self.revoked.keys.iter().any(|key| key.key_id() == key_id) => {
                    NotCounted::KeyRevoked { key_id }
                }
                None => NotCounted::UnknownKey { key_id },
                Some((publisher, _)) => NotCounted::Forged { publisher: publisher.name.clone(), key_id },
            });
        };
        if self.is_revoked(key) {
            return Err(NotCounted::KeyRevoked { key_id });
        }
        let name = || publisher.name.clone();
        if !publisher.may_sign(component.id) {
            return Err(NotCounted::MayNotSign { publisher: name() });
        }
        let unclear = |reason: NotFacts| NotCounted::Unclear { publisher: name(), reason };
        let said = Facts::parse(comment).map_err(unclear)?;
        let own = facts::of_manifest(component.signed).map_err(unclear)?;
        let (own_id, own_version) = own.unzip();
        let contradicts = differ(said.id.as_ref(), own_id.as_ref())
            || differ(said.version.as_ref(), own_version.as_ref())
            || said.digest.as_deref().is_some_and(|digest| digest != component.digest);
        if contradicts {
            return Err(NotCounted::Contradicts { publisher: name() });
        }
        match said.id.or(own_id) {
            None => Err(NotCounted::NamesNoPlugin { publisher: name() }),
            Some(id) if id != component.id => Err(NotCounted::OtherPlugin { publisher: name(), id }),
            Some(_) => Ok(Vouch { publisher, key, version: said.version.or(own_version) }),
        }
    }

    fn too_few(&self, is_unsigned: bool, counted: Vec<String>, not_counted: Vec<NotCounted>) -> Refusal {
        if self.publishers.is_empty() {
            Refusal::NoPublishers
        } else if is_unsigned {
            Refusal::Unsigned
        } else {
            Refusal::TooFew { needed: self.needed.max(1), counted, not_counted }
        }
    }

    fn is_revoked(&self, key: &PublicKey) -> bool {
        self.revoked.keys.iter().any(|revoked| revoked.is_same_key(key))
    }

    fn check_age(&self, id: &str, version: Option<&Version>) -> Result<(), Refusal> {
        let Some(minimum) = self.minimum_versions.get(id) else { return Ok(()) };
        match version {
            // SemVer §10: what is built otherwise is not younger.
            Some(version) if version.cmp_precedence(minimum).is_ge() => Ok(()),
            version => Err(Refusal::TooOld { version: version.cloned(), minimum: minimum.clone() }),
        }
    }
}

impl Publisher {
    fn may_sign(&self, id: &str) -> bool {
        self.plugins.as_ref().is_none_or(|plugins| plugins.iter().any(|pattern| pattern.covers(id)))
    }

    fn holds(&self, key: &PublicKey) -> bool {
        self.keys.iter().any(|own| own.is_same_key(key))
    }
}

fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}
