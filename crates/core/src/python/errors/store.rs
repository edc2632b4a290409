//! Errors of the store as exceptions of `sogdia.ledger.storage.errors`.

use std::path::Path;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::store::StoreError;

/// The Python exception for a store's error, from `sogdia.ledger.storage.errors`.
pub(super) fn to_python(py: Python<'_>, error: &StoreError) -> PyErr {
    build_exception(py, error).unwrap_or_else(|failure| failure)
}

/// A field of an exception.
#[derive(IntoPyObject)]
enum Field<'a> {
    Path(&'a Path),
    Text(String),
    Number(u64),
}

fn build_exception(py: Python<'_>, error: &StoreError) -> PyResult<PyErr> {
    let (name, fields) = describe(error);
    let arguments = PyDict::new(py);
    for (field, value) in fields {
        arguments.set_item(field, value)?;
    }
    let class = py.import("sogdia.ledger.storage.errors")?.getattr(name)?;
    Ok(PyErr::from_value(class.call((), Some(&arguments))?))
}

/// The name of the Python class and its keyword arguments.
fn describe(error: &StoreError) -> (&'static str, Vec<(&'static str, Field<'_>)>) {
    use Field::{Number, Path, Text};
    let of_path = |name, path, detail: &String| {
        (
            name,
            vec![("path", Path(path)), ("detail", Text(detail.clone()))],
        )
    };
    match error {
        StoreError::Locked { path } => ("DirectoryLocked", vec![("path", Path(path))]),
        StoreError::EngineFormat {
            path,
            found,
            expected,
        } => (
            "UnknownFormat",
            vec![
                ("path", Path(path)),
                ("found", Text(found.clone())),
                ("expected", Text(expected.clone())),
            ],
        ),
        StoreError::DestinationNotEmpty { path } => {
            ("DestinationNotEmpty", vec![("path", Path(path))])
        }
        StoreError::Damaged { path, detail } => of_path("StoreDamaged", path, detail),
        StoreError::Full { path, detail } => of_path("StoreFull", path, detail),
        StoreError::WriteFailed { path, detail } => of_path("WriteFailed", path, detail),
        StoreError::ReadFailed { path, detail } => of_path("ReadFailed", path, detail),
        StoreError::ForeignProcess { opened_by, used_by } => {
            let pids = [("opened_by", opened_by), ("used_by", used_by)];
            let pids = pids.map(|(field, pid)| (field, Number(u64::from(*pid))));
            ("ForeignProcess", pids.into())
        }
        StoreError::Closed => ("StoreClosed", vec![]),
        StoreError::UnknownTable { name }
        | StoreError::InvalidTables { name }
        | StoreError::Unsorted { table: name, .. } => {
            let name = Text(name.clone());
            (
                "InvalidTable",
                vec![("name", name), ("detail", Text(error.to_string()))],
            )
        }
        StoreError::KeyLength { length } => {
            ("InvalidKey", vec![("length", Number(*length as u64))])
        }
    }
}
