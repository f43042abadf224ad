//! A client's certificate (RFC 5280, RFC 8705).

use esignet_jose::Certificate;
use esignet_jose::certificate::MAX_LENGTH;

use crate::party::KEY;

/// What is read is within its bounds, and a name of it is a name of it.
pub(crate) fn run(input: &[u8]) {
    let Ok(certificate) = Certificate::from_der(input) else { return };
    assert!(input.len() <= MAX_LENGTH, "the bound comes first");
    assert_eq!(certificate.thumbprint().len(), 43);
    assert!(certificate.alternative_names().iter().all(|name| certificate.is_named(name)));
    assert_eq!(certificate.subject(), Certificate::from_der(input).expect("read before").subject());
    // The key of the RFC is in no certificate whose private key the fuzzer has; it can copy it into one, though.
    let _ = certificate.has_key_of(KEY.public_jwk());
}
