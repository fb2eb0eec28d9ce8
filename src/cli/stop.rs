//! How the pod is told to stop.

use std::io;

/// Whoever waits for it is told which signal came.
pub struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    /// The console window, or the session, is closed.
    #[cfg(windows)]
    close: tokio::signal::windows::CtrlClose,
}

impl StopSignals {
    /// From now on they no longer end the program by themselves.
    pub fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let (terminate, interrupt) =
                (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            Ok(Self { terminate, interrupt })
        }
        #[cfg(windows)]
        {
            use tokio::signal::windows::{ctrl_c, ctrl_close};
            Ok(Self { interrupt: ctrl_c()?, close: ctrl_close()? })
        }
    }

    /// Returns when one came, with its name.
    pub async fn received(&mut self) -> &'static str {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
        #[cfg(windows)]
        tokio::select! {
            _ = self.close.recv() => "the console is closed",
            _ = self.interrupt.recv() => "Ctrl-C",
        }
    }
}
