//! A program with a pod inside, for `tests/bench/start`: says `waiting`, starts the pod at a line on stdin, says the port that demands a
//! client certificate, and ends with stdin.

use std::io::{self, BufRead, Write};

use symphony_mock_pod::MockPod;

fn main() -> anyhow::Result<()> {
    // A test has its runtime and its threads before it starts a pod.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    writeln!(output, "waiting")?;
    output.flush()?;
    input.read_line(&mut String::new())?;
    let pod = runtime.block_on(MockPod::start())?;
    writeln!(output, "{}", pod.mtls_port())?;
    output.flush()?;
    io::copy(&mut input, &mut io::sink())?;
    runtime.block_on(pod.stop());
    Ok(())
}
