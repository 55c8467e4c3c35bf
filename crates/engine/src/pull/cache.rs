//! Plans of pull queries by text and settings. A plan holds until the definitions change.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::prepare::Prepared;
use crate::Request;

/// Plans kept; all are forgotten when there is one more, which is simple and rare.
const PLANS_MAX: usize = 4_096;
/// Longer texts are not kept.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// The plans by hash of what was asked.
#[derive(Debug, Default)]
pub struct PlanCache {
    plans: Mutex<HashMap<u64, Entry>>,
}

#[derive(Debug)]
struct Entry {
    request: Request,
    version: u64,
    prepared: Arc<Prepared>,
}

impl PlanCache {
    /// The plan of `request`, if it was made from the definitions of `version`.
    pub fn find(&self, request: &Request, version: u64) -> Option<Arc<Prepared>> {
        let plans = self.plans();
        let entry = plans.get(&hash(request))?;
        let fits = entry.version == version && is_same(&entry.request, request);
        fits.then(|| Arc::clone(&entry.prepared))
    }

    /// Keeps a plan.
    pub fn keep(&self, request: &Request, version: u64, prepared: &Arc<Prepared>) {
        if request.text.len() > TEXT_BYTES_MAX {
            return;
        }
        let (request_hash, prepared) = (hash(request), Arc::clone(prepared));
        let entry = Entry { request: request.clone(), version, prepared };
        let mut plans = self.plans();
        if plans.len() >= PLANS_MAX {
            plans.clear();
        }
        plans.insert(request_hash, entry);
    }

    fn plans(&self) -> MutexGuard<'_, HashMap<u64, Entry>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&request.text, &request.properties, &request.variables).hash(&mut hasher);
    hasher.finish()
}

fn is_same(one: &Request, other: &Request) -> bool {
    one.text == other.text && one.properties == other.properties && one.variables == other.variables
}
