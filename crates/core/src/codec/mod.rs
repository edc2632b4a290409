//! Byte formats: RLP, transactions, receipts.
