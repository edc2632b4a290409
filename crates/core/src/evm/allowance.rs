//! What a brief call may do, counted instruction by instruction.
//!
//! * **B1** A call that ends within its allowance ends as it would without: gas, GAS and all else.
//! * **B2** What is done before it is given up takes about a millisecond, two if the state is cold.

use revm::Database;
use revm::bytecode::opcode;
use revm::handler::{FrameResult, ItemOrResult, MainnetContext, PrecompileProvider};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::interpreter_types::{Jumps, LoopControl, MemoryTr};
use revm::interpreter::{FrameInput, Interpreter, InterpreterResult};

use super::error::ExecutionError;
use super::machine::{MachineError, MachineOver};

/// Units that a brief call may take; a plain instruction is one, of a few nanoseconds.
const ALLOWANCE: u64 = 20_000;
/// Of an instruction that may read the store, or opens a frame: ten microseconds at worst.
const READ_UNITS: u64 = 100;
/// Of a contract of the protocol; the last of those that are cheap is the fourth.
const PRECOMPILE_UNITS: u64 = 4_000;
const CHEAP_PRECOMPILE_LAST: u8 = 4;
/// Memory beyond this takes long to clear, to copy and to hash.
const MEMORY_BYTES_MAX: usize = 64 << 10;

type Step = ItemOrResult<FrameInit, FrameResult>;

/// What is left of an allowance.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u64,
}

impl Allowance {
    pub(super) const fn new() -> Self {
        Self { left: ALLOWANCE }
    }

    fn take(&mut self, units: u64) -> Result<(), MachineError> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(MachineError::Database(ExecutionError::NotBrief)),
        }
    }

    /// Pays for opening a frame: what a contract of the protocol does, it does at once.
    pub(super) fn take_frame(&mut self, frame: &FrameInit) -> Result<(), MachineError> {
        let units = match &frame.frame_input {
            FrameInput::Call(call) => match call.bytecode_address.as_slice() {
                [zeros @ .., last] if zeros.iter().all(|byte| *byte == 0) && *last > 0 => {
                    if *last > CHEAP_PRECOMPILE_LAST || call.input.len() > MEMORY_BYTES_MAX {
                        u64::MAX
                    } else {
                        PRECOMPILE_UNITS
                    }
                }
                [0, .., _, _] if call.bytecode_address.starts_with(&[0; 18]) => u64::MAX,
                _ => READ_UNITS,
            },
            FrameInput::Create(_) => ALLOWANCE / 4,
            FrameInput::Empty => 0,
        };
        self.take(units)
    }

    /// Pays for the next instruction.
    fn take_step(&mut self, interpreter: &Interpreter<EthInterpreter>) -> Result<(), MachineError> {
        let units = match interpreter.bytecode.opcode() {
            opcode::KECCAK256 => {
                let size = interpreter.stack.peek(1).unwrap_or_default();
                if size > MEMORY_BYTES_MAX {
                    u64::MAX
                } else {
                    10 + size.to::<u64>() / 64
                }
            }
            opcode::SLOAD
            | opcode::SSTORE
            | opcode::BALANCE
            | opcode::EXTCODESIZE
            | opcode::EXTCODECOPY
            | opcode::EXTCODEHASH
            | opcode::BLOCKHASH
            | opcode::CREATE
            | opcode::CREATE2
            | opcode::CALL
            | opcode::CALLCODE
            | opcode::DELEGATECALL
            | opcode::STATICCALL
            | opcode::SELFDESTRUCT => READ_UNITS,
            opcode::CALLDATACOPY
            | opcode::CODECOPY
            | opcode::RETURNDATACOPY
            | opcode::MCOPY
            | opcode::EXP
            | opcode::LOG0..=opcode::LOG4 => {
                if interpreter.memory.size() > MEMORY_BYTES_MAX {
                    u64::MAX
                } else {
                    20
                }
            }
            _ => 1,
        };
        self.take(units)
    }
}

/// Runs the topmost frame until it ends or opens another, as the machine does by itself, within the
/// allowance.
pub(super) fn run_frame<D, I, P>(
    evm: &mut MachineOver<D, I, P>,
    allowance: &mut Allowance,
) -> Result<Step, MachineError>
where
    D: Database<Error = ExecutionError>,
    P: PrecompileProvider<MainnetContext<D>, Output = InterpreterResult>,
{
    let frame = evm.frame_stack.get();
    let interpreter = &mut frame.interpreter;
    let (table, gas_table) = (
        evm.instruction.instruction_table(),
        evm.instruction.gas_table(),
    );
    let end = loop {
        allowance.take_step(interpreter)?;
        if let Err(end) = interpreter.step(table, gas_table, &mut evm.ctx) {
            break end;
        }
        if interpreter.memory.size() > 2 * MEMORY_BYTES_MAX {
            allowance.take(u64::MAX)?;
        }
    };
    if interpreter.bytecode.action().is_none() {
        interpreter.halt(end);
    }
    let action = interpreter.take_next_action();
    let next = frame.process_next_action::<_, MachineError>(&mut evm.ctx, action)?;
    if next.is_result() {
        frame.set_finished(true);
    }
    Ok(next)
}
