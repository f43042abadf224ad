//! Writing: one event, one line, one `write`; the disk is waited for by a thread, and by whoever must.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use esignet_protocol::audit::chain::{Hash, Recorded};
use esignet_protocol::audit::event::{Action, Event, Outcome};
use esignet_protocol::ports::audit::{AuditLog, AuditUnavailable};

use super::open::{self, AuditOpenError, Opened};
use super::places::Places;
use super::segment::{self, Header, Lines, Segment};
use super::syncing::Syncing;
use super::{Terms, WhenFull};

/// How long a caller waits for the disk.
const DEADLINE: Duration = Duration::from_secs(5);
/// How often a login may find out whether a log in trouble is well again.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// A file ends at a part of the smaller bound, so that what is removed is a part of it.
const PARTS: u64 = 16;
const SMALLEST: u64 = 64 * 1024;
const LARGEST: u64 = 16 * 1024 * 1024;

/// The log of one node. Dropping it ends its thread; [`Log::close`] says whether everything is on the disk.
pub struct Log {
    id: String,
    terms: Terms,
    now_ms: Box<dyn Fn() -> u64 + Send + Sync>,
    state: Mutex<State>,
    syncing: Syncing,
    _lock: File,
}

struct State {
    segments: VecDeque<Segment>,
    file: Arc<File>,
    next: u64,
    previous: Hash,
    places: Places,
    trouble: Option<Trouble>,
    /// How many events could not be written since one was.
    lost: u64,
}

impl State {
    /// Up to which event every sink has everything.
    fn delivered(&self) -> u64 {
        self.places.0.values().copied().min().unwrap_or(self.next - 1)
    }

    /// How many bytes of events some sink has not taken, whole files counted.
    fn waiting(&self) -> u64 {
        let delivered = self.delivered();
        if delivered + 1 >= self.next {
            return 0;
        }
        let following = self.segments.iter().skip(1).map(|segment| segment.first).chain([self.next]);
        let ends = following.map(|first| first - 1);
        self.segments.iter().zip(ends).filter(|(_, last)| *last > delivered).map(|(s, _)| s.bytes).sum()
    }
}

struct Trouble {
    what: String,
    since_try: Instant,
}

/// Where a reader is.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    next: u64,
    /// The file, and where the next line begins in it, when that is known.
    first: u64,
    offset: u64,
}

impl Cursor {
    /// Behind an event.
    pub const fn after(sequence: u64) -> Self {
        Self { next: sequence + 1, first: 0, offset: 0 }
    }
}

