//! The end of a connection, announced: the client will send nothing more, or the server stops. Answers
//! under way still go out, but nobody waits for more to put into them.

use tokio::sync::watch;

/// Whether a connection is about to end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    announced: watch::Sender<bool>,
}

impl Ending {
    /// Announces it.
    pub(crate) fn announce(&self) {
        self.announced.send_replace(true);
    }

    /// Whether it was announced.
    pub(crate) fn has_come(&self) -> bool {
        *self.announced.borrow()
    }

    /// Waits until it is announced.
    pub(crate) async fn comes(&self) {
        let mut announced = self.announced.subscribe();
        // The sender lives as long as this borrow, so the only outcome is the announcement.
        let _announced = announced.wait_for(|announced| *announced).await;
    }
}
