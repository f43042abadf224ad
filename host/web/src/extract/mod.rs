//! From HTTP to raw values: bodies within bounds, headers as text. What they mean is not decided here.

pub(crate) mod body;
pub(crate) mod language;

use esignet_protocol::endpoint::ClientCertificate;
use http::header::{HeaderMap, HeaderName};
use http::request::Parts;

/// Every value of a header, in order; one that is no visible ASCII is empty, so that it still counts as given.
pub(crate) fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default().to_owned()).collect()
}

/// The client's certificate of the connection that a request came by. Whoever ends TLS puts it into the extensions of
/// every request of that connection; without it there is none.
pub(crate) fn client_certificate(parts: &Parts) -> Option<ClientCertificate> {
    parts.extensions.get::<ClientCertificate>().cloned()
}

/// Marks a request whose certificate was handed to us in a form that nobody can read. Whoever ends TLS, or stands for who
/// did, puts it into the extensions; the border refuses the request, since to serve it as one without a certificate would
/// hide the fault.
#[derive(Clone, Copy, Debug)]
pub struct UnreadableCertificate;