impl Log {
    /// Opens or begins the log of a directory. `now_ms` tells milliseconds since 1970.
    pub fn open(
        terms: Terms,
        now_ms: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<(Self, Opened), AuditOpenError> {
        let io = |source: io::Error| AuditOpenError::Io { path: terms.directory.clone(), source };
        let open::Found { id, segments, file, next, previous, mut places, opened, lock } =
            open::open(&terms.directory)?;
        let oldest = segments.first().map_or(1, |segment| segment.first);
        // A sink that is not named any more holds nothing back; a new one begins with what is still there.
        places.0.retain(|sink, _| terms.sinks.contains(sink));
        for sink in &terms.sinks {
            let place = places.0.entry(sink.clone()).or_insert(0);
            *place = (*place).max(oldest - 1);
        }
        let file = Arc::new(file);
        // What a process before this one wrote may not be on the disk yet.
        file.sync_data().map_err(io)?;
        let syncing = Syncing::start(next - 1).map_err(io)?;
        let state = State { segments: segments.into(), file, next, previous, places, trouble: None, lost: 0 };
        let log =
            Self { id, terms, now_ms: Box::new(now_ms), state: Mutex::new(state), syncing, _lock: lock };
        if opened.set_aside > 0 {
            let event = Event::new(Action::Audit, Outcome::Failed).with("set-aside-bytes", opened.set_aside);
            // A log that cannot be written says so at the first login.
            let _ = log.tell(event);
        }
        Ok((log, opened))
    }

    /// The name of this log.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The number of the last event that is on the disk, and changes of it.
    pub fn synced(&self) -> tokio::sync::watch::Receiver<u64> {
        self.syncing.synced()
    }

    /// How far a sink has come.
    pub fn place(&self, sink: &str) -> u64 {
        self.state().places.0.get(sink).copied().unwrap_or_default()
    }

    /// At most `count` events from the cursor on that are on the disk, together no longer than `bytes`, but one at least if
    /// there is one; and moves the cursor behind them. Reads a file: not for a thread that serves requests.
    pub fn read(&self, cursor: &mut Cursor, count: usize, bytes: u64) -> io::Result<Vec<Recorded>> {
        let synced = *self.syncing.synced().borrow();
        let (mut events, mut taken) = (Vec::new(), 0);
        while cursor.next <= synced && events.len() < count {
            let Some(mut lines) = self.lines(cursor)? else { break };
            let before = cursor.next;
            while let Some(event) = lines.event()? {
                let event = event.map_err(|_| io::Error::other("a line of the audit log is no event"))?;
                if event.sequence >= cursor.next {
                    let length = lines.offset - cursor.offset;
                    let is_enough = events.len() == count || (taken + length > bytes && !events.is_empty());
                    if event.sequence > synced || is_enough {
                        return Ok(events);
                    }
                    taken += length;
                    cursor.next = event.sequence + 1;
                    events.push(event);
                }
                cursor.offset = lines.offset;
            }
            if cursor.next == before {
                break;
            }
        }
        Ok(events)
    }

    /// The file that has the cursor's event, from where the cursor is in it.
    fn lines(&self, cursor: &mut Cursor) -> io::Result<Option<Lines>> {
        let firsts = |state: &State| {
            state.segments.iter().rev().map(|segment| segment.first).find(|first| *first <= cursor.next)
        };
        let Some(first) = firsts(&self.state()) else { return Ok(None) };
        let path = segment::path(&self.terms.directory, first);
        if cursor.first == first && cursor.offset > 0 {
            return Lines::open(&path, cursor.offset).map(Some);
        }
        let mut lines = Lines::open(&path, 0)?;
        lines.header()?;
        (cursor.first, cursor.offset) = (first, lines.offset);
        Ok(Some(lines))
    }

    /// Notes that a sink has everything up to an event, on the disk; and removes what nobody waits for any more. Not for a
    /// thread that serves requests.
    pub fn advance(&self, sink: &str, to: u64) -> io::Result<()> {
        let places = {
            let mut state = self.state();
            if let Some(place) = state.places.0.get_mut(sink) {
                *place = (*place).max(to);
            }
            state.places.clone()
        };
        places.write(&self.terms.directory)?;
        let mut state = self.state();
        self.remove_kept(&mut state)
    }

    /// The clean stop.
    pub async fn close(&self) -> Result<(), AuditUnavailable> {
        let last = self.state().next - 1;
        self.wait(last).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, sequence: u64) -> Result<(), AuditUnavailable> {
        let mut synced = self.syncing.synced();
        self.syncing.hurry();
        let reached = synced.wait_for(|synced| *synced >= sequence);
        match tokio::time::timeout(DEADLINE, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_ended)) => Err(AuditUnavailable(self.syncing.why_ended())),
            Err(_) => {
                let what = "the disk did not take it within 5 s; see whether it is full, slow or broken";
                Err(AuditUnavailable(what.to_owned()))
            }
        }
    }

    fn write(&self, state: &mut State, event: Event) -> io::Result<()> {
        // Another file first: it may have something to say itself.
        if state.segments.back().is_some_and(|s| s.bytes >= self.segment_bytes() && s.first < state.next) {
            self.roll(state)?;
        }
        let recorded = Recorded::new(event, (state.next, (self.now_ms)()), &state.previous);
        let line = segment::line(&recorded)?;
        let length = line.len() as u64;
        let file = Arc::clone(&state.file);
        if let Err(error) = (&*file).write_all(&line) {
            // Half a line must not stand before the next one.
            let head = state.segments.back().map_or(0, |segment| segment.bytes);
            file.set_len(head)?;
            return Err(error);
        }
        if let Some(head) = state.segments.back_mut() {
            head.bytes += length;
        }
        state.previous = recorded.hash;
        state.next += 1;
        self.syncing.written(&file, recorded.sequence);
        Ok(())
    }

    /// Begins another file.
    fn roll(&self, state: &mut State) -> io::Result<()> {
        // Everything before a file's first line is on the disk before the file is.
        state.file.sync_data()?;
        let header = Header::new(&self.id, state.next, &state.previous);
        let (file, bytes) = segment::create(&self.terms.directory, &header)?;
        state.file = Arc::new(file);
        state.segments.push_back(Segment { first: state.next, bytes });
        self.remove_kept(state)?;
        if self.terms.when_full == WhenFull::DropOldest {
            self.drop_oldest(state)?;
        }
        Ok(())
    }

    /// Removes files that every sink has taken, the oldest first, beyond the bound on what is kept.
    fn remove_kept(&self, state: &mut State) -> io::Result<()> {
        let delivered = state.delivered();
        let taken = |segments: &VecDeque<Segment>, at: usize| {
            segments.get(at + 1).is_some_and(|following| following.first <= delivered + 1)
        };
        let mut kept: u64 = (0..state.segments.len())
            .filter(|at| taken(&state.segments, *at))
            .filter_map(|at| state.segments.get(at))
            .map(|segment| segment.bytes)
            .sum();
        while kept > self.terms.keep_bytes && taken(&state.segments, 0) {
            kept = kept.saturating_sub(self.remove_oldest(state)?);
        }
        Ok(())
    }

    /// Removes files that some sink has not taken, the oldest first, beyond the bound on what waits.
    fn drop_oldest(&self, state: &mut State) -> io::Result<()> {
        let first = state.segments.front().map_or(1, |segment| segment.first);
        let from = first.max(state.delivered() + 1);
        while state.waiting() > self.terms.spool_bytes && state.segments.len() > 1 {
            self.remove_oldest(state)?;
            let oldest = state.segments.front().map_or(1, |segment| segment.first);
            for place in state.places.0.values_mut() {
                *place = (*place).max(oldest - 1);
            }
        }
        let oldest = state.segments.front().map_or(1, |segment| segment.first);
        if oldest <= from {
            return Ok(());
        }
        state.places.write(&self.terms.directory)?;
        tracing::error!(from, to = oldest - 1, "audit: events that no sink took were dropped, as configured");
        let dropped = Event::new(Action::Audit, Outcome::Failed);
        self.write(state, dropped.with("dropped-from", from).with("dropped-to", oldest - 1))
    }

    fn remove_oldest(&self, state: &mut State) -> io::Result<u64> {
        let Some(oldest) = state.segments.front() else { return Ok(0) };
        std::fs::remove_file(segment::path(&self.terms.directory, oldest.first))?;
        Ok(state.segments.pop_front().map_or(0, |segment| segment.bytes))
    }

    fn segment_bytes(&self) -> u64 {
        (self.terms.spool_bytes.min(self.terms.keep_bytes) / PARTS).clamp(SMALLEST, LARGEST)
    }
}

