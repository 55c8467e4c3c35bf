//! Opens a task: builds its operators, creates its stores, places its sources.

use std::sync::Arc;

use plan::physical::{Changelog, Operator as PlanOperator, Plan, StoreKind, SubTopology};
use state::{KeyIndex, Store, StoreId, WindowedStore};
use types::{Offset, TopicPartition};

use super::{ChangelogState, Restoration, Task};
use crate::context::Reporter;
use crate::operator::{Operator, Site, build};
use crate::row_codec::ROW_FORMAT;
use crate::shares::Shares;
use crate::source::{RowDecoder, Source};
use crate::stores::{Stores, TaskStore};
use crate::topology::{self, Spread};
use crate::{Error, QueryOptions, Result, RowSender, Services};

/// Which task to open.
#[derive(Clone, Debug)]
pub(crate) struct TaskSpec {
    /// The query's plan.
    pub plan: Arc<Plan>,
    /// Index of the sub-topology.
    pub sub_topology: usize,
    /// Number of the task, which is its partition.
    pub partition: i32,
    /// How the sub-topology spreads.
    pub spread: Spread,
    /// The query's options.
    pub options: QueryOptions,
    /// Where problems go.
    pub reporter: Reporter,
    /// Where a Return node hands its rows.
    pub rows: Option<RowSender>,
    /// What it shares with other tasks.
    pub shares: Shares,
}

/// For each node, who takes its rows: node and number of the input.
type Followers = Vec<Vec<(usize, usize)>>;

impl TaskSpec {
    /// The partitions the task reads, with the node that reads each.
    pub fn partitions(&self, services: &Services) -> Vec<(usize, TopicPartition)> {
        topology::task_partitions(
            &self.plan,
            self.sub_topology,
            &self.spread,
            self.partition,
            services.log.as_ref(),
        )
    }

    /// Opens the task and restores its state.
    pub fn open(&self, services: &Services) -> Result<Task> {
        let mut task = self.build(services)?;
        while !task.restore_step(services)? {}
        Ok(task)
    }

    /// The task, whose state must be restored ([`Task::restore_step`]) before it is used.
    pub fn build(&self, services: &Services) -> Result<Task> {
        let plan = Arc::clone(&self.plan);
        let sub_topology = &plan.sub_topologies[self.sub_topology];
        let (operators, followers) = self.operators(sub_topology, services)?;
        let is_return = |operator: &PlanOperator| matches!(operator, PlanOperator::Return);
        let has_return = sub_topology.nodes.iter().any(|node| is_return(&node.operator));
        let sources = self.sources(services)?;
        let mut task = Task {
            sub_topology: self.sub_topology,
            partition: self.partition,
            operators,
            followers,
            committed: sources.iter().map(Source::position).collect(),
            sources,
            stores: self.stores(services)?,
            changelogs: Vec::new(),
            options: self.options.clone(),
            reporter: self.reporter.clone(),
            surroundings: services.surroundings(),
            log: Arc::clone(&services.log),
            group: plan.application_id.as_str().into(),
            caches: Arc::clone(&self.shares.caches),
            held_bytes: 0,
            last_commit: None,
            sequences: None,
            restoration: Restoration::default(),
            reader: None,
            rows: has_return.then(|| self.rows.clone()).flatten(),
            plan: Arc::clone(&plan),
        };
        task.changelogs = self.changelogs(&task);
        Ok(task)
    }

    fn operators(
        &self,
        sub_topology: &SubTopology,
        services: &Services,
    ) -> Result<(Vec<Box<dyn Operator>>, Followers)> {
        let count = sub_topology.nodes.len();
        let mut followers = vec![Vec::new(); count];
        let mut operators = Vec::with_capacity(count);
        for (index, node) in sub_topology.nodes.iter().enumerate() {
            let rows = self.rows.as_ref();
            operators.push(build(&Site { sub_topology, index, services, rows })?);
            for (number, input) in node.inputs.iter().enumerate() {
                if *input >= index {
                    return Err(Error::Plan(format!("{} stands before its input", node.name)));
                }
                followers[*input].push((index, number));
            }
        }
        Ok((operators, followers))
    }

    fn sources(&self, services: &Services) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for (index, partition) in self.partitions(services) {
            let node = &self.plan.sub_topologies[self.sub_topology].nodes[index];
            let PlanOperator::Read(read) = &node.operator else { continue };
            let from = topology::start(
                read,
                node.layout.kind,
                &partition,
                &self.plan.application_id,
                &self.options,
                services.log.as_ref(),
            )?;
            let decoder = RowDecoder::try_new(node, read, services)?;
            let log = Arc::clone(&services.log);
            let shared = self.shares.decodes.join(node, read, &partition);
            let is_external = read.source.is_some();
            let source = Source::new(index, partition, is_external, log, decoder, from);
            sources.push(source.sharing(shared));
        }
        Ok(sources)
    }

    fn stores(&self, services: &Services) -> Result<Stores> {
        let mut stores = Stores::default();
        stores.by_index.resize_with(self.plan.stores.len(), || None);
        for index in topology::stores(&self.plan, self.sub_topology) {
            let found = self.plan.stores.get(index);
            let found = found.ok_or_else(|| Error::Plan(format!("there is no store {index}")))?;
            let id = StoreId::new(&self.plan.application_id, &found.name, self.partition);
            let backend = Arc::clone(&services.state);
            let store = Store::new(id, ROW_FORMAT, backend, self.options.cache_bytes_max)
                .with_budget(Arc::clone(&self.shares.caches));
            stores.by_index[index] = Some(match found.kind {
                StoreKind::KeyValue => TaskStore::Table(store),
                StoreKind::Window { .. } | StoreKind::Session { .. } | StoreKind::Buffer { .. } => {
                    TaskStore::Windowed(WindowedStore::new(store))
                }
                StoreKind::ForeignKeyIndex => TaskStore::Index(KeyIndex::new(store)),
            });
        }
        Ok(stores)
    }

    fn changelogs(&self, task: &Task) -> Vec<ChangelogState> {
        let stores = topology::stores(&self.plan, self.sub_topology).into_iter();
        stores.map(|store| self.changelog(store, task)).collect()
    }

    fn changelog(&self, store: usize, task: &Task) -> ChangelogState {
        let (partition, sources) = match &self.plan.stores[store].changelog {
            Changelog::Topic(topic) => {
                (Some(TopicPartition::new(topic.as_str(), self.partition)), Vec::new())
            }
            Changelog::Source(_) => {
                let reads_it = |index: &usize| self.reads_store(task.sources[*index].node, store);
                (None, (0..task.sources.len()).filter(reads_it).collect())
            }
        };
        ChangelogState { store, partition, next: Offset::ZERO, sources }
    }

    fn reads_store(&self, node: usize, store: usize) -> bool {
        match &self.plan.sub_topologies[self.sub_topology].nodes[node].operator {
            PlanOperator::Read(read) => read.store == Some(store),
            _ => false,
        }
    }
}
