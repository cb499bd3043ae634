//! Many messages in one call: four are hashed side by side in the lanes of one vector.
//!
//! Four of one length go through together. Where lengths differ, a lane whose message is done takes
//! the next one, while the others go on. SHA-512, and messages for which BLAKE3 needs a tree, take the plain path.

use core::cell::RefCell;

use crate::hash::{Algorithm, DIGEST_BYTES, hash};
use crate::search::blake3::{self as blake3_lanes, CHUNK_BYTES};
use crate::search::lanes::{Lanes, Quad, U32x4};
use crate::search::sha256::{self as sha256_lanes, INITIAL};
use crate::search::template::BLOCK_BYTES;

const LANES: usize = U32x4::COUNT as usize;

/// Hashes messages, one digest after another into `output`.
///
/// # Panics
///
/// Unless `output` has 32 bytes for each message.
///
/// ```
/// use inos_mining::{Algorithm, hash, hash_many};
///
/// let messages: [&[u8]; 3] = [b"one", b"", b"a third one"];
/// let mut digests = [0; 96];
/// hash_many(Algorithm::Sha256, messages.into_iter(), &mut digests);
/// assert_eq!(digests[64..], hash(Algorithm::Sha256, messages[2]));
/// ```
pub fn hash_many<'m>(
    algorithm: Algorithm,
    messages: impl Iterator<Item = &'m [u8]>,
    output: &mut [u8],
) {
    let (digests, rest) = output.as_chunks_mut::<DIGEST_BYTES>();
    assert!(rest.is_empty(), "output is whole digests");
    let work = messages.zip(digests);
    match algorithm {
        Algorithm::Sha256 | Algorithm::Sha256d => {
            hash_all(&Sha256::new(algorithm == Algorithm::Sha256d), work);
        }
        Algorithm::Blake3 => {
            let short = work.filter_map(|(message, digest)| {
                if message.len() <= CHUNK_BYTES {
                    return Some((message, digest));
                }
                *digest = hash(Algorithm::Blake3, message);
                None
            });
            hash_all(&Blake3, short);
        }
    }
}

/// A message and where its digest goes.
type Work<'m, 'o> = (&'m [u8], &'o mut [u8; DIGEST_BYTES]);

/// Four at a time as long as they have one length; from the first that hasn't on, lane by lane.
fn hash_all<'m, 'o>(chain: &impl Chain, mut work: impl Iterator<Item = Work<'m, 'o>>) {
    // One by one: an array of them would be copied, for which engines call a function.
    while let Some(a) = work.next() {
        match (work.next(), work.next(), work.next()) {
            (Some(b), Some(c), Some(d))
                if a.0.len() == b.0.len() && a.0.len() == c.0.len() && a.0.len() == d.0.len() =>
            {
                hash_four(chain, [a.0, b.0, c.0, d.0], [a.1, b.1, c.1, d.1]);
            }
            (b, c, d) => {
                let begun = [Some(a), b, c, d].into_iter().flatten();
                return run(chain, &mut begun.chain(work));
            }
        }
    }
}

/// Messages of one length.
fn hash_four(
    chain: &impl Chain,
    messages: [&[u8]; LANES],
    digests: [&mut [u8; DIGEST_BYTES]; LANES],
) {
    let length = messages[0].len();
    let mut state = initial();
    for block in 0..chain.blocks(length) {
        if chain.compress_padding(&mut state, length, block) {
            continue;
        }
        let start = block * BLOCK_BYTES;
        // Zeroed only where it is needed: engines call a function for it.
        let mut padded;
        let blocks = if start + BLOCK_BYTES <= length {
            messages.map(|message| message[start..].first_chunk().unwrap_or(&[0; BLOCK_BYTES]))
        } else {
            padded = [[0; BLOCK_BYTES]; LANES];
            for (message, bytes) in messages.iter().zip(&mut padded) {
                chain.pad(message, block, bytes);
            }
            padded.each_ref()
        };
        let extras = chain.extras(messages[0], block).map(|extra| [extra; LANES]);
        chain.compress(&mut state, &blocks, &extras);
    }
    chain.finish(&mut state);
    let rows = digest_rows(chain, state);
    let [a, b, c, d] = digests;
    write_digest(&rows, 0, a);
    write_digest(&rows, 1, b);
    write_digest(&rows, 2, c);
    write_digest(&rows, 3, d);
}

/// Each lane's digest, in halves.
#[inline(always)]
fn digest_rows(chain: &(impl Chain + ?Sized), state: [U32x4; 8]) -> [[U32x4; LANES]; 2] {
    let [a, b, c, d, e, f, g, h] = if chain.is_big_endian() {
        state.map(U32x4::swap_bytes)
    } else {
        state
    };
    [[a, b, c, d], [e, f, g, h]].map(U32x4::transposed)
}

