//! `CoreError` to the Python exception tree, in one place.
//!
//! A variant and its Python class have the same name and the same fields, given as keywords.

mod execution;
mod store;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use super::convert::u256_to_py;
use crate::codec::CodecError;
use crate::error::CoreError;

/// The Python exception for a core error.
pub(super) fn to_python(py: Python<'_>, error: &CoreError) -> PyErr {
    match error {
        CoreError::InvalidArgument(words) => PyValueError::new_err(words.clone()),
        CoreError::Graph(error) => PyValueError::new_err(error.to_string()),
        CoreError::Store(error) => store::to_python(py, error),
        CoreError::Execution(error) => execution::to_python(py, error),
        CoreError::Codec(error) => {
            codec_error(py, error).map_or_else(|failure| failure, PyErr::from_value)
        }
    }
}

/// The exception for a refused transaction: broken bytes are the reason of one of their own.
pub(super) fn transaction_error<'py>(
    py: Python<'py>,
    error: &CodecError,
) -> PyResult<Bound<'py, PyAny>> {
    let exception = codec_error(py, error)?;
    if !error.is_encoding() {
        return Ok(exception);
    }
    let fields = PyDict::new(py);
    fields.set_item("reason", exception)?;
    instance(py, "MalformedTransaction", &fields)
}

/// Makes the exception of class `name` of `sogdia.ledger.primitives.errors`.
pub(super) fn instance<'py>(
    py: Python<'py>,
    name: &str,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    static ERRORS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = ERRORS.get_or_try_init(py, || {
        py.import("sogdia.ledger.primitives.errors")
            .map(Bound::unbind)
    })?;
    module.bind(py).getattr(name)?.call((), Some(fields))
}

fn codec_error<'py>(py: Python<'py>, error: &CodecError) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    let name = if error.is_encoding() {
        encoding_fields(error, &fields)?
    } else {
        transaction_fields(py, error, &fields)?
    };
    instance(py, name, &fields)
}

fn encoding_fields(error: &CodecError, fields: &Bound<'_, PyDict>) -> PyResult<&'static str> {
    let (name, field) = match error {
        CodecError::TruncatedInput {
            field,
            needed,
            available,
        } => {
            fields.set_item("needed", needed)?;
            fields.set_item("available", available)?;
            ("TruncatedInput", field)
        }
        CodecError::TrailingBytes { field, count } => {
            fields.set_item("count", count)?;
            ("TrailingBytes", field)
        }
        CodecError::NonCanonicalLength { field } => ("NonCanonicalLength", field),
        CodecError::NonCanonicalByte { field, value } => {
            fields.set_item("value", value)?;
            ("NonCanonicalByte", field)
        }
        CodecError::NonMinimalInteger { field } => ("NonMinimalInteger", field),
        CodecError::UnexpectedList { field } => ("UnexpectedList", field),
        CodecError::UnexpectedString { field } => ("UnexpectedString", field),
        CodecError::WrongLength {
            field,
            expected,
            actual,
        } => {
            fields.set_item("expected", expected)?;
            fields.set_item("actual", actual)?;
            ("WrongLength", field)
        }
        CodecError::IntegerTooLarge {
            field,
            size_bytes,
            size_bytes_max,
        } => {
            fields.set_item("size_bytes", size_bytes)?;
            fields.set_item("size_bytes_max", size_bytes_max)?;
            ("IntegerTooLarge", field)
        }
        _ => unreachable!("is_encoding() lists the variants above"),
    };
    fields.set_item("field", field)?;
    Ok(name)
}

fn transaction_fields(
    py: Python<'_>,
    error: &CodecError,
    fields: &Bound<'_, PyDict>,
) -> PyResult<&'static str> {
    let integer = |name: &str, value| fields.set_item(name, u256_to_py(py, value)?);
    match error {
        CodecError::UnknownTransactionType { kind } => {
            fields.set_item("kind", kind)?;
            Ok("UnknownTransactionType")
        }
        CodecError::WrongChainId { expected, actual } => {
            integer("actual", actual)?;
            fields.set_item("expected", expected)?;
            Ok("WrongChainId")
        }
        CodecError::InvalidSignatureV { v } => integer("v", v).map(|()| "InvalidSignatureV"),
        CodecError::InvalidYParity { y_parity } => {
            integer("y_parity", y_parity).map(|()| "InvalidYParity")
        }
        CodecError::SignatureOutOfRange { field, value } => {
            integer("value", value)?;
            fields.set_item("field", field)?;
            Ok("SignatureOutOfRange")
        }
        CodecError::HighS { s } => integer("s", s).map(|()| "HighS"),
        CodecError::UnrecoverableSignature => Ok("UnrecoverableSignature"),
        CodecError::NonceOverflow { nonce } => integer("nonce", nonce).map(|()| "NonceOverflow"),
        CodecError::GasLimitOverflow { gas_limit } => {
            integer("gas_limit", gas_limit).map(|()| "GasLimitOverflow")
        }
        CodecError::FeeOverflow {
            gas_limit,
            fee_per_gas,
        } => {
            integer("fee_per_gas", fee_per_gas)?;
            fields.set_item("gas_limit", gas_limit)?;
            Ok("FeeOverflow")
        }
        CodecError::TipAboveCap { tip, cap } => {
            integer("tip", tip)?;
            integer("cap", cap)?;
            Ok("TipAboveCap")
        }
        CodecError::EmptyAuthorizationList => Ok("EmptyAuthorizationList"),
        CodecError::CreateInSetCode => Ok("CreateInSetCode"),
        _ => unreachable!("is_encoding() lists the other variants"),
    }
}
