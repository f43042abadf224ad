//! How much an input makes us allocate: in proportion to its length, or it is a finding.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a parser may allocate whatever it is given: parsed keys, error texts.
const ALWAYS: usize = 512 * 1024;
/// And for each byte: the smallest JSON object of one member takes eight bytes of text and 640 of memory.
const PER_BYTE: usize = 512;

/// Counts what it hands out, in total and never less.
struct Counting;

static HANDED_OUT: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe; this one counts and passes on")]
// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HANDED_OUT.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller holds to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block came from the system's allocator with this layout.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HANDED_OUT.fetch_add(size, Ordering::Relaxed);
        // SAFETY: the block came from the system's allocator with this layout.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Runs a target and panics when it allocated more than the length of the input is good for.
pub(crate) fn bounded(input: &[u8], target: fn(&[u8])) {
    let before = HANDED_OUT.load(Ordering::Relaxed);
    target(input);
    let allocated = HANDED_OUT.load(Ordering::Relaxed) - before;
    assert!(
        allocated <= ALWAYS + PER_BYTE * input.len(),
        "{} bytes of input made {allocated} bytes of allocations",
        input.len()
    );
}
