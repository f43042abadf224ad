//! One call of each role as it is for a login, and bare, for the measurement (`measure.rs`).
//!
//! The call is the one that a login makes with an answer that is likely to be wrong: it costs what a right one costs up to there,
//! and no counter of a register is spent on anybody.

use esignet_protocol::ports::plugins::{
    AuthFactor as _, Authentication, Caller, IdSystem as _, Individual, PluginError, Proof,
};

use super::auth_factor::{self, LoadedFactor};
use super::id_system::{self, LoadedIdSystem};
use super::word;
use crate::failure;
use crate::instance::Given;

/// What became of a call.
pub(crate) type Ended = Result<(), PluginError>;

fn ended<R>(given: Given<R>) -> Ended {
    match given {
        Ok(Ok(_answer)) => Ok(()),
        Ok(Err(refused)) => Err(failure::from_guest(refused)),
        Err(error) => Err(failure::from_engine(&error)),
    }
}

fn caller() -> Caller {
    Caller {
        transaction: "measured".to_owned(),
        short_transaction: "A1B2C3D4E5".to_owned(),
        relying_party: "measured".to_owned(),
        client: "measured".to_owned(),
        locale: "en".to_owned(),
        claims_locales: vec!["en".to_owned()],
    }
}

fn person(kind: Option<&String>) -> Individual {
    let kind = kind.map_or("uin", String::as_str).to_owned();
    Individual { kind, value: "1001".to_owned(), attributes: Vec::new() }
}

impl LoadedIdSystem {
    pub(crate) async fn describes(&self) -> Ended {
        describe!(self.plugin, self.exports, "id-system", id_system::described).map(drop)
    }

    pub(crate) async fn describes_barely(&self) -> Ended {
        let guest = self.exports.clone();
        ended(
            self.plugin
                .bare(move |store, instance| {
                    Box::pin(async move { guest.load(&mut *store, instance)?.call_describe(store).await })
                })
                .await,
        )
    }

    fn wrong_proofs(&self) -> Vec<Proof> {
        let judged = self.descriptor().factors.first();
        let proof = judged.map(|(factor, formats)| Proof {
            factor: factor.clone(),
            format: formats.first().cloned().unwrap_or_default(),
            value: b"000000".to_vec(),
            attributes: Vec::new(),
        });
        proof.into_iter().collect()
    }

    pub(crate) async fn authenticates(&self) -> Ended {
        let (proofs, person) = (self.wrong_proofs(), person(self.descriptor().individual_kinds.first()));
        let asked = Authentication { individual: &person, proofs: &proofs, evidence: &[] };
        self.authenticate(&caller(), asked).await.map(drop)
    }

    pub(crate) async fn authenticates_barely(&self) -> Ended {
        let guest = self.exports.clone();
        let caller = word::caller_to_guest(&caller());
        let person = word::individual_to_guest(&person(self.descriptor().individual_kinds.first()));
        let proofs: Vec<_> = self.wrong_proofs().iter().map(word::proof_to_guest).collect();
        ended(
            self.plugin
                .bare(move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_authenticate(store, &caller, &person, &proofs, &[]).await
                    })
                })
                .await,
        )
    }
}

impl LoadedFactor {
    pub(crate) async fn describes(&self) -> Ended {
        describe!(self.plugin, self.exports, "auth-factor", auth_factor::described).map(drop)
    }

    pub(crate) async fn describes_barely(&self) -> Ended {
        let guest = self.exports.clone();
        ended(
            self.plugin
                .bare(move |store, instance| {
                    Box::pin(async move { guest.load(&mut *store, instance)?.call_describe(store).await })
                })
                .await,
        )
    }

    pub(crate) async fn begins(&self) -> Ended {
        self.begin(&caller(), Some(&person(None))).await.map(drop)
    }

    pub(crate) async fn begins_barely(&self) -> Ended {
        let guest = self.exports.clone();
        let (caller, person) = (word::caller_to_guest(&caller()), word::individual_to_guest(&person(None)));
        ended(
            self.plugin
                .bare(move |store, instance| {
                    Box::pin(async move {
                        let guest = guest.load(&mut *store, instance)?;
                        guest.call_begin(store, &caller, Some(&person)).await
                    })
                })
                .await,
        )
    }
}
