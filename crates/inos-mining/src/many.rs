//! Many messages in one call: four are hashed side by side in the lanes of one vector.
//!
//! Messages may differ in length: a lane whose message is done takes the next one, while the others
//! go on. SHA-512, and messages for which BLAKE3 needs a tree, take the plain path.

use core::cell::OnceCell;

use crate::hash::{Algorithm, DIGEST_BYTES, hash};
use crate::search::blake3::{self as blake3_lanes, CHUNK_BYTES};
use crate::search::lanes::{Lanes, U32x4};
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
/// SHA-256 the message's length in bytes if the block is padding alone, otherwise 0.
type Extras = [[u32; LANES]; 2];

/// A hash function over lanes.
trait Chain {
    const INITIAL: [u32; 8];
    const TO_BYTES: fn(u32) -> [u8; 4];

    /// How many blocks a message has.
    fn blocks(&self, message_bytes: usize) -> usize;
    /// Writes a block of a message, and says what else the compression is told.
    fn fill(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]) -> [u32; 2];
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[[u8; BLOCK_BYTES]; LANES],
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
    let mut blocks = [[0; BLOCK_BYTES]; LANES];
    let mut extras: Extras = [[0; LANES]; 2];
    while tasks.iter().any(Option::is_some) {
        let mut is_any_done = false;
        for (lane, task) in tasks.iter_mut().enumerate() {
            let Some(task) = task else { continue };
            let told = if task.is_second {
                chain.fill(task.digest, task.block, &mut blocks[lane])
            } else {
                chain.fill(task.message, task.block, &mut blocks[lane])
            };
            extras[0][lane] = told[0];
            extras[1][lane] = told[1];
            task.block += 1;
            is_any_done |= task.block == task.blocks;
        }
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
    let mut words = state.map(U32x4::to_words);
    for (lane, slot) in tasks.iter_mut().enumerate() {
        let Some(task) = slot.as_mut().filter(|task| task.block == task.blocks) else {
            continue;
        };
        let (quads, _) = task.digest.as_chunks_mut::<4>();
        for ((quad, word), initial) in quads.iter_mut().zip(&mut words).zip(C::INITIAL) {
            *quad = C::TO_BYTES(word[lane]);
            word[lane] = initial;
        }
        if chain.is_double() && !task.is_second {
            task.is_second = true;
            task.block = 0;
            task.blocks = chain.blocks(DIGEST_BYTES);
        } else {
            *slot = begin();
        }
    }
    words.map(|word| U32x4::from_fn(|lane| word[lane as usize]))
}

/// The words of each lane's block, read by `word`.
#[inline(always)]
fn transposed(blocks: &[[u8; BLOCK_BYTES]; LANES], word: impl Fn([u8; 4]) -> u32) -> [U32x4; 16] {
    core::array::from_fn(|index| {
        U32x4::from_fn(|lane| word(blocks[lane as usize].as_chunks::<4>().0[index]))
    })
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
    const TO_BYTES: fn(u32) -> [u8; 4] = u32::to_be_bytes;

    fn blocks(&self, message_bytes: usize) -> usize {
        (message_bytes + 1 + 8).div_ceil(BLOCK_BYTES)
    }

    fn fill(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]) -> [u32; 2] {
        let rest = message.get(block * BLOCK_BYTES..).unwrap_or_default();
        if let Some(whole) = rest.first_chunk() {
            *bytes = *whole;
            return [0; 2];
        }
        // The padding of §5.1.1 of FIPS 180-4: a one bit, zeros, the length in bits.
        *bytes = [0; BLOCK_BYTES];
        bytes[..rest.len()].copy_from_slice(rest);
        if block * BLOCK_BYTES <= message.len() {
            bytes[rest.len()] = 0x80;
        }
        if block + 1 == self.blocks(message.len()) {
            let bits = message.len() as u64 * 8;
            bytes[BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
        }
        [
            if rest.is_empty() {
                message.len() as u32
            } else {
                0
            },
            0,
        ]
    }

    #[inline(always)]
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[[u8; BLOCK_BYTES]; LANES],
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
        sha256_lanes::compress(state, &transposed(blocks, u32::from_be_bytes))
    }

    fn is_double(&self) -> bool {
        self.is_double
    }
}

struct Blake3;

impl Chain for Blake3 {
    const INITIAL: [u32; 8] = sha256_lanes::INITIAL;
    const TO_BYTES: fn(u32) -> [u8; 4] = u32::to_le_bytes;

    fn blocks(&self, message_bytes: usize) -> usize {
        message_bytes.div_ceil(BLOCK_BYTES).max(1)
    }

    fn fill(&self, message: &[u8], block: usize, bytes: &mut [u8; BLOCK_BYTES]) -> [u32; 2] {
        let rest = &message[block * BLOCK_BYTES..];
        if let Some(whole) = rest.first_chunk() {
            *bytes = *whole;
        } else {
            *bytes = [0; BLOCK_BYTES];
            bytes[..rest.len()].copy_from_slice(rest);
        }
        let (length, flags) = blake3_lanes::length_and_flags(message.len(), block);
        [length, flags]
    }

    #[inline(always)]
    fn compress(
        &self,
        state: [U32x4; 8],
        blocks: &[[u8; BLOCK_BYTES]; LANES],
        extras: &Extras,
    ) -> [U32x4; 8] {
        let [length, flags] = extras.map(|told| U32x4::from_fn(|lane| told[lane as usize]));
        let words = transposed(blocks, u32::from_le_bytes);
        blake3_lanes::compress(state, &words, length, flags)
    }
}
