//! BLAKE3 in subtrees that several threads can hash: the digest is that of the whole, whoever
//! hashed which part.
//!
//! The input is cut into subtrees of [`SUBTREE_BYTES`], a power of two, so that each is a complete
//! node of BLAKE3's tree. Nodes that are complete are kept on a stack and joined as late as
//! possible, because the very last join is the root and is computed differently (§2.4, §5.1 of the
//! BLAKE3 paper).

use crate::function::Blake3Mode;
use blake3::hazmat::{ChainingValue, HasherExt, merge_subtrees_non_root, merge_subtrees_root_xof};

/// How much of the input a subtree takes.
pub const SUBTREE_BYTES: usize = 256 * 1024;

/// The chaining value of a subtree that begins `offset` bytes into the input, which is a multiple
/// of [`SUBTREE_BYTES`]. Only the last one may be shorter, and it must not be the only one.
pub fn subtree(mode: &Blake3Mode, data: &[u8], offset: u64) -> ChainingValue {
    debug_assert!(data.len() <= SUBTREE_BYTES && offset.is_multiple_of(SUBTREE_BYTES as u64));
    let mut hasher = mode.hasher();
    hasher.set_input_offset(offset).update(data);
    hasher.finalize_non_root()
}

/// A BLAKE3 hash in the making.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    mode: Blake3Mode,
    /// The roots of complete subtrees, of falling sizes; the last two may still have to be joined.
    nodes: Vec<ChainingValue>,
    /// How many subtrees of [`SUBTREE_BYTES`] those cover.
    subtrees: u64,
    current: blake3::Hasher,
}

impl Tree {
    pub(crate) fn new(mode: Blake3Mode) -> Self {
        Self {
            mode,
            nodes: Vec::new(),
            subtrees: 0,
            current: mode.hasher(),
        }
    }

    pub(crate) const fn mode(&self) -> &Blake3Mode {
        &self.mode
    }

    /// How many bytes the current subtree has, counted from the last complete one.
    fn current_bytes(&self) -> usize {
        self.current.count() as usize
    }

    pub(crate) fn update(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.current_bytes() == SUBTREE_BYTES {
                self.complete_current();
            }
            let (head, rest) = data.split_at(data.len().min(SUBTREE_BYTES - self.current_bytes()));
            self.current.update(head);
            data = rest;
        }
    }

    /// The offset in the input at which an update could go on by whole subtrees, after `lead` more
    /// bytes.
    pub(crate) fn next_boundary(&self) -> Boundary {
        let filled = self.current_bytes();
        let lead = if filled == 0 {
            0
        } else {
            SUBTREE_BYTES - filled
        };
        let begun = u64::from(filled > 0);
        Boundary {
            lead,
            offset: (self.subtrees + begun) * SUBTREE_BYTES as u64,
            mode: self.mode,
        }
    }

    /// Takes subtrees that were hashed elsewhere; the input stands at a boundary, and there are
    /// at least two of them or something before them.
    pub(crate) fn push_subtrees(&mut self, values: impl Iterator<Item = ChainingValue>) {
        if self.current_bytes() == SUBTREE_BYTES {
            self.complete_current();
        }
        debug_assert_eq!(self.current_bytes(), 0, "the input stands at a boundary");
        for value in values {
            self.push(value);
        }
        self.begin_current();
    }

    fn complete_current(&mut self) {
        let value = self.current.finalize_non_root();
        self.push(value);
        self.begin_current();
    }

    fn begin_current(&mut self) {
        self.current = self.mode.hasher();
        self.current
            .set_input_offset(self.subtrees * SUBTREE_BYTES as u64);
    }

    fn push(&mut self, value: ChainingValue) {
        self.join_complete();
        self.nodes.push(value);
        self.subtrees += 1;
    }

    /// Joins what more input has shown not to be the root: as many nodes remain as there are
    /// ones among the binary digits of the count.
    fn join_complete(&mut self) {
        while self.nodes.len() > self.subtrees.count_ones() as usize {
            let (Some(right), Some(left)) = (self.nodes.pop(), self.nodes.pop()) else {
                return;
            };
            let joined = merge_subtrees_non_root(&left, &right, self.mode.of_nodes());
            self.nodes.push(joined);
        }
    }

    /// The whole output: any number of bytes, from any position.
    pub(crate) fn output(mut self) -> blake3::OutputReader {
        if self.nodes.is_empty() {
            return self.current.finalize_xof();
        }
        if self.current_bytes() > 0 {
            self.join_complete();
            self.nodes.push(self.current.finalize_non_root());
        }
        let mode = self.mode.of_nodes();
        let mut right = self.nodes.pop().unwrap_or_default();
        while let Some(left) = self.nodes.pop() {
            if self.nodes.is_empty() {
                return merge_subtrees_root_xof(&left, &right, mode);
            }
            right = merge_subtrees_non_root(&left, &right, mode);
        }
        unreachable!("one complete subtree alone is never pushed")
    }
}

/// Where whole subtrees can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// How many bytes the subtree that is begun still takes.
    pub lead: usize,
    /// The offset in the input after those.
    pub offset: u64,
    /// The mode of the hash.
    pub mode: Blake3Mode,
}

impl Boundary {
    /// How many whole subtrees an update of `bytes` has that may be hashed on their own: none if
    /// that would leave a single one, which may turn out to be the root.
    pub fn whole_subtrees(&self, bytes: usize) -> usize {
        let count = bytes.saturating_sub(self.lead) / SUBTREE_BYTES;
        if self.offset == 0 && count < 2 {
            0
        } else {
            count
        }
    }
}
