//! Hashes and addresses cross as `bytes`, amounts as `int`; conversions happen here, once.
