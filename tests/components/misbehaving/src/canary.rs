//! Keeping what a person typed wherever a component can, and looking for what others typed there and in all of its memory.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use esignet_sdk::prelude::*;

use crate::refused;

/// How what a test types begins; the number of the person comes next.
const CANARY: [u8; 7] = *b"CANARY-";
/// How many digits follow.
const DIGITS: usize = 6;

static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    static KEPT_BY_THREAD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Says how often it finds what this person typed, and how often what anybody else did. Whoever does not find the
/// first cannot say that there is nothing of the second.
pub(crate) fn look(typed: &str) -> Step {
    // A copy on the heap that nobody frees, and one that is freed but not overwritten.
    std::mem::forget(typed.to_owned().into_boxed_str());
    drop(vec![typed.to_owned(); 64]);
    let (mut own, mut others) = (0, 0);
    for found in canaries(memory()) {
        if found == typed.as_bytes() { own += 1 } else { others += 1 }
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    others += kept.len();
    kept.push(typed.to_owned());
    KEPT_BY_THREAD.with_borrow_mut(|kept| {
        others += kept.len();
        kept.push(typed.to_owned());
    });
    let own = if own > 1 { "itself" } else { "not-even-itself" };
    refused(&format!("{own}-and-{others}-others"))
}

/// Whatever in some octets is a canary: the name, and so many digits.
fn canaries(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets.windows(CANARY.len() + DIGITS).filter(|window| {
        window.starts_with(&CANARY) && window.iter().skip(CANARY.len()).all(u8::is_ascii_digit)
    })
}

/// All of the memory that this instance has, stack and free heap included.
#[cfg(target_arch = "wasm32")]
fn memory() -> &'static [u8] {
    const PAGE: usize = 1 << 16;
    let octets = core::arch::wasm32::memory_size(0) * PAGE;
    #[expect(unsafe_code, reason = "what others left can only be found where nothing of ours is")]
    // SAFETY: linear memory is readable from its first to its last octet, and nothing writes to it while we look: there is
    // one thread. The first octet is left out, since no reference may point to zero.
    unsafe {
        std::slice::from_raw_parts(std::ptr::without_provenance(1), octets - 1)
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn memory() -> &'static [u8] {
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_its_name_and_six_digits() {
        let octets = b"xCANARY-000001yCANARY-12345 CANARY-CANARY-654321";
        assert_eq!(canaries(octets).collect::<Vec<_>>(), [b"CANARY-000001".as_slice(), b"CANARY-654321"]);
    }
}
