//! A request that a plugin asks for, checked against its grant.

use esignet_protocol::ports::fetch::UpstreamRequest;

use crate::bindings::esignet::host::http::{Error, Request};
use crate::rights::{Upstream, is_under};

const PATH_BYTES: usize = 2048;
const PAIRS: usize = 64;
const PAIR_BYTES: usize = 8 * 1024;
/// The largest body: biometric captures, encrypted and in the letters of Base64.
pub(crate) const BODY_BYTES: usize = 3 << 20;

/// The request as the port gets it, or the rule it breaks.
pub(super) fn admitted(
    plugin: &str,
    request: Request,
    grant: &Upstream,
    response_kib: u32,
) -> Result<UpstreamRequest, Error> {
    if !grant.methods.contains(&request.method) {
        return Err(Error::Denied("the method is not in `methods` of the upstream".to_owned()));
    }
    path_is_plain(&request.path).map_err(|rule| Error::Invalid(format!("path: {rule}")))?;
    if !grant.path_prefixes.iter().any(|prefix| is_under(&request.path, prefix)) {
        return Err(Error::Denied("the path is not under `path_prefixes` of the upstream".to_owned()));
    }
    pairs_are_small(&request.query).map_err(|rule| Error::Invalid(format!("query: {rule}")))?;
    if request.query.iter().any(|(name, value)| has_control(name) || has_control(value)) {
        return Err(Error::Invalid("query: control characters".to_owned()));
    }
    headers_are_harmless(&request.headers)?;
    if request.body.len() > BODY_BYTES {
        return Err(Error::Invalid(format!("body: larger than {BODY_BYTES} bytes")));
    }
    let response_kib = grant.max_response_kib.unwrap_or(response_kib).min(response_kib);
    let timeout_ms =
        request.timeout_ms.map_or(grant.timeout_ms, |ms| u64::from(ms).clamp(1, grant.timeout_ms));
    Ok(UpstreamRequest {
        base_url: grant.url.clone(),
        upstream: request.upstream,
        plugin: plugin.to_owned(),
        method: request.method,
        path: request.path,
        query: request.query,
        headers: request.headers,
        body: request.body,
        timeout_ms,
        max_response_bytes: response_kib as usize * 1024,
    })
}

/// One spelling for one place: absolute, normal, without what a proxy or an upstream could read in another way
/// (RFC 3986 §3.3, §5.2.4, §6.2.2).
fn path_is_plain(path: &str) -> Result<(), &'static str> {
    if path.len() > PATH_BYTES {
        return Err("longer than 2048 bytes");
    }
    let Some(segments) = path.strip_prefix('/') else {
        return Err("must begin with `/`");
    };
    let segments: Vec<&str> = segments.split('/').collect();
    let inner = segments.len().saturating_sub(1);
    if segments.iter().take(inner).any(|segment| segment.is_empty()) {
        return Err("must not have an empty segment (`//`)");
    }
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err("must not have `.` or `..` segments");
    }
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digits = [bytes.next(), bytes.next()].map(|d| d.and_then(|d| char::from(d).to_digit(16)));
                let [Some(high), Some(low)] = digits else {
                    return Err("`%` must be followed by two hexadecimal digits");
                };
                // What must not hide: controls, `%` itself, `.`, `/`, `\`.
                if matches!(high * 16 + low, 0..=0x1f | 0x25 | 0x2e | 0x2f | 0x5c | 0x7f) {
                    return Err(
                        "must not encode a dot, a slash, a backslash, a percent sign or a control character",
                    );
                }
            }
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b'='
            | b':'
            | b'@' => {}
            _ => return Err("must be percent-encoded, without query and fragment"),
        }
    }
    Ok(())
}

fn pairs_are_small(pairs: &[(String, String)]) -> Result<(), &'static str> {
    if pairs.len() > PAIRS {
        return Err("more than 64 pairs");
    }
    if pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > PAIR_BYTES {
        return Err("larger than 8 KiB");
    }
    Ok(())
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Header fields that say something about the message to its reader, and nothing about the connection, the route or
/// who we are: those are the host's (RFC 9110 §7.6.1).
fn headers_are_harmless(headers: &[(String, String)]) -> Result<(), Error> {
    pairs_are_small(headers).map_err(|rule| Error::Invalid(format!("headers: {rule}")))?;
    for (name, value) in headers {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(Error::Invalid("headers: a name is not a token".to_owned()));
        }
        if !value.bytes().all(|b| matches!(b, b' ' | b'\t' | 0x21..=0x7e)) {
            return Err(Error::Invalid("headers: a value is not visible ASCII".to_owned()));
        }
        if is_the_hosts(&name.to_ascii_lowercase()) {
            return Err(Error::Denied("headers: a name that only the host sets".to_owned()));
        }
    }
    Ok(())
}

fn is_the_hosts(name: &str) -> bool {
    const NAMES: [&str; 19] = [
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
        "expect",
        "authorization",
        "cookie",
        "cookie2",
        "forwarded",
        "via",
        "date",
        "origin",
        "referer",
        "traceparent",
        "tracestate",
    ];
    // The last four make an upstream read another method, host or path than the grant was checked against.
    const FAMILIES: [&str; 9] = [
        "proxy-",
        "x-forwarded",
        "x-real-",
        "sec-",
        ":",
        "x-http-method",
        "x-method-override",
        "x-original-",
        "x-rewrite-",
    ];
    NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
#[path = "request/tests.rs"]
mod tests;
