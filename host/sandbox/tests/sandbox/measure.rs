//! What a call costs: `cargo test -p esignet-sandbox -- --ignored --nocapture measure`.

use std::sync::Arc;
use std::time::Instant;

use esignet_protocol::ports::plugins::{AuthFactor, Plugins};

use crate::world::{World, begin, wasm};

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_a_fresh_call() {
    let world = World::new();
    world.put("otp", &wasm("otp"));
    world.load().await;
    let otp: Arc<dyn AuthFactor> = world.registry.factor("OTP").unwrap();
    for _ in 0..200 {
        assert!(begin(&otp).await.is_ok());
    }
    let mut micros: Vec<u128> = Vec::new();
    for _ in 0..2_000 {
        let started = Instant::now();
        assert!(begin(&otp).await.is_ok());
        micros.push(started.elapsed().as_micros());
    }
    micros.sort_unstable();
    println!("otp begin, fresh instance: p50 {} µs, p99 {} µs", micros[1_000], micros[1_980]);
}
