//! Many messages in one call: four are hashed side by side in the lanes of one vector.
//!
//! Messages may differ in length: a lane whose message is done takes the next one, while the others
//! go on. SHA-512, and messages for which BLAKE3 needs a tree, take the plain path.

use core::cell::OnceCell;

use crate::hash::{Algorithm, DIGEST_BYTES, hash};
use crate::search::blake3::{self as blake3_lanes, CHUNK_BYTES};
use crate::search::lanes::{Lanes, Quad, U32x4};
use crate::search::sha256 as sha256_lanes;
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
    let mut work = messages.zip(digests);
    match algorithm {
        Algorithm::Sha256 => run(&Sha256::new(false), &mut work),
        Algorithm::Sha256d => run(&Sha256::new(true), &mut work),
        Algorithm::Blake3 => {
            let mut short = work.filter_map(|(message, digest)| {
                if message.len() <= CHUNK_BYTES {
                    return Some((message, digest));
                }
                *digest = hash(Algorithm::Blake3, message);
                None
            });
            run(&Blake3, &mut short);
        }
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
    const INITIAL: [u32; 8];
    /// Whether words are written most significant byte first.
    const IS_BIG_ENDIAN: bool;

    /// How many blocks a message has.
    fn blocks(&self, message_bytes: usize) -> usize;
    /// Writes a block that the message doesn't fill.
    fn pad(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]);
    /// What else the compression of a block is told.
    fn extras(&self, message: &[u8], block: usize) -> [u32; 2];
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        extras: &Extras,
    ) -> [U32x4; 8];
    fn is_double(&self) -> bool {
        false
    }
}

fn run<'m, 'o>(
    chain: &impl Chain,
    work: &mut impl Iterator<Item = (&'m [u8], &'o mut [u8; DIGEST_BYTES])>,
) {
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
    let mut state = initial(chain);
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
        state = chain.compress(state, &blocks, &extras);
        if is_any_done {
            state = finish_lanes(chain, state, &mut tasks, &mut begin);
        }
    }
}

fn initial<C: Chain>(_: &C) -> [U32x4; 8] {
    C::INITIAL.map(U32x4::splat)
}

/// Takes the digests of the lanes that are done, and gives those lanes something new to do.
fn finish_lanes<'m, 'o, C: Chain>(
    chain: &C,
    state: [U32x4; 8],
    tasks: &mut [Option<Task<'m, 'o>>; LANES],
    begin: &mut impl FnMut() -> Option<Task<'m, 'o>>,
) -> [U32x4; 8] {
    let mut is_done = [true; LANES];
    let [a, b, c, d, e, f, g, h] = if C::IS_BIG_ENDIAN {
        state.map(U32x4::swap_bytes)
    } else {
        state
    };
    let halves = [[a, b, c, d], [e, f, g, h]].map(U32x4::transposed);
    for (lane, slot) in tasks.iter_mut().enumerate() {
        let Some(task) = slot else { continue };
        if task.block < task.blocks {
            is_done[lane] = false;
            continue;
        }
        for (bytes, half) in task.digest.as_chunks_mut().0.iter_mut().zip(halves) {
            half[lane].write_bytes(bytes);
        }
        if chain.is_double() && !task.is_second {
            task.is_second = true;
            task.block = 0;
            task.blocks = chain.blocks(DIGEST_BYTES);
        } else {
            *slot = begin();
        }
    }
    if is_done == [true; LANES] {
        return initial(chain);
    }
    core::array::from_fn(|index| {
        let words = state[index].to_words();
        U32x4::from_fn(|lane| {
            let lane = lane as usize;
            if is_done[lane] {
                C::INITIAL[index]
            } else {
                words[lane]
            }
        })
    })
}

/// The words of each lane's block, in the chain's order of bytes.
#[inline(always)]
fn transposed<C: Chain>(_: &C, blocks: &[&[u8; BLOCK_BYTES]; LANES]) -> [U32x4; 16] {
    let mut words = [U32x4::splat(0); 16];
    for (quarter, words) in words.as_chunks_mut().0.iter_mut().enumerate() {
        let rows = core::array::from_fn(|lane| {
            let row = U32x4::from_bytes(&blocks[lane].as_chunks().0[quarter]);
            if C::IS_BIG_ENDIAN {
                row.swap_bytes()
            } else {
                row
            }
        });
        *words = U32x4::transposed(rows);
    }
    words
}

struct Sha256 {
    is_double: bool,
    /// Messages of whole blocks end in one of padding, the same for all that are as long as the
    /// first: its schedule is worked out once.
    padding: OnceCell<(u32, [u32; 64])>,
}

impl Sha256 {
    const fn new(is_double: bool) -> Self {
        Self {
            is_double,
            padding: OnceCell::new(),
        }
    }
}

impl Chain for Sha256 {
    const INITIAL: [u32; 8] = sha256_lanes::INITIAL;
    const IS_BIG_ENDIAN: bool = true;

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
        [if is_padding { message.len() as u32 } else { 0 }, 0]
    }

    #[inline(always)]
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        [lengths, _]: &Extras,
    ) -> [U32x4; 8] {
        if lengths[0] != 0 && lengths.iter().all(|length| *length == lengths[0]) {
            let (length, schedule) = self.padding.get_or_init(|| {
                let words = blocks[0].as_chunks::<4>().0;
                let block = core::array::from_fn(|word| u32::from_be_bytes(words[word]));
                (lengths[0], sha256_lanes::keyed_schedule(&block))
            });
            if *length == lengths[0] {
                let end = sha256_lanes::compress_scheduled(state, schedule);
                return sha256_lanes::add_all(end, state);
            }
        }
        sha256_lanes::compress(state, &transposed(self, blocks))
    }

    fn is_double(&self) -> bool {
        self.is_double
    }
}

struct Blake3;

impl Chain for Blake3 {
    const INITIAL: [u32; 8] = sha256_lanes::INITIAL;
    const IS_BIG_ENDIAN: bool = false;

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

    #[inline(always)]
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[&[u8; BLOCK_BYTES]; LANES],
        extras: &Extras,
    ) -> [U32x4; 8] {
        let [length, flags] = extras.map(|told| U32x4::from_fn(|lane| told[lane as usize]));
        blake3_lanes::compress(state, &transposed(self, blocks), length, flags)
    }
}
