//! Memory for answers on their way to clients. All of them together take a bounded part; when slow
//! readers hold most of it, further answers become smaller, but never so small that nothing goes out.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What all answers may take together: 256 MiB.
const ANSWERS_BYTES_MAX: usize = 256 << 20;
/// Bytes that one permit stands for.
const PERMIT_BYTES: usize = 1 << 10;
/// What an answer may take in any case.
const ANSWER_BYTES_MIN: usize = 64 << 10;

/// The budget.
#[derive(Debug)]
pub(super) struct AnswerMemory {
    permits: Arc<Semaphore>,
}

/// A part of the budget.
#[derive(Debug)]
pub(super) struct Reserved {
    /// What the answer may take.
    pub(super) bytes: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Default for AnswerMemory {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(ANSWERS_BYTES_MAX / PERMIT_BYTES)) }
    }
}

impl AnswerMemory {
    /// Takes up to `wanted` bytes: half of it, a quarter and so on when there is not as much left.
    pub(super) fn reserve(&self, wanted: usize) -> Reserved {
        let mut bytes = wanted.min(ANSWERS_BYTES_MAX);
        while bytes > ANSWER_BYTES_MIN {
            let permits = Arc::clone(&self.permits);
            if let Ok(permit) = permits.try_acquire_many_owned(permits_for(bytes)) {
                return Reserved { bytes, permit: Some(permit) };
            }
            bytes /= 2;
        }
        Reserved { bytes: wanted.min(ANSWER_BYTES_MIN), permit: None }
    }
}

impl Reserved {
    /// Gives back all but `bytes`; the rest is kept for as long as the result is.
    pub(super) fn shrink(self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let mut permit = self.permit?;
        // A first batch may be larger than what was reserved.
        permit.split(permits_for(bytes) as usize).or(Some(permit))
    }
}

/// The budget has fewer permits than 32 bits.
fn permits_for(bytes: usize) -> u32 {
    bytes.min(ANSWERS_BYTES_MAX).div_ceil(PERMIT_BYTES) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_smaller_when_memory_is_short() {
        let memory = AnswerMemory::default();
        let most = memory.reserve(ANSWERS_BYTES_MAX - (1 << 20));
        assert_eq!(most.bytes, ANSWERS_BYTES_MAX - (1 << 20));
        assert_eq!(memory.reserve(8 << 20).bytes, 1 << 20);
        let rest = memory.reserve(1 << 20);
        assert_eq!(rest.bytes, 1 << 20);
        assert_eq!(memory.reserve(1 << 20).bytes, ANSWER_BYTES_MIN);
        drop(rest);
        let kept = most.shrink(1 << 20);
        assert_eq!(memory.reserve(200 << 20).bytes, 200 << 20);
        drop(kept);
        assert_eq!(memory.permits.available_permits(), ANSWERS_BYTES_MAX / PERMIT_BYTES);
    }
}
