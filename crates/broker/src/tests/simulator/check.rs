//! What must hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use types::TopicPartition;

use super::group;
use super::ledger::{Ending, Ledger, Told};
use super::link::Way;
use super::reader::{Reader, Stopped, partitions};
use super::world::World;

/// The records of a partition: values by offset.
type Contents = BTreeMap<i64, String>;

/// Compares what the log holds with what the clients were told.
pub(super) async fn run(world: &World, ledger: &Ledger) -> Result<(), String> {
    let mut way = Way::new(world);
    let mut counted: BTreeMap<TopicPartition, Contents> = BTreeMap::new();
    for at in partitions() {
        let (all, _) = contents(&mut way, &at, false).await?;
        let (committed, reader) = contents(&mut way, &at, true).await?;
        if reader.last_stable != reader.high_watermark {
            return Err(format!(
                "{at}: a transaction still holds {} of {}",
                reader.last_stable, reader.high_watermark
            ));
        }
        let told = ledger.told();
        stays_seen(&told.seen, &at, &all)?;
        stays_seen(&told.seen_committed, &at, &committed)?;
        produced_once(&told, &at, &all)?;
        counted.insert(at, committed);
    }
    transactions_whole(&ledger.told(), &counted)?;
    let floors = ledger.told().committed.clone();
    for ((name, at), floor) in floors {
        let offset = group::committed(&mut way, &name, &at).await;
        let offset = offset.map_err(|_| format!("cannot fetch the offset of {name}"))?;
        if offset < floor {
            return Err(format!("{name}: offset of {at} is {offset}, {floor} was acknowledged"));
        }
    }
    Ok(())
}

async fn contents(
    way: &mut Way<'_>,
    at: &TopicPartition,
    is_committed: bool,
) -> Result<(Contents, Reader), String> {
    let mut reader = Reader::new(at.clone(), is_committed);
    let mut contents = Contents::new();
    loop {
        match reader.read(way).await {
            Ok(records) => contents.extend(records),
            Err(Stopped::Broken) => return Err(format!("{at}: the connection broke")),
            Err(Stopped::Wrong(problem)) => return Err(problem),
        }
        if reader.is_at_end() {
            return Ok((contents, reader));
        }
    }
}

fn stays_seen(
    seen: &BTreeMap<(TopicPartition, i64), String>,
    at: &TopicPartition,
    contents: &Contents,
) -> Result<(), String> {
    for ((_, offset), value) in seen.iter().filter(|((partition, _), _)| partition == at) {
        if contents.get(offset) != Some(value) {
            return Err(format!(
                "{at}: a reader saw '{value}' at {offset}, now there is {:?}",
                contents.get(offset)
            ));
        }
    }
    Ok(())
}

fn produced_once(told: &Told, at: &TopicPartition, contents: &Contents) -> Result<(), String> {
    for (producer, values) in told.produced.get(at).into_iter().flatten() {
        let prefix = format!("{producer}:");
        let stored: Vec<(&String, i64)> = contents
            .iter()
            .filter(|(_, value)| value.starts_with(&prefix))
            .map(|(offset, value)| (value, *offset))
            .collect();
        let expected: Vec<(&String, i64)> =
            values.iter().map(|(value, offset)| (value, *offset)).collect();
        if stored != expected {
            let differs = stored.iter().zip(&expected).find(|(stored, told)| stored != told);
            return Err(format!(
                "{at}: {producer} was told {} records, {} are there; first difference {differs:?}",
                expected.len(),
                stored.len()
            ));
        }
    }
    Ok(())
}

fn transactions_whole(
    told: &Told,
    counted: &BTreeMap<TopicPartition, Contents>,
) -> Result<(), String> {
    let mut times: BTreeMap<(&TopicPartition, &String), usize> = BTreeMap::new();
    for (at, contents) in counted {
        for value in contents.values() {
            *times.entry((at, value)).or_default() += 1;
        }
    }
    for (values, ending) in &told.transactions {
        let count = |(at, value)| times.get(&(at, value)).copied().unwrap_or(0);
        let all =
            values.iter().flat_map(|(at, values)| values.iter().map(move |value| (at, value)));
        let counts: BTreeSet<usize> = all.map(count).collect();
        let is_right = match ending {
            Ending::Committed => counts.iter().eq([1].iter()),
            Ending::Aborted => counts.iter().eq([0].iter()),
            Ending::Unknown => counts.len() == 1 && counts.iter().all(|count| *count <= 1),
        };
        if !is_right {
            return Err(format!("{ending:?} transaction {values:?} is there {counts:?} times"));
        }
    }
    Ok(())
}
