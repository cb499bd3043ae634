//! The Rust half of INOS: what a capsule needs to share one memory with its host.
//!
//! All capsules of a runtime and the host see the same bytes. This crate gives them names:
//! [`SafeSab`] for checked access, [`Epoch`] and [`Ring`] for signals, [`Ledger`] and
//! [`BudgetVerifier`] for credits, [`Reactor`] for the loop that a capsule's thread runs, and
//! [`capsule!`] for the few lines that turn plain functions into a capsule.
//!
//! Every type here has a twin of the same name in the TypeScript package `@inos/sdk`.
#![cfg_attr(
    target_arch = "wasm32",
    feature(stdarch_wasm_atomic_wait, alloc_error_hook)
)]
#![warn(missing_docs)]

#[cfg(target_arch = "wasm32")]
mod alloc;
#[cfg(not(loom))]
mod arena;
#[cfg(not(loom))]
mod budget;
#[cfg(not(loom))]
mod capsule;
#[cfg(not(loom))]
mod context;
#[cfg(any(not(loom), test))]
mod control;
#[cfg(not(loom))]
mod credits;
mod epoch;
#[cfg(not(loom))]
mod error;
#[allow(missing_docs, clippy::all, clippy::pedantic, unused, unsafe_code)]
pub mod generated;
#[cfg(not(loom))]
mod job;
pub mod layout;
#[cfg(not(loom))]
mod message;
#[cfg(not(loom))]
mod pages;
#[cfg(not(loom))]
mod reactor;
mod ring;
#[cfg(not(loom))]
mod sab;
mod sync;
#[cfg(not(loom))]
mod thread;
#[cfg(not(loom))]
mod trace;
#[cfg(feature = "watched")]
#[doc(hidden)]
pub mod watch;

#[cfg(not(loom))]
pub use arena::Arena;
#[cfg(not(loom))]
pub use budget::{BudgetVerifier, Price, Refusal};
#[cfg(not(loom))]
pub use capsule::{Capsule, Clock, Method, MethodTable, Work};
#[cfg(not(loom))]
pub use context::{Halt, JobContext, RegionChunks};
#[cfg(not(loom))]
pub use credits::{AccountIndex, Ledger};
pub use epoch::Epoch;
#[cfg(not(loom))]
pub use error::{Error, Failure};
#[cfg(not(loom))]
pub use job::{JobRecord, JobState};
#[cfg(not(loom))]
pub use pages::{PageEntry, PageOwner, PageTable};
#[cfg(not(loom))]
pub use reactor::Reactor;
pub use ring::{Ring, RingEntry, Slot};
#[cfg(not(loom))]
pub use sab::SafeSab;
#[cfg(any(loom, feature = "watched"))]
#[doc(hidden)]
pub use sync::AtomicU32;
#[cfg(target_arch = "wasm32")]
pub use sync::wait_for;
#[cfg(not(loom))]
pub use thread::Thread;

#[doc(hidden)]
pub mod abi {
    //! What the code that [`capsule!`](crate::capsule!) writes calls. Not for use by hand.
    #[cfg(target_arch = "wasm32")]
    pub use crate::alloc::CapsuleAllocator;
    #[cfg(target_arch = "wasm32")]
    pub use crate::capsule::main;
}
