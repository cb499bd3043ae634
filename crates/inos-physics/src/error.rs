//! What can go wrong inside the physics capsule, each with a number that never changes.

use core::fmt::{Display, Formatter, Result as Written};

use crate::generated::physics_capnp::{physics_limits, snapshot_words as words};

/// A release as its number holds it: major, minor and patch, a byte each.
struct Release(u32);

impl Display for Release {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Written {
        let [_, major, minor, patch] = self.0.to_be_bytes();
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

/// A refusal: its message names what was given and what was expected. Plain data, so that it may leave a world's
/// heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An offset at which no world lies.
    #[error("world must be a world that isn't disposed, got offset {given}")]
    UnknownWorld {
        /// Offset given.
        given: u32,
    },
    /// A world that a crash ended in the middle of a job.
    #[error("the world at offset {given} was lost when a job on it crashed")]
    WorldLost {
        /// The world's offset.
        given: u32,
    },
    /// A command that can't be, at a word of its stream.
    #[error("the command at word {word} can't be: bad operand {operand}")]
    BadCommand {
        /// Where the command begins.
        word: u32,
        /// Which of its words is wrong, 0 for the opcode or the length.
        operand: u32,
    },
    /// A handle whose body, collider or joint isn't there.
    #[error("the command at word {word} names slot {slot}, where nothing of that generation is")]
    DeadHandle {
        /// Where the command begins.
        word: u32,
        /// The slot that the handle names.
        slot: u32,
    },
    /// A saved state that isn't there or is another world's.
    #[error("state must be a state saved from this world and not disposed, got offset {given}")]
    UnknownState {
        /// Offset given.
        given: u32,
    },
    /// More bodies than a world can have.
    #[error(
        "capacity must be from 1 to {}, got {given}",
        physics_limits::MAXIMUM_BODIES
    )]
    Capacity {
        /// Capacity given.
        given: u32,
    },
    /// The shared memory has no room.
    #[error("the shared memory has no room for {bytes} more bytes")]
    OutOfMemory {
        /// Bytes asked for.
        bytes: u32,
    },
    /// A shape that can't be made of what was given.
    #[error("the shape can't be made: {reason}")]
    BadShape {
        /// What is wrong.
        reason: &'static str,
    },
    /// A query's regions that don't fit each other.
    #[error("the query's regions don't fit: {reason}")]
    BadQuery {
        /// What is wrong.
        reason: &'static str,
    },
    /// Bytes that are no whole snapshot.
    #[error("the snapshot can't be restored: {reason}")]
    BadSnapshot {
        /// What is wrong.
        reason: &'static str,
    },
    /// A snapshot that another version made.
    #[error(
        "the snapshot must be of format {} and rapier {}, got format {format} and rapier {}",
        words::FORMAT_VERSION,
        Release(words::RAPIER_VERSION),
        Release(*rapier)
    )]
    SnapshotVersion {
        /// Its format.
        format: u32,
        /// Its rapier.
        rapier: u32,
    },
    /// A snapshot of a world whose joints or soft bodies changed since its latest step.
    #[error(
        "joints or soft bodies changed since the latest step: take the snapshot after the next"
    )]
    Unstepped,
    /// Soft bodies in a module that is built without them.
    #[error(
        "there are no soft bodies: the capsule must be made with softBodies: true, as in physics({{ softBodies: true }})"
    )]
    NoSoftBodies,
    /// A poses region of another size.
    #[error("the poses' region must have {expected} bytes, got {given}")]
    PosesRegion {
        /// Bytes given.
        given: u32,
        /// Bytes expected.
        expected: u32,
    },
}

impl Error {
    /// The number that stands for this kind of error in results and in `vectors/errors.json`.
    ///
    /// A capsule's own numbers start at 256, as `FailureCode.firstCapsuleCode` in the schema says.
    ///
    /// ```
    /// assert_eq!(inos_physics::Error::UnknownWorld { given: 0 }.code(), 256);
    /// ```
    pub fn code(&self) -> u32 {
        match self {
            Self::UnknownWorld { .. } => 256,
            Self::WorldLost { .. } => 257,
            Self::BadCommand { .. } => 258,
            Self::DeadHandle { .. } => 259,
            Self::UnknownState { .. } => 260,
            Self::Capacity { .. } => 261,
            Self::OutOfMemory { .. } => 262,
            Self::PosesRegion { .. } => 263,
            Self::BadShape { .. } => 264,
            Self::BadQuery { .. } => 265,
            Self::BadSnapshot { .. } => 272,
            Self::SnapshotVersion { .. } => 273,
            Self::Unstepped => 274,
            Self::NoSoftBodies => 275,
        }
    }
}
