//! What a network fixes about execution.

use alloy_primitives::U256;
use revm::primitives::hardfork::SpecId;

use super::error::ExecutionError;
use crate::state::commitment::WindowLimits;

/// Rules and limits of execution; equal on all nodes of a network but for the last four.
#[derive(Clone, Debug)]
pub struct ExecutionParams {
    /// The Ethereum rules in force, explicit because a new revm changes its default.
    pub spec: SpecId,
    /// EIP-155 chain id of eSpace.
    pub chain_id: u64,
    /// How the base price is split: `burnt = base - base * share / (1 + share)`, rounded up
    /// (protocol §3.11; share 1 burns half). `None` burns all of it, as Ethereum does.
    pub kept_share: Option<u64>,
    /// Whether tips go to the author at once, as on Ethereum, instead of being shared 12 epochs
    /// later (protocol §3.7). For Ethereum's own test suites.
    pub pay_author_at_once: bool,
    /// Most gas of one transaction under Osaka's rules (EIP-7825); `None` for the rule's own cap.
    pub transaction_gas_max: Option<u64>,
    /// Whether a contract may be a sender against EIP-3607: on a development chain, whose user
    /// impersonates one.
    pub contracts_may_send: bool,
    /// When a window of the state commitment ends.
    pub window: WindowLimits,
    /// For how many epochs back state can be read; `None` keeps all.
    pub history_epochs: Option<u64>,
    /// Latest values held in memory, about 150 bytes each.
    pub cache_entries: usize,
    /// Most gas of one call; a request for more is run with this.
    pub call_gas_max: u64,
    /// Most bytes of memory that the frames of one call hold together.
    pub call_memory_max: u64,
}

impl ExecutionParams {
    /// The part of the price per unit of gas that nobody receives.
    #[must_use]
    pub fn burnt_price(&self, base_price: U256) -> U256 {
        match self.kept_share {
            None => base_price,
            Some(share) => {
                let share = U256::from(share);
                base_price - base_price * share / (share + U256::ONE)
            }
        }
    }
}

/// The rules called `name`.
///
/// # Errors
/// `InvalidParameter` with the names that exist.
pub fn spec_by_name(name: &str) -> Result<SpecId, ExecutionError> {
    Ok(match name {
        "frontier" => SpecId::FRONTIER,
        "homestead" => SpecId::HOMESTEAD,
        "tangerine" => SpecId::TANGERINE,
        "spurious_dragon" => SpecId::SPURIOUS_DRAGON,
        "byzantium" => SpecId::BYZANTIUM,
        "petersburg" => SpecId::PETERSBURG,
        "istanbul" => SpecId::ISTANBUL,
        "berlin" => SpecId::BERLIN,
        "london" => SpecId::LONDON,
        "merge" => SpecId::MERGE,
        "shanghai" => SpecId::SHANGHAI,
        "cancun" => SpecId::CANCUN,
        "prague" => SpecId::PRAGUE,
        "osaka" => SpecId::OSAKA,
        _ => {
            return Err(ExecutionError::InvalidParameter(format!(
                "no rules are called '{name}': use prague or osaka"
            )));
        }
    })
}
