//! One file a target.

pub(crate) mod authorize_params;
pub(crate) mod certificate;
pub(crate) mod claims_param;
pub(crate) mod client_assertion;
pub(crate) mod cookie;
pub(crate) mod distinguished_name;
pub(crate) mod dpop_proof;
pub(crate) mod jwe_decrypt;
pub(crate) mod jwk_parse;
pub(crate) mod jws_verify;
pub(crate) mod minisign;
pub(crate) mod par_body;
pub(crate) mod plugin_sections;
pub(crate) mod redirect_uri;
pub(crate) mod request_object;
