//! The envelope of a stored record: which schema it follows and which key sealed it.
//!
//! `schema version ‖ key id ‖ sealed bytes`. A release reads its own schema and the one before; a record of a later
//! one is refused with words, never guessed at, so that a downgrade harms nothing.

/// The schema that this release writes.
pub const SCHEMA: u8 = 1;

/// Names the sealing key of a record without telling anything of it.
pub type KeyId = [u8; 4];

/// A record before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Which key sealed it.
    pub key_id: KeyId,
    /// The sealed bytes.
    pub sealed: &'a [u8],
}

/// Why there is no envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It ends too early.
    #[error("it is cut off; restore the store from a backup")]
    CutOff,
    /// A release of the future wrote it.
    #[error(
        "it has schema {0}, but this release reads schema {SCHEMA}; run the release that wrote it, or a later one"
    )]
    LaterSchema(u8),
    /// No release ever wrote this.
    #[error("it has schema {0}, which never existed; restore the store from a backup")]
    NoSchema(u8),
}

impl<'a> Envelope<'a> {
    /// The stored form.
    pub fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.key_id.len() + self.sealed.len());
        bytes.push(SCHEMA);
        bytes.extend_from_slice(&self.key_id);
        bytes.extend_from_slice(self.sealed);
        bytes
    }

    /// Reads the stored form.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let (schema, rest) = bytes.split_first().ok_or(EnvelopeError::CutOff)?;
        match *schema {
            SCHEMA => {}
            later if later > SCHEMA => return Err(EnvelopeError::LaterSchema(later)),
            other => return Err(EnvelopeError::NoSchema(other)),
        }
        let (key_id, sealed) = rest.split_first_chunk().ok_or(EnvelopeError::CutOff)?;
        Ok(Self { key_id: *key_id, sealed })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_envelope_gives_back_what_went_in(key_id in any::<KeyId>(), sealed in any::<Vec<u8>>()) {
            let envelope = Envelope { key_id, sealed: &sealed };
            let stored = envelope.encode();
            prop_assert_eq!(Envelope::decode(&stored), Ok(envelope));
        }

        #[test]
        fn no_bytes_make_the_reader_panic_or_accept_another_schema(bytes in any::<Vec<u8>>()) {
            if let Ok(envelope) = Envelope::decode(&bytes) {
                prop_assert_eq!(envelope.encode(), bytes);
            }
        }
    }

    #[test]
    fn a_record_of_a_later_release_is_refused_with_what_to_do() {
        let refusal = Envelope::decode(&[SCHEMA + 1, 0, 0, 0, 0, 9]).expect_err("refused");
        assert_eq!(refusal, EnvelopeError::LaterSchema(2));
        assert!(refusal.to_string().contains("run the release that wrote it"), "{refusal}");
    }
}
