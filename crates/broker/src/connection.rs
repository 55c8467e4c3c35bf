//! One client's connection: reads requests, has them handled in order, and sends the answers in the
//! same order.
//!
//! A request is handled before the next one is read, but its answer may still wait, for a sync for
//! instance: so a producer's requests share syncs without losing their order. The number of answers
//! under way is bounded; beyond it reading pauses, and TCP tells the client.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use types::seams::Clock;

use crate::context::{RequestContext, Session};
use crate::dispatch::{Call, dispatch};
use crate::wire::{Answer, Frame, FrameReader, parse_header};
use crate::{Broker, Error, Result, security};

/// Answers of one connection that may be under way at once.
const ANSWERS_MAX: usize = 64;

/// An answer in its place in the order, and the memory its request still takes.
type Queued = (Answer, OwnedSemaphorePermit);

/// Serves one client until it leaves, breaks the protocol or `session` must end; a reason worth
/// knowing is logged.
pub async fn serve<S>(broker: Arc<Broker>, stream: S, session: Session)
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let session = Arc::new(session);
    let open = &broker.metrics.connections;
    open.fetch_add(1, Ordering::Relaxed);
    let served = converse(&broker, stream, &session).await;
    open.fetch_sub(1, Ordering::Relaxed);
    let (connection, peer) = (session.id, session.peer);
    match served {
        Ok(()) => tracing::debug!(connection, %peer, "client left"),
        Err(Error::Connection(error)) => {
            tracing::debug!(connection, %peer, %error, "connection ended")
        }
        Err(error) => {
            broker.metrics.refused_frames.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(connection, %peer, %error, "connection closed");
        }
    }
}

async fn converse<S>(broker: &Arc<Broker>, stream: S, session: &Arc<Session>) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (reading, writing) = tokio::io::split(stream);
    let (answers, queue) = mpsc::channel(ANSWERS_MAX);
    // When the reader ends in order, the answers under way are still sent.
    tokio::try_join!(read_requests(broker, reading, session, answers), send(writing, queue))?;
    Ok(())
}

async fn read_requests<R: AsyncRead>(
    broker: &Arc<Broker>,
    stream: ReadHalf<R>,
    session: &Arc<Session>,
    answers: mpsc::Sender<Queued>,
) -> Result<()> {
    let mut frames = FrameReader::new(stream, Arc::clone(&broker.request_memory));
    let bytes_max = || security::request_bytes_max(broker, session);
    while let Some(Frame { bytes, memory }) = frames.next(bytes_max()).await? {
        session.hold_back.wait(broker.clock.as_ref()).await;
        let answer = handle(broker, session, bytes).await?;
        let is_last = matches!(answer, Answer::Last(_));
        if answers.send((answer, memory)).await.is_err() || is_last {
            break;
        }
    }
    Ok(())
}

async fn handle(broker: &Arc<Broker>, session: &Arc<Session>, mut frame: Bytes) -> Result<Answer> {
    if let Some(answer) = security::take_raw_token(broker, session, &frame).await {
        return answer;
    }
    let header = parse_header(&mut frame)?;
    broker.metrics.requests.fetch_add(1, Ordering::Relaxed);
    let context = RequestContext {
        api_key: header.api_key,
        version: header.version,
        correlation_id: header.correlation_id,
        client_id: header.client_id,
        session: Arc::clone(session),
    };
    let context = Arc::new(context);
    let call = Call { broker: Arc::clone(broker), context: Arc::clone(&context), body: frame };
    if !broker.security.times_requests() {
        return dispatch(call).await;
    }
    let (answer, busy) = timed(broker.clock.as_ref(), dispatch(call)).await;
    broker.security.worked(&context, busy);
    answer
}

/// What `work` gives, and how long it kept its thread busy.
async fn timed<F: Future>(clock: &dyn Clock, work: F) -> (F::Output, Duration) {
    let mut work = pin!(work);
    let mut busy = Duration::ZERO;
    let output = poll_fn(|context| {
        let began = clock.monotonic();
        let polled = work.as_mut().poll(context);
        busy += clock.monotonic().saturating_sub(began);
        polled
    });
    (output.await, busy)
}

async fn send<W: AsyncWrite>(
    mut stream: WriteHalf<W>,
    mut queue: mpsc::Receiver<Queued>,
) -> Result<()> {
    while let Some((answer, memory)) = queue.recv().await {
        let mut frame = match answer {
            Answer::Ready(frame) | Answer::Last(frame) => frame,
            Answer::Later(frame) => frame.await?,
            Answer::Silent => continue,
        };
        drop(memory);
        stream.write_all_buf(&mut frame).await?;
    }
    stream.shutdown().await?;
    Ok(())
}
