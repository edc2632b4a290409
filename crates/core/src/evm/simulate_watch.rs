//! What a simulation changes of the machine: precompiles that moved, transfers that are logged.

use std::collections::HashMap;

use alloy_primitives::{Address, B256, Log, LogData, U256};
use revm::bytecode::opcode;
use revm::context::{Cfg, ContextTr, JournalTr};
use revm::handler::{EthPrecompiles, PrecompileProvider};
use revm::inspector::Inspector;
use revm::interpreter::interpreter_types::{InputsTr, Jumps};
use revm::interpreter::{
    CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter, InterpreterResult,
};
use revm::primitives::AddressSet;
use revm::primitives::hardfork::SpecId;
use revm_inspectors::transfer::{TRANSFER_EVENT_TOPIC, TRANSFER_LOG_EMITTER, TransferInspector};

use super::error::ExecutionError;
use super::pretence::AccountOverride;

/// Ethereum's precompiles, some of them elsewhere.
#[derive(Clone, Debug)]
pub struct Precompiles {
    plain: EthPrecompiles,
    /// Where to -> where from.
    moved: HashMap<Address, Address>,
    /// Addresses that answer.
    answering: AddressSet,
}

impl Precompiles {
    /// The precompiles of `spec` with `moved` (from, to) ones. Where an account is pretended, no
    /// precompile answers any more.
    ///
    /// # Errors
    /// `InvalidCall` if what moves is no precompile, or goes where an account is pretended.
    pub fn new(
        spec: SpecId,
        moved: &[(Address, Address)],
        pretended: &[AccountOverride],
    ) -> Result<Self, ExecutionError> {
        let plain = EthPrecompiles::new(spec);
        for (from, to) in moved {
            let reason = if !plain.contains(from) {
                format!("account {from} is not a precompile")
            } else if pretended.iter().any(|change| change.address == *to) {
                format!("account {to} is already overridden")
            } else {
                continue;
            };
            return Err(ExecutionError::InvalidCall { reason });
        }
        let mut answering = plain.warm_addresses().clone();
        for change in pretended {
            answering.remove(&change.address);
        }
        let moved: HashMap<_, _> = moved.iter().map(|(from, to)| (*to, *from)).collect();
        answering.extend(moved.keys().copied());
        Ok(Self {
            plain,
            moved,
            answering,
        })
    }
}

impl<C: ContextTr> PrecompileProvider<C> for Precompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, _spec: <C::Cfg as Cfg>::Spec) -> bool {
        true
    }

    fn run(
        &mut self,
        context: &mut C,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        let address = inputs.bytecode_address;
        if !self.answering.contains(&address) {
            return Ok(None);
        }
        match self.moved.get(&address) {
            Some(origin) => {
                let mut inputs = inputs.clone();
                inputs.bytecode_address = *origin;
                self.plain.run(context, &inputs)
            }
            None => self.plain.run(context, inputs),
        }
    }

    // Warm is what the rules warm, whatever answers there.
    fn warm_addresses(&self) -> &AddressSet {
        self.plain.warm_addresses()
    }

    fn contains(&self, address: &Address) -> bool {
        self.answering.contains(address)
    }
}

/// Logs every transfer of value as an ERC-20 transfer, if it is asked to.
#[derive(Debug)]
pub struct TransferLogs {
    calls: TransferInspector,
    is_on: bool,
}

impl TransferLogs {
    /// A watcher that logs, or only looks on.
    #[must_use]
    pub fn new(is_on: bool) -> Self {
        Self {
            calls: TransferInspector::new(false).with_logs(is_on),
            is_on,
        }
    }
}

impl<C: ContextTr> Inspector<C> for TransferLogs {
    // The hook for SELFDESTRUCT has no journal to log in, so it is seen one step earlier; should
    // it run out of gas, its frame and this log are taken back.
    fn step(&mut self, interpreter: &mut Interpreter, context: &mut C) {
        if !self.is_on || interpreter.bytecode.opcode() != opcode::SELFDESTRUCT {
            return;
        }
        let Some(target) = interpreter.stack.data().last() else {
            return;
        };
        let target = Address::from_word(B256::from(*target));
        let from = interpreter.input.target_address();
        let Ok(account) = context.journal_mut().load_account(from) else {
            return;
        };
        let balance: U256 = account.data.info.balance;
        if !balance.is_zero() {
            context.journal_mut().log(transfer(from, target, balance));
        }
    }

    fn call(&mut self, context: &mut C, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.calls.call(context, inputs)
    }

    fn create(&mut self, context: &mut C, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.calls.create(context, inputs)
    }
}

fn transfer(from: Address, to: Address, value: U256) -> Log {
    let topics = vec![TRANSFER_EVENT_TOPIC, from.into_word(), to.into_word()];
    let data = value.to_be_bytes::<32>().into();
    Log {
        address: TRANSFER_LOG_EMITTER,
        data: LogData::new_unchecked(topics, data),
    }
}
