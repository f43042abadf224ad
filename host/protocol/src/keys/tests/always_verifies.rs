//! I8 (`docs/architecture.md`): no signature of ours ever fails to verify, with any set that a relying party may still
//! hold, while keys turn. Two servers share a store; their clocks are apart, and each looks at the store when it likes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// How long a run is, in seconds.
const RUN: u64 = 200;
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

/// A server: how far its clock is ahead, its keys, and when it looks at the store again.
struct Server {
    ahead: u64,
    keys: Keys,
    looks_at: u64,
}

/// A JWK set that was served, and when by the world's clock.
struct Served {
    at: u64,
    kids: BTreeSet<String>,
}

/// A signature, when it was made by the world's clock, and when it expires.
struct Signed {
    at: u64,
    exp: u64,
    kid: String,
}

#[derive(Default)]
struct Run {
    served: Vec<Served>,
    signed: Vec<Signed>,
    signers: BTreeMap<Algorithm, BTreeSet<String>>,
}

fn observe(run: &mut Run, server: &Server, state: &[StoredKey], at: u64) {
    let now = START.plus(at + server.ahead);
    run.served.push(Served { at, kids: published(&server.keys, now) });
    for algorithm in ALGORITHMS {
        let (kid, token) = signed(&server.keys, algorithm, now).expect("there is always a key");
        if run.signers.entry(algorithm).or_default().insert(kid.clone()) {
            let jws = UnverifiedJws::parse(&token, MaxLength(4_096)).unwrap();
            jws.verify_any(&server.keys.verification_keys(now)).expect("it verifies here");
        }
        let life = server.keys.policy().longest_life;
        run.signed.push(Signed { at, exp: at + server.ahead + life, kid });

        let of_algorithm: Vec<_> = state.iter().filter(|key| key.algorithm == algorithm).cloned().collect();
        let active = states(&of_algorithm, now).into_iter().filter(|state| *state == KeyState::Active);
        assert_eq!(active.count(), 1, "exactly one key signs with {algorithm}");
    }
}

fn policies() -> impl Strategy<Value = KeyPolicy> {
    ((2_u64..40, 1_u64..30, 1_u64..8), (0_u64..9, 0_u64..15, 5_u64..60)).prop_map(
        |((rotate_every, jwks_max_age, poll_every), (clock_skew, publish_ahead, longest_life))| KeyPolicy {
            algorithms: ALGORITHMS.to_vec(),
            rotate_every,
            jwks_max_age,
            poll_every,
            clock_skew,
            publish_ahead,
            longest_life,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_signed_verifies_with_every_set_that_may_still_be_held(
        policy in policies(),
        drift in any::<[u64; 2]>(),
        pauses in prop::collection::vec(1_u64..8, 64),
        turned_by_hand in prop::collection::vec(0..RUN, 1..6),
    ) {
        let mut pauses = pauses.into_iter().map(|pause| pause.min(policy.poll_every)).cycle();
        let mut state = rotated(&[], &policy, START);
        let mut servers = drift.map(|drift| {
            let ahead = drift % (policy.clock_skew + 1);
            let keys = Keys::open(policy.clone(), &state, START.plus(ahead)).unwrap();
            Server { ahead, keys, looks_at: 0 }
        });
        let mut run = Run::default();
        for at in 0..RUN {
            for server in &mut servers {
                // Before the look and after it: both are what somebody may have met in this second.
                observe(&mut run, server, &state, at);
                let now = START.plus(at + server.ahead);
                if turned_by_hand.contains(&at) {
                    state = filled(turn_now(&state, &policy, now));
                }
                if server.looks_at <= at {
                    state = rotated(&state, &policy, now);
                    server.keys.install(&state, now).unwrap();
                    server.looks_at = at + pauses.next().unwrap();
                    observe(&mut run, server, &state, at);
                }
            }
        }
        for signed in &run.signed {
            let may_be_held = |served: &&Served| {
                served.at + policy.jwks_max_age >= signed.at && served.at <= signed.exp + 60
            };
            for served in run.served.iter().filter(may_be_held) {
                prop_assert!(
                    served.kids.contains(&signed.kid),
                    "signed at {}, over at {}, and the set of {} lacks its key", signed.at, signed.exp, served.at,
                );
            }
        }
        if policy.ahead() + policy.rotate_every + policy.poll_every < RUN / 2 {
            prop_assert!(run.signers.values().all(|kids| kids.len() > 1), "keys did turn");
        }
    }
}
