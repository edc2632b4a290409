//! A tracer that may record so much and no more.
//!
//! A step's stack is up to 32 KiB, its memory and what was returned to it megabytes, so a limit on
//! steps alone bounds nothing: a loop over a full stack would fill 3 GB within the steps that a
//! trace may have. Nor does gas bound what calls are given: a call to nobody costs 100, whatever it
//! hands on, and a block's gas would make gigabytes of it.

use alloy_primitives::{Address, Log, U256};
use revm::context_interface::{ContextError, ContextTr};
use revm::inspector::Inspector;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{LoopControl, MemoryTr, ReturnData};
use revm::interpreter::{CallInputs, CallOutcome, CreateInputs, CreateOutcome, Interpreter};

/// What the machine says when a tracer has had enough; nothing else of it begins so.
pub(super) const TRACE_TOO_LARGE: &str = "trace too large";

/// `inner`, until what it saw holds more than `bytes_max`; then the machine halts.
#[derive(Debug)]
pub(super) struct Bounded<I> {
    pub(super) inner: I,
    bytes_max: usize,
    records: Recorded,
    seen: usize,
    steps_left: u64,
}

/// What a tracer keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    /// The words of the stack at each step.
    pub(super) stack: bool,
    /// The frame's memory at each step.
    pub(super) memory: bool,
    /// What was returned last, at each step.
    pub(super) return_data: bool,
    /// What each call is given and gives back.
    pub(super) calls: bool,
}

impl Recorded {
    pub(super) const CALLS: Self = Self {
        stack: false,
        memory: false,
        return_data: false,
        calls: true,
    };
    pub(super) const ALL: Self = Self {
        stack: true,
        memory: true,
        return_data: true,
        calls: true,
    };
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

    fn count_step(&mut self, interp: &Interpreter<EthInterpreter>) {
        if self.steps_left == 0 {
            return;
        }
        self.steps_left -= 1;
        let records = self.records;
        for (is_kept, bytes) in [
            (records.stack, interp.stack.len() * size_of::<U256>()),
            (records.memory, interp.memory.size()),
            (records.return_data, interp.return_data.buffer().len()),
        ] {
            self.seen += if is_kept { bytes } else { 0 };
        }
    }

    fn count_call(&mut self, bytes: usize) {
        self.seen += if self.records.calls { bytes } else { 0 };
    }

    /// What to say to whoever asked for more.
    fn refusal(&self) -> String {
        let bytes_max = self.bytes_max;
        if self.steps_left == 0 && self.records.calls {
            return format!(
                "{TRACE_TOO_LARGE}: its calls hold more than {bytes_max} bytes of data"
            );
        }
        format!(
            "{TRACE_TOO_LARGE}: its steps hold more than {bytes_max} bytes of stack, memory and \
             returned data: trace with disableStack, without enableMemory and enableReturnData, or \
             with a limit"
        )
    }
}

impl<CTX: ContextTr, I: Inspector<CTX, EthInterpreter>> Inspector<CTX, EthInterpreter>
    for Bounded<I>
{
    fn initialize_interp(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX) {
        self.inner.initialize_interp(interp, context);
    }

    fn step(&mut self, interp: &mut Interpreter<EthInterpreter>, context: &mut CTX) {
        self.count_step(interp);
        if self.seen <= self.bytes_max {
            self.inner.step(interp, context);
            return;
        }
        *context.error() = Err(ContextError::Custom(self.refusal()));
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
        self.count_call(inputs.input.len());
        self.inner.call(context, inputs)
    }

    fn call_end(&mut self, context: &mut CTX, inputs: &CallInputs, outcome: &mut CallOutcome) {
        self.count_call(outcome.result.output.len());
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
