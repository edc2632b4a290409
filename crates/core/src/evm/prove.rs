//! Proofs of what the state holds, or held after an epoch of the present window.
//!
//! The commitment stands at the head. For an earlier epoch its delta is taken back, change by
//! change, and brought forward again when the proof is made: I and S are the same all through a
//! window. That costs what changed since, and others wait for the commitment meanwhile, so it is
//! bounded; nothing is kept for it.

use alloy_primitives::{Address, U256};

use super::error::ExecutionError;
use super::executor::Executor;
use crate::state::commitment::proof::{StateProof, prove};
use crate::state::commitment::{Commitment, Roots};
use crate::state::{Change, ChangeRecord, Space, StateError, StateKey, StateView, tables};

/// How many changes are taken back for a proof at most: some 50 ms, twice.
const CHANGES_MAX: usize = 10_000;

/// The epoch, its roots, and the proof of each key.
pub type Proofs = (u64, Roots, Vec<StateProof>);

impl Executor {
    /// Proves keys of the state after epoch `at`, or after the last one; the account itself is the
    /// first proof.
    ///
    /// # Errors
    /// `MissingHistory` for an epoch that is not kept, that lies before the present window, or
    /// after which too much changed; `NotInitialised`, `RootMismatch`, `Store`, `Damaged`.
    pub fn prove(
        &self,
        address: Address,
        slots: &[U256],
        at: Option<u64>,
    ) -> Result<Proofs, ExecutionError> {
        let account = StateKey::account(Space::Ethereum, address);
        let slots = slots
            .iter()
            .map(|slot| StateKey::slot(Space::Ethereum, address, *slot));
        let keys: Vec<StateKey> = std::iter::once(account).chain(slots).collect();
        // A refusal is no failure: the commitment is as it was.
        self.with_commitment(|commitment| match self.to_prove(commitment, at) {
            Ok((view, later)) => self.prove_back(commitment, &view, &keys, later).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        })?
    }

    /// The state after `at`, and what each epoch since has changed, the latest first.
    fn to_prove(
        &self,
        commitment: &Commitment,
        at: Option<u64>,
    ) -> Result<(StateView, Vec<Vec<Change>>), ExecutionError> {
        let view = self.view(at)?;
        let newest = self.head()?.number;
        let missing = |oldest| StateError::MissingHistory {
            epoch: view.at(),
            oldest,
            newest,
        };
        if view.at() < newest && view.at() < commitment.window_start() {
            return Err(missing(commitment.window_start()).into());
        }
        let mut later = Vec::new();
        let mut count = 0;
        for number in (view.at() + 1..=newest).rev() {
            let row = self.store.get(tables::CHANGES, &number.to_be_bytes())?;
            let row = row.ok_or(StateError::MissingChanges { epoch: number })?;
            let changes = ChangeRecord::decode(&row)?.changes;
            count += changes.len();
            if count > CHANGES_MAX {
                return Err(missing(number).into());
            }
            later.push(changes);
        }
        Ok((view, later))
    }

    /// Proves `keys` with the commitment taken back by `later`, the latest first.
    fn prove_back(
        &self,
        commitment: &mut Commitment,
        view: &StateView,
        keys: &[StateKey],
        mut later: Vec<Vec<Change>>,
    ) -> Result<Proofs, ExecutionError> {
        for changes in &later {
            commitment.revert(changes);
        }
        let roots = commitment.roots();
        if !later.is_empty() {
            self.verify_roots(view.at(), roots)?;
        }
        let proofs = keys
            .iter()
            .map(|key| Ok(prove(commitment, &*self.store, key, view.value(key)?)?.1))
            .collect::<Result<Vec<_>, ExecutionError>>()?;
        for changes in later.iter_mut().rev() {
            commitment.repeat(changes);
        }
        Ok((view.at(), roots, proofs))
    }
}
