//! The signatures at the end of a plugin, and the manifest in it.

use crate::signature::{facts, section};

/// What is taken apart can be put together, and what is before the signatures is as it was.
pub(crate) fn run(input: &[u8]) {
    let Ok(split) = section::split(input) else { return };
    assert!(input.starts_with(split.signed));
    assert!(split.signatures.len() <= section::MAX_SIGNATURES);
    assert!(split.signatures.is_empty() == (split.signed.len() == input.len()));
    let texts: Vec<String> = split.signatures.iter().map(ToString::to_string).collect();
    let again = section::append(split.signed, &texts);
    assert_eq!(section::split(&again), Ok(split.clone()));
    let unsigned = section::split(split.signed).expect("it was taken apart before");
    assert!(unsigned.signatures.is_empty(), "nothing that is signed is a signature");
    // A manifest is read or refused, and names a plugin.
    if let Ok(Some((id, _))) = facts::of_manifest(split.signed) {
        assert!(facts::is_id(&id));
    }
}
