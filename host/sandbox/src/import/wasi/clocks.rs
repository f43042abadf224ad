//! `wasi:clocks` and `wasi:io/poll`: coarse time, and real waiting.
//!
//! The wall clock has whole seconds, as `esignet:host/clock` has. The other one begins with the call and counts
//! milliseconds. Who sleeps waits, out of the call's budget of time. A pollable is the millisecond of the call at which it is
//! ready, and its handle's number says which.

use std::time::Duration;

use wasmtime::component::{ComponentType, Lift, Linker, Lower, Resource};

use super::super::CallState;
use super::{Call, Pollable, handle, instance};
use crate::failure::Stopped;

const NANOSECONDS: u64 = 1_000_000;

#[derive(Clone, Copy, ComponentType, Lower, Lift)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// A pollable for what never makes anyone wait.
pub(super) fn ready() -> Resource<Pollable> {
    Resource::new_own(0)
}

impl CallState {
    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Ready at that nanosecond of the call, or at the end of the millisecond that it is in.
fn ready_at(nanoseconds: u64) -> Resource<Pollable> {
    Resource::new_own(u32::try_from(nanoseconds.div_ceil(NANOSECONDS)).unwrap_or(u32::MAX))
}

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut wall = instance(linker, "clocks/wall-clock")?;
    wall.func_wrap("now", |call: Call<'_>, ()| {
        let seconds = call.data().plugin.sandbox.host.clock.now().0;
        Ok((Datetime { seconds, nanoseconds: 0 },))
    })?;
    wall.func_wrap("resolution", |_: Call<'_>, ()| Ok((Datetime { seconds: 1, nanoseconds: 0 },)))?;

    let mut monotonic = instance(linker, "clocks/monotonic-clock")?;
    handle::<Pollable>(&mut monotonic, "pollable")?;
    monotonic
        .func_wrap("now", |call: Call<'_>, ()| Ok((call.data().elapsed_ms().saturating_mul(NANOSECONDS),)))?;
    monotonic.func_wrap("resolution", |_: Call<'_>, ()| Ok((NANOSECONDS,)))?;
    monotonic.func_wrap("subscribe-instant", |_: Call<'_>, (at,): (u64,)| Ok((ready_at(at),)))?;
    monotonic.func_wrap("subscribe-duration", |call: Call<'_>, (span,): (u64,)| {
        let now = call.data().elapsed_ms().saturating_mul(NANOSECONDS);
        Ok((ready_at(now.saturating_add(span)),))
    })?;

    let mut poll = instance(linker, "io/poll")?;
    handle::<Pollable>(&mut poll, "pollable")?;
    poll.func_wrap("[method]pollable.ready", |call: Call<'_>, (pollable,): (Resource<Pollable>,)| {
        Ok((u64::from(pollable.rep()) <= call.data().elapsed_ms(),))
    })?;
    poll.func_wrap_async("[method]pollable.block", |call: Call<'_>, (pollable,): (Resource<Pollable>,)| {
        Box::new(async move {
            wait(&call, pollable.rep()).await;
            Ok(())
        })
    })?;
    poll.func_wrap_async("poll", |call: Call<'_>, (pollables,): (Vec<Resource<Pollable>>,)| {
        Box::new(async move {
            // Polling nothing is a trap by the interface's own word, and would be for ever.
            let first = pollables.iter().map(Resource::rep).min().ok_or(Stopped::Quota("wasi: poll"))?;
            wait(&call, first).await;
            let now = call.data().elapsed_ms();
            let ready = (0_u32..).zip(&pollables).filter(|(_, pollable)| u64::from(pollable.rep()) <= now);
            Ok((ready.map(|(index, _)| index).collect::<Vec<_>>(),))
        })
    })
}

/// Waits until that millisecond of the call.
async fn wait(call: &Call<'_>, until_ms: u32) {
    loop {
        let left = u64::from(until_ms).saturating_sub(call.data().elapsed_ms());
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(left)).await;
    }
}
