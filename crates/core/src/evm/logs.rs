//! Log queries: the bloom of an epoch decides whether its receipts are read at all.

use alloy_primitives::{Address, B256, Bloom, BloomInput, Log};

use super::error::ExecutionError;
use super::executor::Executor;
use super::record::EpochRecord;
use super::render::json::JsonWriter;
use super::render::log as write_log;
use crate::state::bytes::Take;
use crate::state::tables;
use crate::store::Range;

/// Which logs are asked for.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// First epoch.
    pub first: u64,
    /// Last epoch, inclusive.
    pub last: u64,
    /// Who emitted them; empty for anyone.
    pub addresses: Vec<Address>,
    /// What each topic may be; empty for anything.
    pub topics: Vec<Vec<B256>>,
    /// Most logs to return.
    pub limit: usize,
}

/// Epoch records read at once: about 150 KB.
const RECORDS_AT_ONCE: usize = 256;

impl LogQuery {
    /// Whether a log matches.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        let is_from = self.addresses.is_empty() || self.addresses.contains(&log.address);
        is_from
            && self.topics.len() <= log.topics().len()
            && self
                .topics
                .iter()
                .zip(log.topics())
                .all(|(allowed, topic)| allowed.is_empty() || allowed.contains(topic))
    }

    /// Whether a bloom leaves room for a match.
    #[must_use]
    pub fn may_match(&self, bloom: &Bloom) -> bool {
        let has = |bytes: &[u8]| bloom.contains_input(BloomInput::Raw(bytes));
        let addresses = self.addresses.is_empty()
            || self.addresses.iter().any(|address| has(address.as_slice()));
        addresses
            && self.topics.iter().all(|allowed| {
                allowed.is_empty() || allowed.iter().any(|topic| has(topic.as_slice()))
            })
    }
}

impl Executor {
    /// The logs that match, as `eth_getLogs` shows them.
    ///
    /// # Errors
    /// `TooManyLogs`; `Store`, `Damaged`.
    pub fn logs_json(&self, query: &LogQuery) -> Result<Vec<u8>, ExecutionError> {
        let mut json = JsonWriter::with_capacity(1024);
        let mut found = 0;
        let mut result = Ok(());
        json.array(|json| result = self.write_logs(json, query, &mut found));
        result.map(|()| json.into_bytes())
    }

    fn write_logs(
        &self,
        json: &mut JsonWriter,
        query: &LogQuery,
        found: &mut usize,
    ) -> Result<(), ExecutionError> {
        let mut next = query.first;
        let end = query.last.saturating_add(1);
        while next < end {
            let range =
                Range::between(next.to_be_bytes(), end.to_be_bytes()).limited(RECORDS_AT_ONCE);
            let rows = self.store.range(tables::EPOCHS, &range)?;
            let is_last = rows.len() < RECORDS_AT_ONCE;
            for (key, row) in rows {
                let record = EpochRecord::decode(&row)?;
                next = Take::new(&key, "epoch key").number()? + 1;
                if record.logs > 0 && query.may_match(&record.bloom) {
                    self.write_epoch_logs(json, query, next - 1, &record, found)?;
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    fn write_epoch_logs(
        &self,
        json: &mut JsonWriter,
        query: &LogQuery,
        epoch: u64,
        record: &EpochRecord,
        found: &mut usize,
    ) -> Result<(), ExecutionError> {
        for placed in self.placed_receipts(epoch, record)? {
            for (place, log) in placed.receipt.logs.iter().enumerate() {
                if !query.matches(log) {
                    continue;
                }
                *found += 1;
                if *found > query.limit {
                    let limit = query.limit as u64;
                    let complete_to = epoch.saturating_sub(1);
                    return Err(ExecutionError::TooManyLogs { limit, complete_to });
                }
                write_log(json, &placed, place as u64, log);
            }
        }
        Ok(())
    }
}
