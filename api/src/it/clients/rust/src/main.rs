//! A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's SDK for Rust.

use pyroscope::backend::{pprof_backend, BackendConfig, PprofConfig};
use pyroscope::pyroscope::PyroscopeAgentBuilder;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[inline(never)]
fn burn(rounds: u64) -> f64 {
    let mut x = 0.0;
    for i in 0..black_box(rounds * 200_000) {
        x += (i as f64).sqrt() * ((i & 3) as f64);
    }
    x
}

#[inline(never)]
fn sixty() -> f64 {
    black_box(burn(6))
}

#[inline(never)]
fn thirty() -> f64 {
    black_box(burn(3))
}

#[inline(never)]
fn ten() -> f64 {
    black_box(burn(1))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds: u64 = std::env::args().nth(1).ok_or("seconds")?.parse()?;
    let backend = pprof_backend(PprofConfig::default(), BackendConfig::default());
    let agent = PyroscopeAgentBuilder::new(
        std::env::var("PYROSCOPE_SERVER_ADDRESS")?,
        "client-rust",
        100,
        "pyroscope-rs",
        env!("CARGO_PKG_VERSION"),
        backend,
    )
    .tags(vec![("part", "rust")])
    .build()?;
    let running = agent.start()?;
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        black_box(sixty() + thirty() + ten());
    }
    let ready = running.stop()?;
    ready.shutdown();
    Ok(())
}
