//! `wasi:filesystem` and `wasi:sockets`: there is no directory to open anything in, and no network.
//!
//! Without a directory nothing of the filesystem can be called: every function of it takes a handle that nobody has. Sockets
//! can be asked for, and are denied, which is an ordinary error of the language. Whatever else is here is denied, too,
//! should a way to it be found.

use wasmtime::component::types::{ComponentFunc, Type};
use wasmtime::component::{Linker, Resource, Val};

use super::super::CallState;
use super::{Call, InputStream, Instance, Network, OutputStream, Pollable, handle, instance};

enum Descriptor {}
enum DirectoryEntryStream {}
enum TcpSocket {}
enum UdpSocket {}
enum IncomingDatagramStream {}
enum OutgoingDatagramStream {}
enum ResolveAddressStream {}

/// How the interfaces say no, the plainest first.
const NO: [&str; 4] = ["access-denied", "access", "not-supported", "unsupported"];

const DESCRIPTOR: &str = "read-via-stream write-via-stream append-via-stream advise sync-data get-flags get-type set-size \
     set-times read write read-directory sync create-directory-at stat stat-at set-times-at link-at open-at readlink-at \
     remove-directory-at rename-at symlink-at unlink-file-at is-same-object metadata-hash metadata-hash-at";
const TCP_SOCKET: &str = "start-bind finish-bind start-connect finish-connect start-listen finish-listen accept \
     local-address remote-address is-listening address-family set-listen-backlog-size keep-alive-enabled \
     set-keep-alive-enabled keep-alive-idle-time set-keep-alive-idle-time keep-alive-interval set-keep-alive-interval \
     keep-alive-count set-keep-alive-count hop-limit set-hop-limit receive-buffer-size set-receive-buffer-size \
     send-buffer-size set-send-buffer-size subscribe shutdown";
const UDP_SOCKET: &str = "start-bind finish-bind stream local-address remote-address address-family unicast-hop-limit \
     set-unicast-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe";

pub(super) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    filesystem(linker)?;
    sockets(linker)
}

fn filesystem(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut types = instance(linker, "filesystem/types")?;
    handle::<Descriptor>(&mut types, "descriptor")?;
    handle::<DirectoryEntryStream>(&mut types, "directory-entry-stream")?;
    handle::<InputStream>(&mut types, "input-stream")?;
    handle::<OutputStream>(&mut types, "output-stream")?;
    handle::<super::IoError>(&mut types, "error")?;
    methods(&mut types, "descriptor", DESCRIPTOR)?;
    methods(&mut types, "directory-entry-stream", "read-directory-entry")?;
    function(&mut types, "filesystem-error-code")?;

    let mut preopens = instance(linker, "filesystem/preopens")?;
    handle::<Descriptor>(&mut preopens, "descriptor")?;
    preopens
        .func_wrap("get-directories", |_: Call<'_>, ()| Ok((Vec::<(Resource<Descriptor>, String)>::new(),)))
}

fn sockets(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    handle::<Network>(&mut instance(linker, "sockets/network")?, "network")?;
    let mut network = instance(linker, "sockets/instance-network")?;
    handle::<Network>(&mut network, "network")?;
    // The network is no more than a word for what is asked for next, and denied then.
    network.func_wrap("instance-network", |_: Call<'_>, ()| Ok((Resource::<Network>::new_own(0),)))?;

    let mut tcp = instance(linker, "sockets/tcp")?;
    handle::<TcpSocket>(&mut tcp, "tcp-socket")?;
    handle::<Network>(&mut tcp, "network")?;
    handle::<Pollable>(&mut tcp, "pollable")?;
    handle::<InputStream>(&mut tcp, "input-stream")?;
    handle::<OutputStream>(&mut tcp, "output-stream")?;
    methods(&mut tcp, "tcp-socket", TCP_SOCKET)?;
    let mut create = instance(linker, "sockets/tcp-create-socket")?;
    handle::<TcpSocket>(&mut create, "tcp-socket")?;
    function(&mut create, "create-tcp-socket")?;

    let mut udp = instance(linker, "sockets/udp")?;
    handle::<UdpSocket>(&mut udp, "udp-socket")?;
    handle::<IncomingDatagramStream>(&mut udp, "incoming-datagram-stream")?;
    handle::<OutgoingDatagramStream>(&mut udp, "outgoing-datagram-stream")?;
    handle::<Network>(&mut udp, "network")?;
    handle::<Pollable>(&mut udp, "pollable")?;
    methods(&mut udp, "udp-socket", UDP_SOCKET)?;
    methods(&mut udp, "incoming-datagram-stream", "receive subscribe")?;
    methods(&mut udp, "outgoing-datagram-stream", "check-send send subscribe")?;
    let mut create = instance(linker, "sockets/udp-create-socket")?;
    handle::<UdpSocket>(&mut create, "udp-socket")?;
    function(&mut create, "create-udp-socket")?;

    let mut lookup = instance(linker, "sockets/ip-name-lookup")?;
    handle::<ResolveAddressStream>(&mut lookup, "resolve-address-stream")?;
    handle::<Network>(&mut lookup, "network")?;
    handle::<Pollable>(&mut lookup, "pollable")?;
    methods(&mut lookup, "resolve-address-stream", "resolve-next-address subscribe")?;
    function(&mut lookup, "resolve-addresses")
}

fn methods(instance: &mut Instance<'_>, resource: &str, names: &str) -> wasmtime::Result<()> {
    names.split_whitespace().try_for_each(|name| function(instance, &format!("[method]{resource}.{name}")))
}

/// Links a function that says no, in whatever words its type has for that; where it has none, the call ends.
pub(super) fn function(instance: &mut Instance<'_>, name: &str) -> wasmtime::Result<()> {
    let rule = format!("wasi: `{name}` is not given");
    instance.func_new(name, move |mut call: Call<'_>, ty, _arguments, results| {
        call.data_mut().deny("wasi", &rule);
        match (results, no(&ty)) {
            ([result], Some(no)) => *result = Val::Result(Err(Some(Box::new(Val::Enum(no.to_owned()))))),
            _ => return Err(wasmtime::Error::msg(rule.clone())),
        }
        Ok(())
    })
}

/// The case of the function's `error-code` that says no.
fn no(ty: &ComponentFunc) -> Option<&'static str> {
    let Some(Type::Result(result)) = ty.results().next() else { return None };
    let Some(Type::Enum(codes)) = result.err() else { return None };
    NO.into_iter().find(|no| codes.names().any(|code| code == *no))
}