#[inline(always)]
fn write_digest(rows: &[[U32x4; LANES]; 2], lane: usize, digest: &mut [u8; DIGEST_BYTES]) {
    for (bytes, half) in digest.as_chunks_mut().0.iter_mut().zip(rows) {
        half[lane].write_bytes(bytes);
    }
}

/// What a lane works on.
struct Task<'m, 'o> {
    message: &'m [u8],
    digest: &'o mut [u8; DIGEST_BYTES],
    /// The block that comes next, and how many there are.
    block: usize,
    blocks: usize,
    /// For a double hash: that the message is done, and its digest is the message now.
    is_second: bool,
}

/// What each lane's compression is told besides the block: BLAKE3's block length and flags; for
/// SHA-256 the message's length in bytes if the block has nothing of it, otherwise 0.
type Extras = [[u32; LANES]; 2];

/// A hash function over lanes.
trait Chain {
    /// Whether words are written most significant byte first.
    fn is_big_endian(&self) -> bool;
    /// How many blocks a message has.
    fn blocks(&self, message_bytes: usize) -> usize;
    /// Writes a block that the message doesn't fill.
    fn pad(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]);
    /// What else the compression of a block is told.
    fn extras(&self, message: &[u8], block: usize) -> [u32; 2];
    fn compress(
        &self,
        state: &mut [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        extras: &Extras,
    );
    /// Compresses a block that has nothing of its messages, which have one length. Says whether it
    /// is one.
    fn compress_padding(&self, _: &mut [U32x4; 8], _message_bytes: usize, _block: usize) -> bool {
        false
    }
    fn is_double(&self) -> bool {
        false
    }
    /// Makes digests of what the last block has left.
    fn finish(&self, _: &mut [U32x4; 8]) {}
}

/// Messages of different lengths. One copy of the code serves all functions: it is large.
fn run<'m, 'o>(chain: &dyn Chain, work: &mut dyn Iterator<Item = Work<'m, 'o>>) {
    let mut begin = || {
        work.next().map(|(message, digest)| Task {
            message,
            digest,
            block: 0,
            blocks: chain.blocks(message.len()),
            is_second: false,
        })
    };
    let mut tasks: [Option<Task<'_, '_>>; LANES] = core::array::from_fn(|_| begin());
    let mut state = initial();
    let mut padded = [[0; BLOCK_BYTES]; LANES];
    let mut extras: Extras = [[0; LANES]; 2];
    while tasks.iter().any(Option::is_some) {
        let mut whole = [None; LANES];
        let mut is_any_done = false;
        for (lane, task) in tasks.iter_mut().enumerate() {
            let Some(task) = task else { continue };
            let message = if task.is_second {
                task.digest.as_slice()
            } else {
                // Read where it lies: a message outlives its task.
                whole[lane] = task
                    .message
                    .get(task.block * BLOCK_BYTES..)
                    .unwrap_or_default()
                    .first_chunk();
                task.message
            };
            if whole[lane].is_none() {
                chain.pad(message, task.block, &mut padded[lane]);
            }
            [extras[0][lane], extras[1][lane]] = chain.extras(message, task.block);
            task.block += 1;
            is_any_done |= task.block == task.blocks;
        }
        let blocks = core::array::from_fn(|lane| whole[lane].unwrap_or(&padded[lane]));
        chain.compress(&mut state, &blocks, &extras);
        if is_any_done {
            state = finish_lanes(chain, state, &mut tasks, &mut begin);
        }
    }
}

/// Where SHA-256 begins, and BLAKE3 too.
fn initial() -> [U32x4; 8] {
    INITIAL.map(U32x4::splat)
}

/// Takes the digests of the lanes that are done, and gives those lanes something new to do.
fn finish_lanes<'m, 'o>(
    chain: &dyn Chain,
    state: [U32x4; 8],
    tasks: &mut [Option<Task<'m, 'o>>; LANES],
    begin: &mut impl FnMut() -> Option<Task<'m, 'o>>,
) -> [U32x4; 8] {
    let mut is_done = [true; LANES];
    let rows = digest_rows(chain, state);
    for (lane, slot) in tasks.iter_mut().enumerate() {
        let Some(task) = slot else { continue };
        if task.block < task.blocks {
            is_done[lane] = false;
            continue;
        }
        write_digest(&rows, lane, task.digest);
        if chain.is_double() && !task.is_second {
            task.is_second = true;
            task.block = 0;
            task.blocks = chain.blocks(DIGEST_BYTES);
        } else {
            *slot = begin();
        }
    }
    if is_done == [true; LANES] {
        return initial();
    }
    core::array::from_fn(|index| {
        let words = state[index].to_words();
        U32x4::from_fn(|lane| {
            let lane = lane as usize;
            if is_done[lane] {
                INITIAL[index]
            } else {
                words[lane]
            }
        })
    })
}

