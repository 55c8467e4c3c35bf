//! When partitions are due, moment by moment.

use super::*;

const SEGMENT_MS: i64 = 10_000;

fn config() -> TopicConfig {
    TopicConfig { segment_ms_max: SEGMENT_MS, ..TopicConfig::default().compacted() }
}

/// Segments of 100 bytes and 10 offsets, one per time given; the time is that of all their records.
fn partition(cleaned_end: i64, times: &[i64]) -> checkpoint::Partition {
    let segment = |(number, time_ms): (usize, &i64)| Segment {
        end: (number as i64 + 1) * 10,
        length: 100,
        first_timestamp_ms: *time_ms,
        max_timestamp_ms: *time_ms,
        ..Segment::new(FileId(number as u64 + 1), number as i64 * 10)
    };
    let segments: Vec<Segment> = times.iter().enumerate().map(segment).collect();
    let flushed_end = segments.last().map_or(0, |last| last.end);
    let segments = segments.into();
    checkpoint::Partition { cleaned_end, flushed_end, segments, ..Default::default() }
}

fn verdict(config: &TopicConfig, partition: &checkpoint::Partition, now_ms: i64) -> Verdict {
    View::of_saved(config, partition, now_ms).verdict()
}

fn due(segments: usize) -> Verdict {
    Verdict::Due { segments, end: segments as i64 * 10 }
}

#[test]
fn nothing_is_due_where_nothing_is() {
    assert_eq!(verdict(&config(), &partition(0, &[]), 0), Verdict::Later(None));
    let clean = partition(20, &[0, 0]);
    assert_eq!(verdict(&config(), &clean, i64::MAX), Verdict::Later(None));
}

#[test]
fn the_last_segment_is_due_when_its_time_is_over() {
    let one = partition(0, &[5]);
    let over_ms = 5 + SEGMENT_MS + 1;
    assert_eq!(verdict(&config(), &one, 5), Verdict::Later(Some(over_ms)));
    assert_eq!(verdict(&config(), &one, over_ms - 1), Verdict::Later(Some(over_ms)));
    assert_eq!(verdict(&config(), &one, over_ms), due(1));
    let forever = TopicConfig { segment_ms_max: i64::MAX, ..config() };
    assert_eq!(verdict(&forever, &one, i64::MAX - 1), Verdict::Later(Some(i64::MAX)));
}

#[test]
fn enough_has_to_be_dirty() {
    // Of the three that have ended the first is clean.
    let third = partition(10, &[0, 0, 0, 0]);
    let wanting = |ratio| TopicConfig { min_cleanable_ratio: ratio, ..config() };
    assert_eq!(verdict(&wanting(0.6), &third, 0), due(3));
    assert_eq!(verdict(&wanting(0.7), &third, 0), Verdict::Later(Some(SEGMENT_MS + 1)));
    assert_eq!(verdict(&wanting(0.0), &third, 0), due(3));
    let all = partition(0, &[0, 0]);
    let never = verdict(&wanting(1.0), &all, 0);
    assert_eq!(never, Verdict::Later(Some(SEGMENT_MS + 1)), "more than all is never dirty");
}

#[test]
fn what_is_too_old_is_due_however_little_it_is() {
    let lag = |lag_ms| TopicConfig {
        min_cleanable_ratio: 1.0,
        compaction_lag_ms_max: Some(lag_ms),
        ..config()
    };
    let half = partition(10, &[0, 100, 200]);
    assert_eq!(verdict(&lag(1_000), &half, 1_100), Verdict::Later(Some(1_101)));
    assert_eq!(verdict(&lag(1_000), &half, 1_101), due(2));
    assert_eq!(verdict(&lag(1_000), &half, 1_201), due(3), "the last one ends by it too");
}

#[test]
fn what_is_young_stays_with_all_behind_it() {
    let lag = TopicConfig { compaction_lag_ms_min: 1_000, ..config() };
    let mixed = partition(0, &[0, 500, 0, 0]);
    assert_eq!(verdict(&lag, &mixed, 999), Verdict::Later(Some(1_001)));
    assert_eq!(verdict(&lag, &mixed, 1_001), due(1));
    assert_eq!(verdict(&lag, &mixed, 1_500), due(3));
}

#[test]
fn the_future_is_compacted_unless_there_is_a_least_lag() {
    let future = partition(0, &[1_000_000, 1_000_000]);
    assert_eq!(verdict(&config(), &future, 0), due(1));
    let lag = TopicConfig { compaction_lag_ms_min: 1, ..config() };
    assert_eq!(verdict(&lag, &future, 0), Verdict::Later(Some(1_000_002)));
}
