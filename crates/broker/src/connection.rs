//! One client's connection: reads requests, has them handled in order, and sends the answers in the
//! same order.
//!
//! A request is handled before the next one is read, but its answer may still wait, for a sync for
//! instance: so a producer's requests share syncs without losing their order. The number of answers
//! under way is bounded; beyond it reading pauses, and TCP tells the client.
//!
//! When the client sends no more, or the server stops, what is under way is still answered; waiting
//! fetches are answered with what there is. A client that is silent, or does not read its answers, for
//! `connections.max.idle.ms` is left.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use types::seams::Clock;

use crate::context::{RequestContext, Session};
use crate::dispatch::{Call, dispatch};
use crate::wire::{Answer, Frame, FrameReader, Outgoing, parse_header};
use crate::{Broker, Error, Result, security};

/// Answers of one connection that may be under way at once.
const ANSWERS_MAX: usize = 64;
/// How long a client may be silent.
const IDLE_MAX: &str = "connections.max.idle.ms";

/// What the two directions of one connection share.
struct Connection {
    broker: Arc<Broker>,
    session: Arc<Session>,
    /// Requests that are read and whose answers are not sent.
    under_way: AtomicUsize,
    /// `connections.max.idle.ms`; `None`: for ever.
    idle_max: Option<Duration>,
}

/// Serves one client until it leaves, breaks the protocol, or `stop` is over; a reason worth knowing
/// is logged.
pub async fn serve<S>(
    broker: Arc<Broker>,
    stream: S,
    session: Session,
    stop: impl Future<Output = ()>,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin,
{
    let connection = Connection {
        idle_max: u64::try_from(broker.settings.number(IDLE_MAX)).map(Duration::from_millis).ok(),
        session: Arc::new(session),
        under_way: AtomicUsize::new(0),
        broker,
    };
    let open = &connection.broker.metrics.connections;
    open.fetch_add(1, Ordering::Relaxed);
    let stopping = async {
        stop.await;
        connection.session.ending.announce();
        // The conversation ends by itself.
        std::future::pending().await
    };
    let served = tokio::select! {
        biased;
        served = connection.converse(stream) => served,
        never = stopping => never,
    };
    open.fetch_sub(1, Ordering::Relaxed);
    connection.log_end(served);
}

impl Connection {
    fn log_end(&self, served: Result<()>) {
        let (connection, peer) = (self.session.id, self.session.peer);
        match served {
            Ok(()) => tracing::debug!(connection, %peer, "client left"),
            Err(Error::Connection(error)) => {
                tracing::debug!(connection, %peer, %error, "connection ended");
            }
            Err(error @ Error::Unacknowledged(_)) => {
                tracing::info!(connection, %peer, %error, "connection closed");
            }
            Err(error) => {
                self.broker.metrics.refused_frames.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(connection, %peer, %error, "connection closed");
            }
        }
    }

    async fn converse<S>(&self, stream: S) -> Result<()>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let (reading, writing) = tokio::io::split(stream);
        let (answers, queue) = mpsc::channel(ANSWERS_MAX);
        // When the reader ends in order, the answers under way are still sent.
        tokio::try_join!(self.read(reading, answers), self.send(writing, queue))?;
        Ok(())
    }

    async fn read<R: AsyncRead>(
        &self,
        stream: ReadHalf<R>,
        answers: mpsc::Sender<Answer>,
    ) -> Result<()> {
        let Self { broker, session, .. } = self;
        let mut frames = FrameReader::new(stream, Arc::clone(&broker.request_memory));
        while let Some(frame) = self.next(&mut frames).await? {
            tokio::select! {
                () = session.hold_back.wait(broker.clock.as_ref()) => {}
                () = session.ending.comes() => {}
            }
            let answer = handle(broker, session, frame).await?;
            let is_last = matches!(answer, Answer::Last(_));
            self.under_way.fetch_add(1, Ordering::Relaxed);
            if answers.send(answer).await.is_err() || is_last {
                break;
            }
        }
        session.ending.announce();
        Ok(())
    }

    /// The next request; `None` when no more are wanted or to be expected.
    async fn next<R: AsyncRead + Unpin>(
        &self,
        frames: &mut FrameReader<R>,
    ) -> Result<Option<Frame>> {
        let bytes_max = security::request_bytes_max(&self.broker, &self.session);
        let mut next = pin!(frames.next(bytes_max));
        loop {
            tokio::select! {
                biased;
                () = self.session.ending.comes() => return Ok(None),
                frame = &mut next => return frame,
                () = pause(self.idle_max) => {
                    // Who waits for an answer is not idle.
                    if self.under_way.load(Ordering::Relaxed) == 0 {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn send<W: AsyncWrite>(
        &self,
        mut stream: WriteHalf<W>,
        mut queue: mpsc::Receiver<Answer>,
    ) -> Result<()> {
        while let Some(answer) = queue.recv().await {
            match answer {
                Answer::Ready(frame) | Answer::Last(frame) => {
                    self.write(&mut stream, frame).await?
                }
                Answer::Later(frame) => self.write(&mut stream, frame.await?).await?,
                Answer::Silent => {}
            }
            self.under_way.fetch_sub(1, Ordering::Relaxed);
        }
        stream.shutdown().await?;
        Ok(())
    }

    async fn write<W: AsyncWrite>(
        &self,
        stream: &mut WriteHalf<W>,
        mut frame: Outgoing,
    ) -> Result<()> {
        while frame.has_remaining() {
            tokio::select! {
                biased;
                written = stream.write_buf(&mut frame) => {
                    if written? == 0 {
                        return Err(Error::Connection(std::io::ErrorKind::WriteZero.into()));
                    }
                }
                () = pause(self.idle_max) => {
                    return Err(Error::Connection(std::io::ErrorKind::TimedOut.into()));
                }
            }
        }
        Ok(())
    }
}

async fn pause(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

async fn handle(broker: &Arc<Broker>, session: &Arc<Session>, frame: Frame) -> Result<Answer> {
    let Frame { bytes: mut body, memory } = frame;
    if let Some(answer) = security::take_raw_token(broker, session, &body).await {
        return answer;
    }
    let header = parse_header(&mut body)?;
    broker.metrics.requests.fetch_add(1, Ordering::Relaxed);
    let context = RequestContext {
        api_key: header.api_key,
        version: header.version,
        correlation_id: header.correlation_id,
        client_id: header.client_id,
        session: Arc::clone(session),
    };
    let context = Arc::new(context);
    let call = Call { broker: Arc::clone(broker), context: Arc::clone(&context), body, memory };
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
