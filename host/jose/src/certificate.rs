//! What a client's certificate says of it: names, key, validity, thumbprint (RFC 5280, RFC 8705).
//!
//! Nothing here decides whether a certificate is to be trusted. Whoever ended the TLS connection has seen the key
//! proved, and has checked the chain where a chain counts (RFC 8705 §2.1).

mod distinguished_name;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;

use x509_parser::asn1_rs::{Any, FromDer as _};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use serde_json::Value;

use crate::digest::sha256_base64url;
use crate::jwk::Jwk;
use crate::jwk::material::Material;
pub use distinguished_name::{DistinguishedName, DistinguishedNameError};

/// The largest certificate that is read, in bytes of DER. A certificate of a person or a host has one or two thousand.
pub const MAX_LENGTH: usize = 16 * 1024;

/// Why some bytes are not a certificate that this host reads. No text of it repeats input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// More than [`MAX_LENGTH`] bytes.
    #[error("the certificate has more than {MAX_LENGTH} bytes")]
    TooLong,
    /// Not one X.509 certificate in DER, or followed by something else.
    #[error("this is not exactly one X.509 certificate in DER")]
    NotCertificate,
    /// The alternative names cannot be read, or the extension stands twice (RFC 5280 §4.2).
    #[error("the subject alternative names cannot be read")]
    AlternativeNames,
}

/// A certificate, parsed once.
#[derive(Clone)]
pub struct Certificate {
    thumbprint: String,
    subject: DistinguishedName,
    texts: Texts,
    alternative_names: Vec<AlternativeName>,
    not_before: i64,
    not_after: i64,
    key: Option<Material>,
}

/// What people read of a certificate.
#[derive(Clone)]
struct Texts {
    subject: String,
    issuer: String,
    serial_number: String,
}

/// A name in the extension `subjectAltName`, of one of the kinds that a client may register (RFC 8705 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// A `dNSName`. The case of ASCII letters does not count (RFC 5280 §7.2); `*` is a character like any other, so a
    /// wildcard names no host.
    Dns(String),
    /// A `uniformResourceIdentifier`, compared octet by octet: stricter than RFC 5280 §7.4, which would let the case of
    /// scheme and host vary. Who registers a URI copies it.
    Uri(String),
    /// An `iPAddress`, compared as a number (RFC 8705 §2.1.2, RFC 5952 §8). An IPv4 address and the IPv6 address that
    /// maps it are two addresses.
    Ip(IpAddr),
    /// An `rfc822Name`. The case of the host does not count, the case of the local part does (RFC 5280 §7.5).
    Email(String),
}

impl Certificate {
    /// Reads one certificate, all of the input.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_LENGTH {
            return Err(CertificateError::TooLong);
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::NotCertificate)?;
        if !rest.is_empty() {
            return Err(CertificateError::NotCertificate);
        }
        let validity = certificate.validity();
        Ok(Self {
            thumbprint: sha256_base64url(der),
            subject: DistinguishedName::of(certificate.subject()),
            texts: Texts {
                subject: certificate.subject().to_string(),
                issuer: certificate.issuer().to_string(),
                serial_number: certificate.tbs_certificate.raw_serial_as_string().replace(':', ""),
            },
            alternative_names: alternative_names(&certificate)?,
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            key: material(certificate.public_key()),
        })
    }

    /// Reads the first certificate of a PEM text (RFC 7468 §5), or one in DER.
    pub fn from_pem_or_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        if !bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Self::from_der(bytes);
        }
        let (_, pem) =
            x509_parser::pem::parse_x509_pem(bytes).map_err(|_| CertificateError::NotCertificate)?;
        Self::from_der(&pem.contents)
    }

    /// The subject as people read it; for comparison there is [`subject`](Self::subject).
    pub fn subject_text(&self) -> &str {
        &self.texts.subject
    }

    /// The issuer as people read it.
    pub fn issuer_text(&self) -> &str {
        &self.texts.issuer
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial_number(&self) -> &str {
        &self.texts.serial_number
    }

    /// Its public key as JWK members, when it is of a type that this host knows.
    pub fn public_key(&self) -> Option<Value> {
        self.key.as_ref().map(|key| Value::Object(key.to_map()))
    }

    /// The SHA-256 digest of the DER as base64url, the value of `x5t#S256` (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The subject, for comparison with the registered `tls_client_auth_subject_dn` (RFC 8705 §2.1.2).
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The alternative names of the kinds that can be registered, in the order in which they stand.
    pub fn alternative_names(&self) -> &[AlternativeName] {
        &self.alternative_names
    }

    /// Whether this is one of the alternative names, compared as its kind asks.
    pub fn is_named(&self, name: &AlternativeName) -> bool {
        self.alternative_names.iter().any(|held| held.equals(name))
    }

    /// The first second of the validity, since 1970-01-01T00:00:00Z; negative before (RFC 5280 §4.1.2.5).
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// The last second of the validity, since 1970-01-01T00:00:00Z.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether the certificate is valid in this second since 1970-01-01T00:00:00Z, both ends included.
    pub fn is_valid_at(&self, now: u64) -> bool {
        i64::try_from(now).is_ok_and(|now| (self.not_before..=self.not_after).contains(&now))
    }

    /// Whether its public key is this one, as a self-signed certificate is known by the registered keys
    /// (RFC 8705 §2.2). A key of a type that this host does not verify with is nobody's.
    pub fn has_key_of(&self, jwk: &Jwk) -> bool {
        self.key.as_ref().is_some_and(|key| key.members() == jwk.material().members())
    }
}

