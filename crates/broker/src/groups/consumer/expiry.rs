//! What happens because nothing happens: sessions end, and members do not do in time what they are asked to.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Group, Member};
use crate::groups::Now;

impl Group {
    /// When [`Self::expire`] has something to do next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.members.values().map(deadline).min()
    }

    /// Takes out whoever's time is up.
    pub(crate) fn expire(&mut self, now: Now) {
        let gone = self.members.values().filter(|member| deadline(member) <= now.at);
        let gone: Vec<Arc<str>> = gone.map(|member| Arc::clone(&member.id)).collect();
        for id in gone {
            self.take_out(&id);
        }
    }
}

fn deadline(member: &Member) -> Instant {
    member.act_by.map_or(member.expires, |act_by| act_by.min(member.expires))
}
