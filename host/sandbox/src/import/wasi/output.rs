//! `wasi:io/streams` and the three of `wasi:cli` that are made of them: what is written becomes lines of the plugin's log,
//! cleaned, without what is the person's, and out of the log's budget; what is read is at its end.

use wasmtime::component::{ComponentType, Lift, Linker, Lower, Resource};

use super::super::{CallState, log};
use super::{Call, InputStream, Instance, IoError, OutputStream, Pollable, absent, clocks, handle, instance};
use crate::failure::Stopped;

/// A line that gets longer goes on in another record.
const LINE_BYTES: usize = 1024;
/// What a guest is told that it may write at once.
const WRITE_BYTES: u64 = 4096;

/// `stream-error`. A stream of ours has no more to say than that it is closed, so nobody ever gets a handle to an error,
/// and `error.to-debug-string` has nothing to tell of the host.
#[derive(ComponentType, Lower, Lift)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

/// What is given to a guest: a result in the contract's sense.
type Given<T> = wasmtime::Result<(Result<T, StreamError>,)>;

/// Which stream; the number is that of its handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout = 1,
    Stderr = 2,
}

impl Stream {
    fn of(handle: &Resource<OutputStream>) -> Self {
        if handle.rep() == Self::Stderr as u32 { Self::Stderr } else { Self::Stdout }
    }

    /// Level and event of its lines.
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Stdout => ("info", "stdout"),
            Self::Stderr => ("warn", "stderr"),
        }
    }
}

/// The lines that one call has begun and not ended.
#[derive(Debug, Default)]
pub(crate) struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Output {
    fn line(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}

impl CallState {
    /// Takes what the guest wrote; an error when there is no end to it.
    pub(super) fn write(&mut self, stream: Stream, written: &[u8]) -> Result<(), Stopped> {
        let lines = written.split_inclusive(|byte| *byte == b'\n');
        for piece in lines.flat_map(|line| line.chunks(LINE_BYTES)) {
            let line = self.output.line(stream);
            line.extend_from_slice(piece);
            if line.len() >= LINE_BYTES || line.ends_with(b"\n") {
                self.end_line(stream)?;
            }
        }
        Ok(())
    }

    /// Ends the lines that the guest left open, when its call is over.
    pub(crate) fn end_output(&mut self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            // There is no call any more that could be ended for too many lines.
            let _too_many = self.end_line(stream);
        }
    }

    fn end_line(&mut self, stream: Stream) -> Result<(), Stopped> {
        let line = std::mem::take(self.output.line(stream));
        let line = line.trim_ascii_end();
        if line.is_empty() || !self.log.spend(line.len())? {
            return Ok(());
        }
        let line = String::from_utf8_lossy(line).into_owned();
        let (level, event) = stream.told();
        let written = [("line".to_owned(), line)];
        self.tell_line(level, event, &written);
        let plugin = self.plugin.id.as_str();
        let fields = log::line(&self.personal, &written);
        match stream {
            Stream::Stdout => tracing::info!(target: "plugin", plugin, event = "stdout", fields),
            Stream::Stderr => tracing::warn!(target: "plugin", plugin, event = "stderr", fields),
        }
        Ok(())
    }
}

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut error = instance(linker, "io/error")?;
    handle::<IoError>(&mut error, "error")?;
    absent::function(&mut error, "[method]error.to-debug-string")?;

    let mut streams = instance(linker, "io/streams")?;
    handle::<IoError>(&mut streams, "error")?;
    handle::<Pollable>(&mut streams, "pollable")?;
    handle::<InputStream>(&mut streams, "input-stream")?;
    handle::<OutputStream>(&mut streams, "output-stream")?;
    input(&mut streams)?;
    output(&mut streams)?;

    let mut stdin = instance(linker, "cli/stdin")?;
    handle::<InputStream>(&mut stdin, "input-stream")?;
    stdin.func_wrap("get-stdin", |_: Call<'_>, ()| Ok((Resource::<InputStream>::new_own(0),)))?;
    for (name, stream) in [("stdout", Stream::Stdout), ("stderr", Stream::Stderr)] {
        let mut cli = instance(linker, &format!("cli/{name}"))?;
        handle::<OutputStream>(&mut cli, "output-stream")?;
        cli.func_wrap(&format!("get-{name}"), move |_: Call<'_>, ()| {
            Ok((Resource::<OutputStream>::new_own(stream as u32),))
        })?;
    }
    Ok(())
}

fn input(streams: &mut Instance<'_>) -> wasmtime::Result<()> {
    for name in ["read", "blocking-read"] {
        streams.func_wrap(
            &format!("[method]input-stream.{name}"),
            |_: Call<'_>, (_stream, _length): (Resource<InputStream>, u64)| -> Given<Vec<u8>> {
                Ok((Err(StreamError::Closed),))
            },
        )?;
    }
    streams.func_wrap("[method]input-stream.subscribe", |_: Call<'_>, (_,): (Resource<InputStream>,)| {
        Ok((clocks::ready(),))
    })
}

fn output(streams: &mut Instance<'_>) -> wasmtime::Result<()> {
    streams.func_wrap(
        "[method]output-stream.check-write",
        |_: Call<'_>, (_,): (Resource<OutputStream>,)| -> Given<u64> { Ok((Ok(WRITE_BYTES),)) },
    )?;
    for name in ["write", "blocking-write-and-flush"] {
        streams.func_wrap(
            &format!("[method]output-stream.{name}"),
            |mut call: Call<'_>, (stream, written): (Resource<OutputStream>, Vec<u8>)| -> Given<()> {
                call.data_mut().write(Stream::of(&stream), &written)?;
                Ok((Ok(()),))
            },
        )?;
    }
    for name in ["flush", "blocking-flush"] {
        streams.func_wrap(
            &format!("[method]output-stream.{name}"),
            |_: Call<'_>, (_,): (Resource<OutputStream>,)| -> Given<()> { Ok((Ok(()),)) },
        )?;
    }
    streams.func_wrap("[method]output-stream.subscribe", |_: Call<'_>, (_,): (Resource<OutputStream>,)| {
        Ok((clocks::ready(),))
    })
}
