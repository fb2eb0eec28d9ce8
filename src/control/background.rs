//! Work that takes long, beside the threads that serve.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::ControlRefusal;

/// Does a little of such work at a time: whole pods are read and written here, and each of them may
/// take a hundred megabytes on its way.
#[derive(Debug, Clone)]
pub struct Background(Arc<Semaphore>);

impl Default for Background {
    fn default() -> Self {
        const AT_A_TIME: usize = 2;
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Background {
    /// What the work gives.
    ///
    /// # Errors
    /// It panicked, which is a bug.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ControlRefusal> {
        // Nobody closes it. Whoever asked may leave: the work goes on, and its turn with it.
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let work = move || {
            let _turn = turn;
            work()
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| ControlRefusal::failed("a bug in the mock pod; the log has it"))
    }
}
