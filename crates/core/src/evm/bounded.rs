//! A tracer that may record so much and no more.
//!
//! A step's stack is up to 32 KiB and its memory megabytes, so a limit on steps alone bounds
//! nothing: a loop over a full stack would fill 3 GB within the steps that a trace may have.

use alloy_primitives::{Address, Log, U256};
use revm::context_interface::{ContextError, ContextTr};
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{LoopControl, MemoryTr};
use revm::interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter};

/// What the machine says when a tracer has had enough; nothing else of it begins so.
pub(super) const TRACE_TOO_LARGE: &str = "trace too large";

/// `inner`, until the steps it saw hold more than `bytes_max`; then the machine halts.
#[derive(Debug)]
pub(super) struct Bounded<I> {
    pub(super) inner: I,
    bytes_max: usize,
    records: Recorded,
    seen: usize,
    steps_left: u64,
}

/// What a tracer keeps of each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// It looks at calls only.
    Nothing,
    /// Stack words.
    Stack,
    /// Stack words and the frame's memory.
    StackAndMemory,
}

impl<I> Bounded<I> {
    pub(super) fn new(inner: I, records: Recorded, steps_max: u64, bytes_max: usize) -> Self {
        Self {
            inner,
            bytes_max,
            records,
            seen: 0,
            steps_left: steps_max,
        }
    }

    fn is_within(&mut self, interp: &Interpreter<EthInterpreter>) -> bool {
        if self.records == Recorded::Nothing || self.steps_left == 0 {
            return true;
        }
        self.steps_left -= 1;
        self.seen += interp.stack.len() * size_of::<U256>();
        if self.records == Recorded::StackAndMemory {
            self.seen += interp.memory.size();
        }
        self.seen <= self.bytes_max
    }
}

impl<CTX: ContextTr, I: Inspector<CTX, EthInterpreter>> Inspector<CTX, EthInterpreter>
    for Bounded<I>
{
    fn initialize_interp(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX) {
        self.inner.initialize_interp(interp, context);
    }

    fn step(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX) {
        if self.is_within(interp) {
            self.inner.step(interp, context);
            return;
        }
        let words = format!(
            "{TRACE_TOO_LARGE}: its steps hold more than {} bytes of stack and memory: trace with \
             disableStack, without enableMemory, or with a limit",
            self.bytes_max
        );
        *context.error() = Err(ContextError::Custom(words));
        interp.bytecode.reset_action();
        interp.halt_fatal();
    }

    fn step_end(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX) {
        self.inner.step_end(interp, context);
    }

    fn log(&mut self, context: &mut CTX, log: Log) {
        self.inner.log(context, log);
    }

    fn log_full(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX, log: Log) {
        self.inner.log_full(interp, context, log);
    }

    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        self.inner.call(context, inputs)
    }

    fn call_end(&mut self, context: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.inner.call_end(context, inputs, outcome);
    }

    fn create(&mut self, context: &mut CTX, inputs: &mut CreateInputs) -> Option<CreateOutcome> {
        self.inner.create(context, inputs)
    }

    fn create_end(
        &mut self,
        context: &mut CTX,
        inputs: &CreateInputs,
        outcome: &mut CreateOutcome,
    ) {
        self.inner.create_end(context, inputs, outcome);
    }

    fn selfdestruct(&mut self, contract: Address, target: Address, value: U256) {
        self.inner.selfdestruct(contract, target, value);
    }
}
