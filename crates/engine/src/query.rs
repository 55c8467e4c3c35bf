//! One SELECT: from the plan cache, or read, planned and started.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use functions::Environment;
use sql::ast::StatementKind;
use sql::planned::Planned;

use crate::services::Surroundings;
use crate::statements::{Parsed, Session, View, parse};
use crate::world::World;
use crate::{Error, ErrorCode, Failure, QueryAnswer, Request, Result, pull, push};

/// Starts the only SELECT of `request`.
///
/// # Errors
/// When it is wrong, or too many push queries run.
pub fn query(world: &Arc<World>, request: &Request) -> std::result::Result<QueryAnswer, Failure> {
    let version = world.version();
    if let Some(prepared) = world.plans.find(request, version) {
        let answer = world.check_open().and_then(|()| pull::answer(world, &prepared));
        return answer.map_err(|error| failed(error, request));
    }
    world.check_open().map_err(|error| failed(error, request))?;
    let session =
        Session::open(&world.properties, request).map_err(|error| failed(error, request))?;
    let parsed = only_statement(request, &session)?;
    let started = start(world, request, &parsed, &session, version);
    started.map_err(|error| refused(&parsed, parsed.failed(error)))
}

/// The failure as ksqlDB tells it: planning of a push query that knows its sources is refused as a
/// request, of everything else as a statement.
fn refused(parsed: &Parsed, failure: Failure) -> Failure {
    let is_push =
        matches!(&parsed.statement.kind, StatementKind::Query(query) if query.emit.is_some());
    let is_planning = match &*failure.error {
        Error::Statement(error @ sql::Error::Invalid(_)) => error.code() != "unknown-source",
        _ => false,
    };
    if !is_push || !is_planning {
        return failure;
    }
    let message = failure.message();
    let error = Error::Refused { code: ErrorCode::BadRequest, message };
    Failure { error: Box::new(error), ..failure }
}

/// The failure of a request as a whole.
pub fn failed(error: Error, request: &Request) -> Failure {
    Failure {
        error: Box::new(error),
        statement: None,
        text: request.text.clone(),
        done: Vec::new(),
    }
}

/// The only statement of a request.
///
/// # Errors
/// When it can't be read, or there are none or several.
pub fn only_statement(
    request: &Request,
    session: &Session,
) -> std::result::Result<Parsed, Failure> {
    let mut script = parse(&request.text, session)?;
    match (script.pop(), script.len()) {
        (Some(parsed), 0) => Ok(parsed),
        (found, others) => {
            let count = others + usize::from(found.is_some());
            let message = format!("Expected exactly one KSQL statement; found {count} instead");
            let error = Error::Refused { code: ErrorCode::BadRequest, message };
            Err(failed(error, request))
        }
    }
}

fn start(
    world: &Arc<World>,
    request: &Request,
    parsed: &Parsed,
    session: &Session,
    version: u64,
) -> Result<QueryAnswer> {
    let StatementKind::Query(_) = &parsed.statement.kind else {
        return Err(Error::Refused {
            code: ErrorCode::BadRequest,
            message:
                "Only SELECT statements are supported by this endpoint; send other statements \
                      to the /ksql endpoint"
                    .to_owned(),
        });
    };
    let metastore = world.metastore_with_topics();
    let lookup = world.schema_lookup();
    let environment = Watched::new(world.services.surroundings());
    // Ids of push queries end in a random number, which leaves room for a sign.
    let number = world.services.random.next_u64() >> 1;
    let view = View {
        metastore: &metastore,
        properties: &session.properties,
        functions: &world.services.functions,
        schemas: &lookup,
        environment: &environment,
        next_query_number: number,
    };
    match view.plan(&parsed.statement)? {
        Planned::Pull(plan) => {
            let prepared = Arc::new(pull::prepare(*plan, &view, world)?);
            if !environment.was_asked() {
                world.plans.keep(request, version, &prepared);
            }
            pull::answer(world, &prepared)
        }
        Planned::Push(plan) => push::start(world, *plan, &parsed.statement.text, session),
        _ => Err(Error::Internal("a SELECT was planned as something else".to_owned())),
    }
}

/// Clock and randomness that note whether planning used them: such a plan holds for one moment and is
/// not kept.
#[derive(Debug)]
struct Watched {
    surroundings: Surroundings,
    asked: AtomicBool,
}

impl Watched {
    fn new(surroundings: Surroundings) -> Self {
        Self { surroundings, asked: AtomicBool::new(false) }
    }

    fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Environment for Watched {
    fn now_ms(&self) -> i64 {
        self.asked.store(true, Ordering::Relaxed);
        self.surroundings.now_ms()
    }

    fn random_u64(&self) -> u64 {
        self.asked.store(true, Ordering::Relaxed);
        self.surroundings.random_u64()
    }
}
