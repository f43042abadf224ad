//! The country's ID system behind the server (`esignet:id-system`).

use std::marker::PhantomData;

use crate::bindings::id_system::exports::esignet::id_system::id_system::Guest;
pub use crate::bindings::id_system::exports::esignet::id_system::id_system::{
    Authenticated, ClaimStatus, ClaimsRequest, Descriptor, JudgedFactor, VerifiedOffer,
};
use crate::panic::report_panics;
use crate::word::{Caller, Evidence, Failure, Individual, OtpReceipt, Proof};

/// Claims by their names of OIDC Core §5.1, which may carry a language: `name#fr` (§5.2).
pub type Claims = serde_json::Map<String, serde_json::Value>;

/// An ID system. Export it with [`export!`](crate::export): `esignet_sdk::export!(MyRegister as id_system);`
///
/// Every call runs in a fresh instance, so nothing is remembered but the `continuation`.
pub trait IdSystem {
    /// What the ID system can do. Asked once, when the plugin is loaded: the place to check the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure::Misconfigured`] keeps the plugin from being loaded.
    fn describe() -> Result<Descriptor, Failure>;

    /// Sends a one-time code to the person, over `channels` or over the usual one if there are none.
    ///
    /// Answer for someone unknown as for someone known: an error here tells an attacker who exists.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; [`Failure::Unsupported`] if it sends none.
    fn send_otp(caller: &Caller, individual: &Individual, channels: &[String])
    -> Result<OtpReceipt, Failure>;

    /// Judges all factors of one login together.
    ///
    /// # Errors
    ///
    /// [`Failure::Rejected`] if they do not prove who the person is; any other [`Failure`] if that cannot be told.
    fn authenticate(
        caller: &Caller,
        individual: &Individual,
        proofs: &[Proof],
        evidence: &[Evidence],
    ) -> Result<Authenticated, Failure>;

    /// The claims the person agreed to release; `request` says which, `continuation` is what `authenticate` answered.
    ///
    /// What is verified goes into the member `verified_claims`, as it would stand in userinfo: an object, or an array of
    /// several (OpenID Connect for Identity Assurance §5.1). The host matches it with the request.
    ///
    /// # Errors
    ///
    /// Any [`Failure`].
    fn release_claims(
        caller: &Caller,
        continuation: &[u8],
        request: &ClaimsRequest,
    ) -> Result<Claims, Failure>;
}

impl JudgedFactor {
    /// A factor the ID system can judge, and the proof formats it takes.
    pub fn new(factor: impl Into<String>, formats: &[&str]) -> Self {
        Self { factor: factor.into(), formats: formats.iter().map(|&format| format.to_owned()).collect() }
    }
}

impl ClaimsRequest {
    /// The `verified_claims` elements that are asked for, empty when there are none.
    ///
    /// # Errors
    ///
    /// [`Failure::Internal`] if the host did not write a JSON array, which it always does.
    pub fn verified(&self) -> Result<Vec<serde_json::Value>, Failure> {
        let text = self.verified_claims.as_deref().unwrap_or("[]");
        serde_json::from_str(text).map_err(|error| Failure::internal(format!("verified_claims: {error}")))
    }
}

/// Stands between the contract's functions and the trait.
#[doc(hidden)]
pub struct Exported<T>(PhantomData<T>);

impl<T: IdSystem> Guest for Exported<T> {
    fn describe() -> Result<Descriptor, Failure> {
        report_panics();
        T::describe()
    }

    fn send_otp(
        caller: Caller,
        individual: Individual,
        channels: Vec<String>,
    ) -> Result<OtpReceipt, Failure> {
        report_panics();
        T::send_otp(&caller, &individual, &channels)
    }

    fn authenticate(
        caller: Caller,
        individual: Individual,
        proofs: Vec<Proof>,
        evidence: Vec<Evidence>,
    ) -> Result<Authenticated, Failure> {
        report_panics();
        T::authenticate(&caller, &individual, &proofs, &evidence)
    }

    fn release_claims(
        caller: Caller,
        continuation: Vec<u8>,
        request: ClaimsRequest,
    ) -> Result<String, Failure> {
        report_panics();
        let released = T::release_claims(&caller, &continuation, &request)?;
        serde_json::to_string(&released)
            .map_err(|error| Failure::internal(format!("claims as JSON: {error}")))
    }
}
