//! SHA-256 over lanes (FIPS 180-4), once or twice, for messages that differ in one window.

use super::lanes::Lanes;
use super::template::{BLOCK_BYTES, Block, Template, WordOrder};

/// The initial hash value, §5.3.3.
pub(super) const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The round constants, §4.2.2, sixteen rounds a row.
#[rustfmt::skip]
const ROUND: [[u32; 16]; 4] = [
    [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    ],
    [
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    ],
    [
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    ],
    [
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ],
];

/// Bits in a digest, as the padding of the second hash of a double SHA-256 says.
const DIGEST_BITS: u32 = 256;

/// A message ready to be hashed with many windows.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    /// The state after the blocks before the window.
    midstate: [u32; 8],
    template: Template,
    /// For each block after the window, the message schedule with the round constants added.
    after: Vec<[u32; 64]>,
    double: bool,
}

impl Kernel {
    /// Prepares `message`; `double` hashes each digest once more.
    pub(super) fn new(message: &[u8], window_offset: usize, double: bool) -> Self {
        let template = Template::new(pad(message), window_offset, WordOrder::BigEndian);
        let midstate = template.before.iter().fold(INITIAL, compress);
        let after = template.after.iter().map(keyed_schedule).collect();
        Self {
            midstate,
            template,
            after,
            double,
        }
    }

    /// The words of the digest for each lane's window.
    #[inline(always)]
    pub(super) fn digests<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> [L; 8] {
        let mut state = self.midstate.map(L::splat);
        for index in 0..self.template.around.len() {
            state = compress(state, &self.template.block_with(index, &window));
        }
        for schedule in &self.after {
            state = compress_scheduled(state, schedule);
        }
        if self.double {
            hash_digest(state)
        } else {
            state
        }
    }

    /// How many blocks are compressed for each nonce.
    pub(super) fn blocks_per_nonce(&self) -> usize {
        self.template.blocks_per_nonce() + usize::from(self.double)
    }
}

/// The message with the padding of §5.1.1: a one bit, zeros, and the length in bits.
fn pad(message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    let filled = (padded.len() + 8).next_multiple_of(BLOCK_BYTES);
    padded.resize(filled - 8, 0);
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    padded
}

/// SHA-256 of a digest: its eight words and their padding are one block.
#[inline(always)]
fn hash_digest<L: Lanes>(digest: [L; 8]) -> [L; 8] {
    let mut block = [L::splat(0); 16];
    block[..8].copy_from_slice(&digest);
    block[8] = L::splat(0x8000_0000);
    block[15] = L::splat(DIGEST_BITS);
    compress(INITIAL.map(L::splat), &block)
}

/// Sixteen rounds, the eight registers moving along by one name instead of being copied.
#[inline(always)]
fn sixteen_rounds<L: Lanes>(state: &mut [L; 8], mut keyed_word: impl FnMut(usize) -> L) {
    for half in [0, 8] {
        round(state, [0, 1, 2, 3, 4, 5, 6, 7], keyed_word(half));
        round(state, [7, 0, 1, 2, 3, 4, 5, 6], keyed_word(half + 1));
        round(state, [6, 7, 0, 1, 2, 3, 4, 5], keyed_word(half + 2));
        round(state, [5, 6, 7, 0, 1, 2, 3, 4], keyed_word(half + 3));
        round(state, [4, 5, 6, 7, 0, 1, 2, 3], keyed_word(half + 4));
        round(state, [3, 4, 5, 6, 7, 0, 1, 2], keyed_word(half + 5));
        round(state, [2, 3, 4, 5, 6, 7, 0, 1], keyed_word(half + 6));
        round(state, [1, 2, 3, 4, 5, 6, 7, 0], keyed_word(half + 7));
    }
}

/// The compression function, §6.2.2.
///
/// The rounds are a loop, and one copy of it serves all callers: unrolled they outgrow the
/// processor's cache of decoded instructions and were measured a third slower.
#[inline(never)]
fn compress<L: Lanes>(initial: [L; 8], block: &[L; 16]) -> [L; 8] {
    let mut state = initial;
    let mut schedule = *block;
    let [first, rest @ ..] = &ROUND;
    sixteen_rounds(&mut state, |place| {
        schedule[place].add(L::splat(first[place]))
    });
    for keys in rest {
        sixteen_rounds(&mut state, |place| {
            expand(&mut schedule, place);
            schedule[place].add(L::splat(keys[place]))
        });
    }
    add_all(state, initial)
}

/// The compression function for a block whose schedule, constants added, is known.
#[inline(never)]
fn compress_scheduled<L: Lanes>(initial: [L; 8], keyed_schedule: &[u32; 64]) -> [L; 8] {
    let mut state = initial;
    for keyed in keyed_schedule.as_chunks::<16>().0 {
        sixteen_rounds(&mut state, |place| L::splat(keyed[place]));
    }
    add_all(state, initial)
}

/// The message schedule of a block, each word with its round constant added.
fn keyed_schedule(block: &Block) -> [u32; 64] {
    let mut schedule = *block;
    core::array::from_fn(|round| {
        if round >= 16 {
            expand(&mut schedule, round % 16);
        }
        schedule[round % 16].wrapping_add(ROUND[round / 16][round % 16])
    })
}

/// Replaces the `index`th of the last sixteen words of the schedule by the one sixteen later.
#[inline(always)]
fn expand<L: Lanes>(schedule: &mut [L; 16], index: usize) {
    let (near, far) = (schedule[(index + 14) % 16], schedule[(index + 1) % 16]);
    let sigma1 = near
        .rotate_right::<17>()
        .xor(near.rotate_right::<19>())
        .xor(near.shift_right::<10>());
    let sigma0 = far
        .rotate_right::<7>()
        .xor(far.rotate_right::<18>())
        .xor(far.shift_right::<3>());
    schedule[index] = schedule[index]
        .add(sigma0)
        .add(schedule[(index + 9) % 16])
        .add(sigma1);
}

/// One round, step 3 of §6.2.2; `names` says which registers are a to h.
#[inline(always)]
fn round<L: Lanes>(state: &mut [L; 8], names: [usize; 8], keyed_word: L) {
    let [a, b, c, d, e, f, g, h] = names.map(|register| state[register]);
    let sum1 = e
        .rotate_right::<6>()
        .xor(e.rotate_right::<11>())
        .xor(e.rotate_right::<25>());
    let choice = g.xor(e.and(f.xor(g)));
    let first = h.add(sum1).add(choice).add(keyed_word);
    let sum0 = a
        .rotate_right::<2>()
        .xor(a.rotate_right::<13>())
        .xor(a.rotate_right::<22>());
    let majority = b.xor(a.xor(b).and(b.xor(c)));
    state[names[3]] = d.add(first);
    state[names[7]] = first.add(sum0).add(majority);
}

#[inline(always)]
fn add_all<L: Lanes>(left: [L; 8], right: [L; 8]) -> [L; 8] {
    core::array::from_fn(|index| left[index].add(right[index]))
}
