//! What names a call of a plugin to the servers that it talks to: W3C Trace Context, Level 1.
//!
//! Each call is a trace of its own, with an identifier made of randomness alone, so that it says nothing of a person and two
//! servers that compare notes learn no more than that they took part in one call. What a browser or a relying party sends
//! as `traceparent` is not taken over: anybody can send one (ADR 0100).

use std::fmt;

use esignet_protocol::ports::entropy::Entropy;

/// The header (§3.2).
pub(crate) const HEADER: &str = "traceparent";

/// The identifier of a trace (§3.2.2.3): 16 octets, not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId([u8; 16]);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

/// The identifier of a request (§3.2.2.4): 8 octets, not all zero.
struct ParentId([u8; 8]);

impl fmt::Display for ParentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The value for one more request of a call. The call gets an identifier with its first one. `sampled` is set where the span
/// of the call is recorded here.
pub(crate) fn parent(trace: &mut Option<TraceId>, entropy: &dyn Entropy) -> String {
    let trace = trace.get_or_insert_with(|| TraceId(identifier(entropy)));
    let flags = u8::from(!tracing::Span::current().is_disabled());
    format!("00-{trace}-{}-{flags:02x}", ParentId(identifier(entropy)))
}

fn identifier<const LENGTH: usize>(entropy: &dyn Entropy) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    entropy.fill(&mut bytes);
    if bytes.iter().all(|byte| *byte == 0)
        && let Some(last) = bytes.last_mut()
    {
        *last = 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn requests_of_a_call_share_its_trace_and_no_identifier_is_zero() {
        let mut trace = None;
        assert_eq!(
            parent(&mut trace, &Always(0xab)),
            format!("00-{}-{}-00", "ab".repeat(16), "ab".repeat(8))
        );
        let next = parent(&mut trace, &Always(0));
        assert_eq!(next, format!("00-{}-0000000000000001-00", "ab".repeat(16)));
        assert_eq!(trace.map(|trace| trace.to_string()), Some("ab".repeat(16)));
    }
}
