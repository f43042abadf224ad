//! Taking more time, memory or stack than there is.

use std::hint::black_box;

use esignet_sdk::prelude::*;

use crate::{form, refused, size};

/// Never comes back, and calls nobody.
pub(crate) fn forever() -> ! {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

pub(crate) fn spin(_: &Caller) -> Step {
    forever()
}

/// Never comes back, but lets the host have its turn.
pub(crate) fn spin_in_the_host(_: &Caller) -> Step {
    while clock::now() != u64::MAX {}
    refused("the-end-of-time")
}

/// Takes memory in pieces, and touches all of it.
pub(crate) fn allocate(_: &Caller) -> Step {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![0xAA; 1 << 20]));
        if hoard.len() > 1 << 14 {
            return refused("sixteen-gibibytes");
        }
    }
}

/// Asks for all the memory there can be at once, and says what it got.
pub(crate) fn grow_memory(_: &Caller) -> Step {
    #[cfg(target_arch = "wasm32")]
    if core::arch::wasm32::memory_grow(0, 1 << 15) != usize::MAX {
        return refused("two-gibibytes");
    }
    refused("no-memory")
}

pub(crate) fn overflow_the_stack(_: &Caller) -> Step {
    refused(&format!("depth-{}", deeper(0)))
}

fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == u64::MAX { depth } else { deeper(depth + 1).max(frame.iter().copied().sum()) }
}

pub(crate) fn huge_state(_: &Caller) -> Step {
    Step::Ask(Question::new(form(), vec![b'x'; size()]))
}

pub(crate) fn huge_message(_: &Caller) -> Step {
    let mut form = form();
    form.title = Message::new("bad-title", "x".repeat(size()));
    Step::Ask(Question::new(form, Vec::new()))
}

pub(crate) fn many_fields(_: &Caller) -> Step {
    let field = |at| Field::new(format!("field{at}"), "text", Message::new("bad-word", "The word"));
    let mut form = form();
    form.fields = (0..20_000).map(field).collect();
    Step::Ask(Question::new(form, Vec::new()))
}

/// Answers with very many texts which are all the same memory: little here, much for whoever copies each.
pub(crate) fn overlapping_return(_: &Caller) -> Step {
    let text = "x".repeat(1 << 20).leak();
    let shared = || {
        #[expect(
            unsafe_code,
            reason = "only a guest that breaks the rule can show that the host counts what it copies"
        )]
        // SAFETY: none. Many strings own one memory; the host ends the call before anybody frees any of them.
        unsafe {
            String::from_raw_parts(text.as_ptr().cast_mut(), text.len(), text.len())
        }
    };
    let mut form = form();
    form.fields =
        (0..10_000).map(|_| Field::new("word", "text", Message::new("bad-word", shared()))).collect();
    Step::Ask(Question::new(form, Vec::new()))
}
