//! Log queries: the bloom of an epoch decides whether its receipts are read at all.

use std::ops;
use std::sync::Arc;

use alloy_primitives::{Address, B256, Bloom, BloomInput, Log};

use super::error::ExecutionError;
use super::executor::Executor;
use super::record::EpochRecord;
use super::render::cache::EpochLogs;
use super::render::json::JsonWriter;
use super::render::log as write_log;
use crate::crypto::keccak256;
use crate::state::bytes::Take;
use crate::state::tables;
use crate::store::Range;

/// Which logs are asked for.
#[derive(Clone, Debug)]
pub struct LogQuery {
    first: u64,
    last: u64,
    /// In order, so that a look-up among many is short.
    addresses: Vec<Address>,
    /// Each in order.
    topics: Vec<Vec<B256>>,
    limit: usize,
}

/// Epochs that `logs_at_hand` looks at: it answers within a millisecond.
const EPOCHS_AT_HAND_MAX: u64 = 16;
/// Epoch records read at once: about 150 KB.
const RECORDS_AT_ONCE: usize = 256;

impl LogQuery {
    /// Asks for at most `limit` logs of epochs `first` to `last`, inclusive, that one of `addresses`
    /// emitted and whose topics are among those of the same place; an empty list stands for any.
    #[must_use]
    pub fn new(
        (first, last): (u64, u64),
        mut addresses: Vec<Address>,
        mut topics: Vec<Vec<B256>>,
        limit: usize,
    ) -> Self {
        addresses.sort_unstable();
        topics
            .iter_mut()
            .for_each(|allowed| allowed.sort_unstable());
        Self {
            first,
            last,
            addresses,
            topics,
            limit,
        }
    }

    /// Whether a log matches.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        let topics = log.topics();
        is_among(&self.addresses, &log.address)
            && self.topics.len() <= topics.len()
            && self
                .topics
                .iter()
                .zip(topics)
                .all(|(allowed, topic)| is_among(allowed, topic))
    }

    /// What a bloom must leave room for: one of each group, hashed once for all epochs.
    fn bloom_inputs(&self) -> Vec<Vec<B256>> {
        let addresses = self.addresses.iter().map(keccak256).collect();
        let topics = self.topics.iter();
        let topics = topics.map(|allowed| allowed.iter().map(keccak256).collect());
        std::iter::once(addresses)
            .chain(topics)
            .filter(|group: &Vec<B256>| !group.is_empty())
            .collect()
    }
}

/// Whether `found` is one of `allowed`, which are in order, or nothing was asked.
fn is_among<T: Ord>(allowed: &[T], found: &T) -> bool {
    allowed.is_empty() || allowed.binary_search(found).is_ok()
}

/// Whether a bloom leaves room for a match.
fn may_match(sought: &[Vec<B256>], bloom: &Bloom) -> bool {
    let has = |hash: &B256| bloom.contains_input(BloomInput::Hash(*hash));
    sought.iter().all(|group| group.iter().any(has))
}

impl Executor {
    /// The logs that match, as `eth_getLogs` shows them.
    ///
    /// # Errors
    /// `TooManyLogs`; `Store`, `Damaged`.
    pub fn logs_json(&self, query: &LogQuery) -> Result<Vec<u8>, ExecutionError> {
        let mut tally = Tally::new(query);
        let mut result = Ok(());
        let mut json = JsonWriter::with_capacity(1024);
        json.array(|json| result = self.write_logs(json, &mut tally));
        result.map(|()| json.into_bytes())
    }

    /// What `logs_json` gives, if the logs of all the epochs are at hand, and those are few.
    ///
    /// # Errors
    /// `TooManyLogs`.
    pub fn logs_at_hand(&self, query: &LogQuery) -> Result<Option<LogsAtHand>, ExecutionError> {
        if query.last.saturating_sub(query.first) >= EPOCHS_AT_HAND_MAX {
            return Ok(None);
        }
        let epochs: Option<Vec<_>> = (query.first..=query.last)
            .map(|epoch| Some((epoch, self.rendered.get_logs(epoch)?)))
            .collect();
        let Some(epochs) = epochs else {
            return Ok(None);
        };
        let mut tally = Tally::new(query);
        let mut pieces = Vec::with_capacity(epochs.len());
        for (epoch, logs) in epochs {
            let runs = tally.runs(epoch, &logs)?;
            if !runs.is_empty() {
                pieces.push((logs, runs));
            }
        }
        Ok(Some(LogsAtHand { pieces }))
    }

