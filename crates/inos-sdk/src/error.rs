//! What can go wrong, as types: [`Error`] for a wrong access, [`Failure`] for a failed job.

use crate::generated::layout_capnp::failure_code;

/// A wrong access to shared memory, the credit ledger or a job's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A range that reaches beyond what may be accessed.
    #[error("range of {length} bytes at offset {offset} lies outside the memory it may name")]
    OutOfBounds {
        /// First byte.
        offset: u32,
        /// Bytes asked for.
        length: u32,
    },
    /// An offset that isn't a multiple of what its type needs.
    #[error("offset {offset} is not a multiple of {alignment}")]
    Misaligned {
        /// The offset.
        offset: u32,
        /// What it should be a multiple of.
        alignment: u32,
    },
    /// No free pages, and the memory can't grow, or the owner's quota is used up.
    #[error("no room for {pages} pages")]
    OutOfMemory {
        /// 64 KiB pages asked for.
        pages: u32,
    },
    /// Freeing what isn't allocated.
    #[error("offset {offset} is not the start of a live allocation")]
    NotAllocated {
        /// The offset.
        offset: u32,
    },
    /// An account that isn't open.
    #[error("account {account} is not open")]
    UnknownAccount {
        /// The account's index.
        account: u32,
    },
    /// All places of the account table are taken.
    #[error("all {capacity} accounts are open already")]
    TooManyAccounts {
        /// How many there can be.
        capacity: u32,
    },
    /// The ledger's words can't be: a lock that nobody gives back, or balances that no ledger could hold.
    #[error("the ledger is damaged: {problem}")]
    BadLedger {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// An account holds less than what should leave it.
    #[error("account {account} holds {available} micro-credits, {amount} were asked for")]
    InsufficientCredits {
        /// The account's index.
        account: u32,
        /// What it holds, in micro-credits.
        available: u64,
        /// What was asked for, in micro-credits.
        amount: u64,
    },
}

/// Why a job failed: a stable number for programs and a message for people.
///
/// Numbers below `FailureCode.firstCapsuleCode` are this crate's; a capsule's errors start there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The number, as listed in `vectors/errors.json`.
    pub code: u32,
    /// What was given and what was expected.
    pub message: String,
}

impl Failure {
    /// A failure with a capsule's own code.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The request isn't the Cap'n Proto message that the method expects.
    pub(crate) fn malformed(error: &capnp::Error) -> Self {
        Self::new(
            failure_code::MALFORMED_REQUEST,
            format!("malformed request: {error}"),
        )
    }

    /// The request's framing doesn't fit what there is of it, in 32-bit words.
    pub(crate) fn badly_framed(words: usize) -> Self {
        Self::new(
            failure_code::MALFORMED_REQUEST,
            format!("malformed request: its {words} words are not a message of one segment"),
        )
    }

    /// The request is longer than what the capsule can copy, in 64-bit words.
    pub(crate) fn too_long(words: usize) -> Self {
        Self::new(
            failure_code::MALFORMED_REQUEST,
            format!("malformed request: no memory for its {} bytes", 8 * words),
        )
    }

    /// The request names a method that the capsule doesn't have.
    pub(crate) fn unknown_method(method: u32) -> Self {
        Self::new(
            failure_code::UNKNOWN_METHOD,
            format!("unknown method {method}"),
        )
    }

    /// The result doesn't fit into the room that the record has for it.
    pub(crate) fn result_too_large(capacity: u32) -> Self {
        Self::new(
            failure_code::RESULT_TOO_LARGE,
            format!("the result needs more than the record's {capacity} bytes"),
        )
    }
}

impl From<capnp::Error> for Failure {
    fn from(error: capnp::Error) -> Self {
        Self::malformed(&error)
    }
}

impl From<capnp::NotInSchema> for Failure {
    fn from(error: capnp::NotInSchema) -> Self {
        Self::malformed(&error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(failure_code::REGION_OUT_OF_BOUNDS, error.to_string())
    }
}
