//! What a successful login yields: a code, then an access token and an id_token, then claims.

pub mod access_token;
pub mod authorization_code;
pub mod claims;
pub mod confirmation;
pub mod id_token;
pub mod languages;
pub mod nested;
pub mod release;
pub mod subject;
pub mod userinfo;

pub use access_token::AccessGrant;
pub use authorization_code::{GrantId, IssuedCode};
pub use confirmation::Confirmation;