    fn write_logs(
        &self,
        json: &mut JsonWriter,
        tally: &mut Tally<'_>,
    ) -> Result<(), ExecutionError> {
        let query = tally.query;
        let sought = query.bloom_inputs();
        let mut next = query.first;
        let end = query.last.saturating_add(1);
        while next < end {
            let range =
                Range::between(next.to_be_bytes(), end.to_be_bytes()).limited(RECORDS_AT_ONCE);
            let generation = self.rendered.generation();
            let rows = self.store.range(tables::EPOCHS, &range)?;
            let is_last = rows.len() < RECORDS_AT_ONCE;
            for (key, row) in rows {
                let record = EpochRecord::decode(&row)?;
                next = Take::new(&key, "epoch key").number()? + 1;
                if record.logs == 0 || may_match(&sought, &record.bloom) {
                    let logs = self.epoch_logs(generation, next - 1)?;
                    tally.write(json, next - 1, &logs)?;
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// All logs of an epoch, from memory or read now and kept.
    fn epoch_logs(&self, generation: u64, number: u64) -> Result<Arc<EpochLogs>, ExecutionError> {
        if let Some(logs) = self.rendered.get_logs(number) {
            return Ok(logs);
        }
        // One that was undone in between has no logs, and nothing of it is kept.
        let epoch = self.kept(number)?;
        let count = epoch.as_ref().map_or(0, |epoch| epoch.record.logs as usize);
        let mut logs = Vec::with_capacity(count);
        let mut json = JsonWriter::with_capacity(count * 650);
        if let Some(epoch) = epoch.filter(|_| count > 0) {
            for placed in epoch.receipts()? {
                for (place, log) in placed.receipt.logs.iter().enumerate() {
                    write_log(&mut json, &placed, place as u64, log);
                    logs.push((log.clone(), json.length()));
                }
            }
        }
        let json = json.into_bytes();
        let logs = Arc::new(EpochLogs { json, logs });
        self.rendered.keep_logs(generation, number, &logs);
        Ok(logs)
    }
}

/// How many logs of a query were found so far.
struct Tally<'a> {
    query: &'a LogQuery,
    count: usize,
}

impl<'a> Tally<'a> {
    fn new(query: &'a LogQuery) -> Self {
        Self { query, count: 0 }
    }

    /// Writes those of an epoch's logs that match.
    fn write(
        &mut self,
        json: &mut JsonWriter,
        epoch: u64,
        all: &EpochLogs,
    ) -> Result<(), ExecutionError> {
        for run in self.runs(epoch, all)? {
            json.ready(&all.json[run]);
        }
        Ok(())
    }

    /// Where those of an epoch's logs that match stand in its JSON; neighbours are one run.
    fn runs(
        &mut self,
        epoch: u64,
        all: &EpochLogs,
    ) -> Result<Vec<ops::Range<usize>>, ExecutionError> {
        let mut runs: Vec<ops::Range<usize>> = Vec::new();
        let mut begin = 0;
        for (log, end) in &all.logs {
            if self.query.matches(log) {
                self.count += 1;
                if self.count > self.query.limit {
                    return Err(ExecutionError::TooManyLogs {
                        limit: self.query.limit as u64,
                        complete_to: epoch.saturating_sub(1),
                    });
                }
                match runs.last_mut() {
                    // A comma stands between.
                    Some(run) if run.end + 1 == begin => run.end = *end,
                    _ => runs.push(begin..*end),
                }
            }
            begin = end + 1;
        }
        Ok(runs)
    }
}

/// Logs that match, to be copied once: straight to where they are sent from.
#[derive(Debug)]
pub struct LogsAtHand {
    pieces: Vec<(Arc<EpochLogs>, Vec<ops::Range<usize>>)>,
}

impl LogsAtHand {
    /// How many bytes of JSON they are.
    #[must_use]
    pub fn length(&self) -> usize {
        let runs = || self.pieces.iter().flat_map(|(_, runs)| runs);
        let commas = runs().count().saturating_sub(1);
        2 + commas + runs().map(ExactSizeIterator::len).sum::<usize>()
    }

    /// Writes them as a JSON array.
    ///
    /// # Panics
    /// If `out` is not `length` bytes long.
    pub fn write(&self, out: &mut [u8]) {
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            out[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        let mut before: &[u8] = b"[";
        for (logs, runs) in &self.pieces {
            for run in runs {
                put(before);
                put(&logs.json[run.clone()]);
                before = b",";
            }
        }
        put(if self.pieces.is_empty() { b"[]" } else { b"]" });
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::LogData;

    use super::*;

    #[test]
    fn alternatives_may_come_in_any_order() {
        let word = B256::repeat_byte;
        let topics = vec![vec![word(9), word(3), word(5)], Vec::new()];
        let addresses = vec![Address::repeat_byte(8), Address::repeat_byte(2)];
        let query = LogQuery::new((0, 9), addresses, topics, 5);
        let log = |address, topics: &[u8]| Log {
            address: Address::repeat_byte(address),
            data: LogData::new_unchecked(topics.iter().map(|t| word(*t)).collect(), [].into()),
        };
        for topic in [3, 5, 9] {
            assert!(query.matches(&log(2, &[topic, 7])) && query.matches(&log(8, &[topic, 7])));
        }
        assert!(!query.matches(&log(5, &[3, 7])), "another address");
        assert!(!query.matches(&log(2, &[4, 7])), "another topic");
        assert!(
            !query.matches(&log(2, &[3])),
            "fewer topics than asked about"
        );
    }
}
