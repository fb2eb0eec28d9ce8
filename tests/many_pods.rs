//! A hundred pods in one process leave nothing behind. A test of its own process: it counts what
//! the whole process has.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs::read_dir;
use std::time::Duration;

use symphony_mock_pod::MockPod;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A test that waits this long waits for something that will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What of the machine a process holds: its threads, and its open files and sockets.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    threads: BTreeSet<String>,
    files: Vec<String>,
}

impl Held {
    /// As Linux tells it.
    fn now() -> Self {
        let entries = |folder: &str| {
            let entries = read_dir(folder).expect("a process sees itself");
            entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
        };
        let threads = entries("/proc/self/task");
        let threads = threads.iter().map(|thread| thread.display().to_string()).collect();
        // The folder that is being read is gone when its own entry is looked at.
        let files = entries("/proc/self/fd");
        let files = files.iter().filter_map(|file| std::fs::read_link(file).ok());
        let mut files: Vec<_> = files.map(|file| file.display().to_string()).collect();
        files.sort_unstable();
        Self { threads, files }
    }

    /// Waits until the process holds just this again: threads and sockets end after a drop.
    async fn again(&self) {
        let waiting = async {
            while Self::now() != *self {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            assert_eq!(Self::now(), *self, "left is what was left behind");
        }
    }
}

/// A pod with a connection that somebody made and did not end.
async fn visited() -> (MockPod, TcpStream) {
    let pod = MockPod::start().await.expect("the pod starts");
    let mut visitor = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
    visitor.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    visitor.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    (pod, visitor)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hundred_pods_leave_no_thread_no_port_and_no_file_behind() {
    // What the libraries open once for the whole process is open afterwards.
    drop(visited().await);
    let idle = tokio::time::timeout(PATIENCE, async {
        while Held::now().threads.len() > 2 {
            tokio::task::yield_now().await;
        }
    });
    idle.await.expect("the threads of the first pod end");
    let before = Held::now();

    for round in 0..5 {
        let mut pods = Vec::new();
        for _ in 0..20 {
            pods.push(visited().await);
        }
        let busy = Held::now();
        assert!(busy.threads.len() >= before.threads.len() + 20, "{busy:?}");
        assert!(busy.files.len() >= before.files.len() + 20 * 3, "{busy:?}");
        for (number, (pod, visitor)) in pods.into_iter().enumerate() {
            match (number + round) % 2 {
                0 => drop(pod),
                _ => pod.stop().await,
            }
            drop(visitor);
        }
        before.again().await;
    }
}