/// The words of each lane's block, in the chain's order of bytes.
#[inline(always)]
fn transposed(chain: &impl Chain, blocks: &[&[u8; BLOCK_BYTES]; LANES]) -> [U32x4; 16] {
    let columns = |quarter: usize| {
        U32x4::transposed(core::array::from_fn(|lane| {
            let row = U32x4::from_bytes(&blocks[lane].as_chunks().0[quarter]);
            if chain.is_big_endian() {
                row.swap_bytes()
            } else {
                row
            }
        }))
    };
    // Written out: joining arrays would copy them, for which engines call a function.
    let [a, b, c, d] = columns(0);
    let [e, f, g, h] = columns(1);
    let [i, j, k, l] = columns(2);
    let [m, n, o, p] = columns(3);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

struct Sha256 {
    is_double: bool,
    /// A last block that has nothing of its message is the same for all of that length: for which
    /// length its schedule was worked out last.
    padding: RefCell<(usize, [u32; 64])>,
}

impl Sha256 {
    const fn new(is_double: bool) -> Self {
        Self {
            is_double,
            padding: RefCell::new((0, [0; 64])),
        }
    }

    /// Compresses the last block of messages of which it has nothing. They aren't empty.
    fn compress_known(&self, state: &mut [U32x4; 8], message_bytes: usize) {
        let mut padding = self.padding.borrow_mut();
        let (length, schedule) = &mut *padding;
        if *length != message_bytes {
            let bits = message_bytes as u64 * 8;
            let mut block = [0; 16];
            if message_bytes.is_multiple_of(BLOCK_BYTES) {
                block[0] = 0x8000_0000;
            }
            [block[14], block[15]] = [(bits >> 32) as u32, bits as u32];
            (*length, *schedule) = (message_bytes, sha256_lanes::keyed_schedule(&block));
        }
        let end = sha256_lanes::compress_scheduled(*state, schedule);
        *state = sha256_lanes::add_all(end, *state);
    }
}

impl Chain for Sha256 {
    fn is_big_endian(&self) -> bool {
        true
    }

    fn blocks(&self, message_bytes: usize) -> usize {
        (message_bytes + 1 + 8).div_ceil(BLOCK_BYTES)
    }

    /// The padding of §5.1.1 of FIPS 180-4: a one bit, zeros, the length in bits.
    fn pad(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]) {
        let rest = message.get(block * BLOCK_BYTES..).unwrap_or_default();
        *bytes = [0; BLOCK_BYTES];
        bytes[..rest.len()].copy_from_slice(rest);
        if block * BLOCK_BYTES <= message.len() {
            bytes[rest.len()] = 0x80;
        }
        if block + 1 == self.blocks(message.len()) {
            let bits = message.len() as u64 * 8;
            bytes[BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
        }
    }

    fn extras(&self, message: &[u8], block: usize) -> [u32; 2] {
        let is_padding = block * BLOCK_BYTES >= message.len();
        let length = u32::try_from(message.len()).unwrap_or(0);
        [if is_padding { length } else { 0 }, 0]
    }

    fn compress(
        &self,
        state: &mut [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        [lengths, _]: &Extras,
    ) {
        let [length, others @ ..] = lengths;
        if *length != 0 && others.iter().all(|other| other == length) {
            return self.compress_known(state, *length as usize);
        }
        *state = sha256_lanes::compress(*state, &mut transposed(self, blocks));
    }

    fn compress_padding(&self, state: &mut [U32x4; 8], message_bytes: usize, block: usize) -> bool {
        let is_padding = message_bytes > 0 && block * BLOCK_BYTES >= message_bytes;
        if is_padding {
            self.compress_known(state, message_bytes);
        }
        is_padding
    }

    fn is_double(&self) -> bool {
        self.is_double
    }

    fn finish(&self, state: &mut [U32x4; 8]) {
        if self.is_double {
            *state = sha256_lanes::compress(initial(), &mut sha256_lanes::digest_block(*state));
        }
    }
}

struct Blake3;

impl Chain for Blake3 {
    fn is_big_endian(&self) -> bool {
        false
    }

    fn blocks(&self, message_bytes: usize) -> usize {
        message_bytes.div_ceil(BLOCK_BYTES).max(1)
    }

    fn pad(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]) {
        let rest = &message[block * BLOCK_BYTES..];
        *bytes = [0; BLOCK_BYTES];
        bytes[..rest.len()].copy_from_slice(rest);
    }

    fn extras(&self, message: &[u8], block: usize) -> [u32; 2] {
        let (length, flags) = blake3_lanes::length_and_flags(message.len(), block);
        [length, flags]
    }

    fn compress(
        &self,
        state: &mut [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        extras: &Extras,
    ) {
        let [length, flags] = extras.map(|told| U32x4::from_fn(|lane| told[lane as usize]));
        blake3_lanes::compress(state, &transposed(self, blocks), length, flags);
    }
}
