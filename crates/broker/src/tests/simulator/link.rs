//! A client's connection that may break at any time, and the way back.

use std::time::Duration;

use kafka_protocol::protocol::Request;
use testkit::random::SeededRandom;

use super::world::World;
use crate::tests::harness::Client;

/// How long a request or an answer is under way at most.
const DELAY_MS_MAX: u64 = 6;
/// How long a client waits for an answer before it takes the connection for broken.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);

/// One connection. Once broken it stays so.
pub(super) struct Link {
    client: Client,
    random: SeededRandom,
}

/// The connection broke; whether the request was carried out is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl Link {
    pub(super) fn new(client: Client, random: SeededRandom) -> Self {
        Self { client, random }
    }

    /// Sends `request` and waits for the answer.
    pub(super) async fn ask<Q: Request>(
        &mut self,
        version: i16,
        request: Q,
    ) -> Result<Q::Response, Broken> {
        let id = self.send(version, &request).await?;
        self.receive::<Q>(version, id).await
    }

    /// Sends `request` only.
    pub(super) async fn send<Q: Request>(
        &mut self,
        version: i16,
        request: &Q,
    ) -> Result<i32, Broken> {
        self.delay().await;
        self.client.try_send(version, request).await.map_err(|_| Broken)
    }

    /// Waits for the answer to the request that was sent with `id`.
    pub(super) async fn receive<Q: Request>(
        &mut self,
        version: i16,
        id: i32,
    ) -> Result<Q::Response, Broken> {
        let answer = self.client.try_receive::<Q>(version, id);
        let answer = tokio::time::timeout(ANSWER_PATIENCE, answer).await;
        let answer = answer.map_err(|_| Broken)?.map_err(|_| Broken)?;
        self.delay().await;
        Ok(answer)
    }

    async fn delay(&self) {
        tokio::time::sleep(Duration::from_millis(self.random.below(DELAY_MS_MAX))).await;
    }
}

/// A client's way to the broker: one connection at a time, renewed when it breaks.
pub(super) struct Way<'a> {
    world: &'a World,
    link: Option<Link>,
}

impl<'a> Way<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, link: None }
    }

    /// The connection, a new one if the last one broke.
    pub(super) fn link(&mut self) -> &mut Link {
        self.link.get_or_insert_with(|| self.world.connect())
    }

    /// Gives up the connection.
    pub(super) async fn hang_up(&mut self) {
        self.link = None;
        pause().await;
    }

    /// Asks until there is an answer, whatever it says. The request must bear being carried out twice.
    pub(super) async fn insist<Q: Request + Clone>(
        &mut self,
        version: i16,
        request: Q,
    ) -> Q::Response {
        loop {
            match self.link().ask(version, request.clone()).await {
                Ok(answer) => return answer,
                Err(Broken) => self.hang_up().await,
            }
        }
    }
}

/// The wait before something is tried again.
pub(super) async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}
