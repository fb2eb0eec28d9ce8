//! Bounded loads, and what they cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::client::{AUTHENTICATE, Client, Connection};
use crate::server::Server;

/// What one load came to.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Operations per second.
    pub rate: f64,
    /// Processor time of the server per operation, in microseconds.
    pub cpu: f64,
    /// The 99th percentile of an operation's duration, in milliseconds.
    pub p99: f64,
}

/// `count` times connect, full handshake, authenticate, close; `concurrency` at a time.
pub async fn handshakes(
    server: &Server,
    client: &Client,
    count: usize,
    concurrency: usize,
) -> Result<Outcome> {
    let left = Arc::new(AtomicUsize::new(count));
    let mut workers = JoinSet::new();
    let before = server.cpu()?;
    let start = Instant::now();
    for _ in 0..concurrency {
        let (client, address, left) = (client.clone(), server.address, left.clone());
        workers.spawn(async move {
            let mut durations = Vec::new();
            while take_one(&left) {
                let begun = Instant::now();
                client.connect_and_log_in(address).await?;
                durations.push(begun.elapsed());
            }
            anyhow::Ok(durations)
        });
    }
    let mut durations = Vec::with_capacity(count);
    while let Some(worker) = workers.join_next().await {
        durations.extend(worker??);
    }
    outcome(durations, start.elapsed(), server.cpu()? - before)
}

/// `count` certificate logins over connections that stay open.
pub async fn kept_alive(
    server: &Server,
    connections: &mut Vec<Connection>,
    count: usize,
) -> Result<Outcome> {
    repeat(server, connections, AUTHENTICATE.into(), count).await
}

/// `count` times the same request over connections that stay open.
pub async fn repeat(
    server: &Server,
    connections: &mut Vec<Connection>,
    request: Arc<[u8]>,
    count: usize,
) -> Result<Outcome> {
    let left = Arc::new(AtomicUsize::new(count));
    let mut workers = JoinSet::new();
    let before = server.cpu()?;
    let start = Instant::now();
    for mut connection in connections.drain(..) {
        let (left, request) = (left.clone(), request.clone());
        workers.spawn(async move {
            let mut durations = Vec::new();
            while take_one(&left) {
                let begun = Instant::now();
                connection.ask(&request).await?;
                durations.push(begun.elapsed());
            }
            anyhow::Ok((connection, durations))
        });
    }
    let mut durations = Vec::with_capacity(count);
    while let Some(worker) = workers.join_next().await {
        let (connection, its) = worker??;
        connections.push(connection);
        durations.extend(its);
    }
    outcome(durations, start.elapsed(), server.cpu()? - before)
}

/// Opens `count` connections, each with one login done.
pub async fn open(server: &Server, client: &Client, count: usize) -> Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        let mut connection = client.connect(server.address).await?;
        connection.log_in().await?;
        connections.push(connection);
    }
    Ok(connections)
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

fn outcome(mut durations: Vec<Duration>, elapsed: Duration, cpu: Duration) -> Result<Outcome> {
    let count = durations.len();
    anyhow::ensure!(count > 0, "a load of nothing");
    durations.sort_unstable();
    let p99 = durations[(count * 99).div_ceil(100) - 1];
    Ok(Outcome {
        rate: count as f64 / elapsed.as_secs_f64(),
        cpu: cpu.as_secs_f64() * 1e6 / count as f64,
        p99: p99.as_secs_f64() * 1e3,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::outcome;

    #[test]
    fn the_p99_is_the_duration_that_one_in_a_hundred_exceeds() {
        let durations = (1..=200).map(Duration::from_millis).rev().collect();
        let outcome =
            outcome(durations, Duration::from_secs(2), Duration::from_millis(100)).unwrap();
        assert_eq!((outcome.p99, outcome.rate, outcome.cpu), (198.0, 100.0, 500.0));
    }
}