impl fmt::Debug for Certificate {
    /// Without the names, which may be those of a person.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Certificate").finish_non_exhaustive()
    }
}

impl AlternativeName {
    /// Whether two names are the same name.
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dns(one), Self::Dns(other)) => one.eq_ignore_ascii_case(other),
            (Self::Uri(one), Self::Uri(other)) => one == other,
            (Self::Ip(one), Self::Ip(other)) => one == other,
            (Self::Email(one), Self::Email(other)) => match (one.rsplit_once('@'), other.rsplit_once('@')) {
                (Some((local, host)), Some((other_local, other_host))) => {
                    local == other_local && host.eq_ignore_ascii_case(other_host)
                }
                (None, _) | (_, None) => one == other,
            },
            (Self::Dns(_) | Self::Uri(_) | Self::Ip(_) | Self::Email(_), _) => false,
        }
    }

    /// The name, when it is of a kind that can be registered.
    fn of(name: &GeneralName<'_>) -> Option<Self> {
        match name {
            GeneralName::DNSName(name) => Some(Self::Dns((*name).to_owned())),
            GeneralName::URI(uri) => Some(Self::Uri((*uri).to_owned())),
            GeneralName::RFC822Name(address) => Some(Self::Email((*address).to_owned())),
            // RFC 5280 §4.2.1.6: four octets or sixteen, without a mask.
            GeneralName::IPAddress(octets) => {
                let v4 = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
                v4.or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from)).ok().map(Self::Ip)
            }
            GeneralName::OtherName(..)
            | GeneralName::X400Address(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EDIPartyName(_)
            | GeneralName::RegisteredID(_)
            | GeneralName::Invalid(..) => None,
        }
    }
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Result<Vec<AlternativeName>, CertificateError> {
    let mut found = None;
    for extension in certificate.extensions() {
        if extension.oid != x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME {
            continue;
        }
        // RFC 5280 §4.2: an extension stands once. What cannot be read is not taken for no names.
        let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else {
            return Err(CertificateError::AlternativeNames);
        };
        let names = names.general_names.iter().filter_map(AlternativeName::of).collect();
        if found.replace(names).is_some() {
            return Err(CertificateError::AlternativeNames);
        }
    }
    Ok(found.unwrap_or_default())
}

/// The public key, when it is of a type and size that this host verifies with (RFC 5480 §2, RFC 8410 §3, RFC 3279 §2.3.1).
fn material(key: &SubjectPublicKeyInfo<'_>) -> Option<Material> {
    let octets = key.subject_public_key.data.as_ref();
    match key.algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.10045.2.1" => {
            let curve = key.algorithm.parameters.as_ref().map(Any::as_oid)?.ok()?;
            (curve.to_id_string() == "1.2.840.10045.3.1.7").then(|| Material::p256(octets).ok())?
        }
        "1.3.101.112" => Material::ed25519(octets).ok(),
        "1.2.840.113549.1.1.1" => {
            let (rest, key) = RSAPublicKey::from_der(octets).ok()?;
            let unsigned = |integer: &[u8]| match integer.split_first() {
                Some((0, magnitude)) => magnitude.to_vec(),
                _ => integer.to_vec(),
            };
            rest.is_empty().then(|| Material::rsa(unsigned(key.modulus), unsigned(key.exponent)).ok())?
        }
        _ => None,
    }
}