#[async_trait]
impl AuditLog for Log {
    fn tell(&self, event: Event) -> Result<(), AuditUnavailable> {
        let mut state = self.state();
        if let Some(why) = self.syncing.failure() {
            return Err(AuditUnavailable(why));
        }
        let lost = state.lost;
        let written = if lost > 0 {
            let missing = Event::new(Action::Audit, Outcome::Failed).with("lost", lost);
            self.write(&mut state, missing).and_then(|()| self.write(&mut state, event))
        } else {
            self.write(&mut state, event)
        };
        match written {
            Ok(()) => {
                if state.trouble.take().is_some() {
                    tracing::info!(lost, "audit: the log can be written again");
                }
                state.lost = 0;
                Ok(())
            }
            Err(error) => {
                state.lost += 1;
                let what = format!("it cannot be written: {error}");
                if state.trouble.is_none() {
                    tracing::error!(%error, "audit: the log cannot be written; no login begins until it can");
                }
                state.trouble = Some(Trouble { what: what.clone(), since_try: Instant::now() });
                Err(AuditUnavailable(what))
            }
        }
    }

    async fn settled(&self) -> Result<(), AuditUnavailable> {
        let last = {
            let state = self.state();
            if let Some(trouble) = &state.trouble {
                return Err(AuditUnavailable(trouble.what.clone()));
            }
            state.next - 1
        };
        self.wait(last).await
    }

    fn takes_logins(&self) -> Result<(), AuditUnavailable> {
        if let Some(why) = self.syncing.failure().or_else(|| self.syncing.is_stuck()) {
            return Err(AuditUnavailable(why));
        }
        let mut state = self.state();
        if let Some(trouble) = &mut state.trouble {
            if trouble.since_try.elapsed() < TRY_AGAIN {
                return Err(AuditUnavailable(trouble.what.clone()));
            }
            trouble.since_try = Instant::now();
        }
        if self.terms.when_full == WhenFull::RefuseLogins && state.waiting() > self.terms.spool_bytes {
            let what = "more events wait for a sink than may, and so no login begins; see why the sink does not take them";
            return Err(AuditUnavailable(what.to_owned()));
        }
        Ok(())
    }
}
