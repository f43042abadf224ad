//! The parsers of signatures, by their files: the sandbox as a whole would bring a compiler with it.

#![allow(dead_code, unreachable_pub, reason = "what the sandbox does with them is not done here")]

#[path = "../../../host/sandbox/src/signature/facts.rs"]
pub(crate) mod facts;
#[path = "../../../host/sandbox/src/signature/minisign.rs"]
pub(crate) mod minisign;
#[path = "../../../host/sandbox/src/signature/section.rs"]
pub(crate) mod section;
