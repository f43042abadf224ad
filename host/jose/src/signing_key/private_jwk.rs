//! Private keys as JWK (RFC 7517 §4, RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2).

use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::signer::HeldSigner;
use super::{KeyError, der};
use crate::base64url::{append_base64url, decode_base64url};
use crate::jwk::material::Material;
use crate::jwk::{Jwk, JwkError, PRIVATE_MEMBERS};

/// Reads a private JWK into a held key and its `kid`.
pub(super) fn read(jwk: &Value) -> Result<(HeldSigner, Option<String>), KeyError> {
    let members = jwk.as_object().ok_or(JwkError::NotObject)?;
    let public: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !PRIVATE_MEMBERS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // The usual bounds hold for the public half; `key_ops` of a private key names `sign` instead.
    let public = Jwk::from_value(&without_key_ops(public))?;
    let signer = match public.material() {
        Material::P256 { x, y } => {
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            let scalar = secret(members, "d")?;
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &scalar, &point)
                .map(HeldSigner::P256)
                .map_err(|_| KeyError::Inconsistent)?
        }
        Material::Ed25519 { x } => {
            Ed25519KeyPair::from_seed_and_public_key(&secret(members, "d")?, x.as_slice())
                .map(HeldSigner::Ed25519)
                .map_err(|_| KeyError::Inconsistent)?
        }
        Material::Rsa { modulus, exponent } => {
            let algorithm = public.alg().ok_or(JwkError::MissingMember { member: "alg" })?;
            HeldSigner::from_rsa(algorithm, rsa(members, modulus, exponent)?)?
        }
    };
    Ok((signer, public.kid().map(str::to_owned)))
}

/// The key pair that the private members of an RSA key make up (RFC 7518 §6.3.2).
pub(crate) fn rsa(
    members: &Map<String, Value>,
    modulus: &[u8],
    exponent: &[u8],
) -> Result<RsaKeyPair, KeyError> {
    let [d, p, q] = [secret(members, "d")?, secret(members, "p")?, secret(members, "q")?];
    let [dp, dq, qi] = [secret(members, "dp")?, secret(members, "dq")?, secret(members, "qi")?];
    RsaKeyPair::from_components(&KeyPairComponents {
        public_key: RsaPublicKeyComponents { n: modulus, e: exponent },
        d: d.as_slice(),
        p: p.as_slice(),
        q: q.as_slice(),
        dP: dp.as_slice(),
        dQ: dq.as_slice(),
        qInv: qi.as_slice(),
    })
    .map_err(|_| KeyError::Inconsistent)
}

/// Writes the public members of the key and the private ones after them.
pub(super) fn write(signer: &HeldSigner, public: &Jwk) -> Result<Zeroizing<String>, KeyError> {
    let public = public.to_value().to_string();
    // Room for all members at once: a text that grows leaves copies of itself behind.
    let mut json = Zeroizing::new(String::with_capacity(8192));
    json.push_str(public.strip_suffix('}').ok_or(KeyError::NotWritten)?);
    if let Some(secret) = signer.curve_secret() {
        append_member(&mut json, "d", &secret?);
    } else {
        let pkcs8 = signer.to_pkcs8()?;
        let integers = der::rsa_private_integers(&pkcs8).ok_or(KeyError::NotWritten)?;
        append_member(&mut json, "d", integers.d);
        append_member(&mut json, "p", integers.p);
        append_member(&mut json, "q", integers.q);
        append_member(&mut json, "dp", integers.dp);
        append_member(&mut json, "dq", integers.dq);
        append_member(&mut json, "qi", integers.qi);
    }
    json.push('}');
    Ok(json)
}

fn append_member(json: &mut String, name: &str, octets: &[u8]) {
    json.push_str(",\"");
    json.push_str(name);
    json.push_str("\":\"");
    append_base64url(octets, json);
    json.push('"');
}

fn without_key_ops(mut members: Map<String, Value>) -> Value {
    members.remove("key_ops");
    Value::Object(members)
}

/// The octets of a private member.
pub(crate) fn secret(
    members: &Map<String, Value>,
    member: &'static str,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let refusal = KeyError::PrivateMember { member };
    let text = members.get(member).and_then(Value::as_str).ok_or(refusal)?;
    decode_base64url(text).map(Zeroizing::new).map_err(|_| refusal)
}
