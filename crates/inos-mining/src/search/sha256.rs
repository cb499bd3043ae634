//! SHA-256 over lanes (FIPS 180-4), once or twice, for messages that differ in one window.

use super::lanes::Lanes;
use super::template::{BLOCK_BYTES, Block, Template, WordOrder};

/// The initial hash value, §5.3.3.
pub(crate) const INITIAL: [u32; 8] = [
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
pub(crate) const ROUND: [[u32; 16]; 4] = [
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
    /// Where the first block around the window begins: rounds before it are done once.
    start: Start,
    /// For each block after the window, the message schedule with the round constants added.
    after: Vec<[u32; 64]>,
    is_double: bool,
}

/// What is done of a block's rounds: the state before the round `entry`.
#[derive(Clone, Copy, Debug)]
struct Start {
    state: [u32; 8],
    entry: usize,
}

/// The last compression of a message: the state before it, and what is compressed.
enum Last<'k, L> {
    /// A block, with what is done of its rounds.
    Block(Option<&'k Start>, [L; 16]),
    /// A block that is the same for all lanes, as its schedule.
    Known(&'k [u32; 64]),
}

impl Kernel {
    /// Prepares `message`; with `is_double` each digest is hashed once more.
    pub(super) fn new(message: &[u8], window_offset: usize, is_double: bool) -> Self {
        let padded = pad(message);
        let mut midstate = INITIAL;
        let (before, _) = padded[..window_offset].as_chunks();
        crate::sha256::compress(&mut midstate, before);
        let template = Template::new(padded, window_offset, WordOrder::BigEndian);
        let after = template.after.iter().map(keyed_schedule).collect();
        let start = Start::new(midstate, &template.around[0], template.first_varying());
        Self {
            midstate,
            template,
            start,
            after,
            is_double,
        }
    }

    /// The words of the digest for each lane's window.
    #[cfg(test)]
    pub(super) fn digests<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> [L; 8] {
        let (initial, last) = self.before_last(window);
        let state = match last {
            Last::Block(start, mut block) => rounds(initial, start, &mut block, ALL_ROWS),
            Last::Known(schedule) => compress_scheduled(initial, schedule),
        };
        add_all(state, initial)
    }

    /// The first word of the digest for each lane's window.
    #[inline(always)]
    pub(super) fn first_words<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> L {
        let (initial, last) = self.before_last::<L>(window);
        let [first, ..] = match last {
            Last::Block(start, mut block) => rounds(initial, start, &mut block, ALL_ROWS),
            Last::Known(schedule) => compress_scheduled(initial, schedule),
        };
        first.add(initial[0])
    }

    /// The last word of the digest for each lane's window, which is known three rounds early.
    #[inline(always)]
    pub(super) fn last_words<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> L {
        let (initial, last) = self.before_last::<L>(window);
        let word = match last {
            Last::Block(start, mut block) => {
                let state = rounds(initial, start, &mut block, ALL_ROWS - 1);
                last_word(state, &mut block)
            }
            Last::Known(schedule) => compress_scheduled(initial, schedule)[7],
        };
        word.add(initial[7])
    }

    /// Hashes up to the last compression.
    #[inline(always)]
    fn before_last<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> ([L; 8], Last<'_, L>) {
        let mut state = self.midstate.map(L::splat);
        let blocks = self.template.around.len();
        for index in 0..blocks {
            let mut block = self.template.block_with(index, &window);
            // Only the first of two begins in a state that is known.
            let start = (index == 0).then_some(&self.start);
            if index + 1 == blocks && self.after.is_empty() && !self.is_double {
                return (state, Last::Block(start, block));
            }
            state = add_all(rounds(state, start, &mut block, ALL_ROWS), state);
        }
        let (last, between) = match self.after.split_last() {
            Some((last, between)) if !self.is_double => (Some(last), between),
            _ => (None, self.after.as_slice()),
        };
        for schedule in between {
            state = add_all(compress_scheduled(state, schedule), state);
        }
        match last {
            Some(schedule) => (state, Last::Known(schedule)),
            None => (
                INITIAL.map(L::splat),
                Last::Block(None, digest_block(state)),
            ),
        }
    }

    /// How many blocks are compressed for each nonce.
    pub(super) fn blocks_per_nonce(&self) -> usize {
        self.template.blocks_per_nonce() + usize::from(self.is_double)
    }
}

impl Start {
    /// Does the rounds before the one that takes the word `entry`.
    fn new(mut state: [u32; 8], words: &Block, entry: usize) -> Self {
        for (word, key) in words.iter().zip(&ROUND[0]).take(entry) {
            turn(&mut state, word.wrapping_add(*key));
        }
        Self { state, entry }
    }
}

/// A digest as the one block that the second hash of a double one takes.
#[inline(always)]
pub(crate) fn digest_block<L: Lanes>(digest: [L; 8]) -> [L; 16] {
    let [a, b, c, d, e, f, g, h] = digest;
    let (one, zero, bits) = (L::splat(0x8000_0000), L::splat(0), L::splat(DIGEST_BITS));
    [
        a, b, c, d, e, f, g, h, one, zero, zero, zero, zero, zero, zero, bits,
    ]
}

/// In how many rows of 16 the rounds come after the first.
const ALL_ROWS: usize = 3;

/// The rounds of a block, as far as they aren't done: the first 16 and as many more as `rows` says.
/// Leaves the last words of the schedule.
///
/// The rounds are loops, and one copy of them serves all callers: unrolled they outgrow the
/// processor's cache of decoded instructions and were measured a third slower. So were schedules
/// that leave out what is known of a block: the branches cost more than the sums they save.
#[inline(never)]
fn rounds<L: Lanes>(
    initial: [L; 8],
    start: Option<&Start>,
    schedule: &mut [L; 16],
    rows: usize,
) -> [L; 8] {
    // The constants are loaded, which costs less than building vectors of them.
    let [first, rest @ ..] = core::hint::black_box(&ROUND);
    let mut state = initial;
    let mut entry = 0;
    if let Some(start) = start {
        state = start.state.map(L::splat);
        entry = start.entry;
    }
    let eights = entry.next_multiple_of(8);
    for place in entry..eights {
        turn(&mut state, schedule[place].add(L::splat(first[place])));
    }
    let words = schedule.as_chunks::<8>().0;
    let keys = first.as_chunks::<8>().0;
    for (words, keys) in words.iter().zip(keys).skip(eights / 8) {
        eight_rounds(&mut state, |place| words[place].add(L::splat(keys[place])));
    }
    // A copy whose address nobody has can stay in registers.
    let mut last = *schedule;
    for keys in &rest[..rows] {
        sixteen_rounds(&mut state, |place| {
            expand(&mut last, place);
            last[place].add(L::splat(keys[place]))
        });
    }
    *schedule = last;
    state
}

/// Those of the last 16 rounds, and of each what is needed, for the last word of the state: it is
/// what the sixtieth round made the fifth.
#[inline(never)]
fn last_word<L: Lanes>(mut state: [L; 8], schedule: &mut [L; 16]) -> L {
    let keys = core::hint::black_box(&ROUND[3]);
    let mut keyed_word = |place: usize| {
        expand(schedule, place);
        schedule[place].add(L::splat(keys[place]))
    };
    eight_rounds(&mut state, &mut keyed_word);
    round(&mut state, [0, 1, 2, 3, 4, 5, 6, 7], keyed_word(8));
    // After that round the registers go by the names 7, 0, 1, …; only the fifth still changes.
    half_round(&mut state, [7, 0, 1, 2, 3, 4, 5, 6], keyed_word(9));
    half_round(&mut state, [6, 7, 0, 1, 2, 3, 4, 5], keyed_word(10));
    half_round(&mut state, [5, 6, 7, 0, 1, 2, 3, 4], keyed_word(11));
    half_round(&mut state, [4, 5, 6, 7, 0, 1, 2, 3], keyed_word(12));
    state[7]
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

/// Eight rounds, the eight registers moving along by one name instead of being copied.
#[inline(always)]
pub(crate) fn eight_rounds<L: Lanes>(state: &mut [L; 8], mut keyed_word: impl FnMut(usize) -> L) {
    round(state, [0, 1, 2, 3, 4, 5, 6, 7], keyed_word(0));
    round(state, [7, 0, 1, 2, 3, 4, 5, 6], keyed_word(1));
    round(state, [6, 7, 0, 1, 2, 3, 4, 5], keyed_word(2));
    round(state, [5, 6, 7, 0, 1, 2, 3, 4], keyed_word(3));
    round(state, [4, 5, 6, 7, 0, 1, 2, 3], keyed_word(4));
    round(state, [3, 4, 5, 6, 7, 0, 1, 2], keyed_word(5));
    round(state, [2, 3, 4, 5, 6, 7, 0, 1], keyed_word(6));
    round(state, [1, 2, 3, 4, 5, 6, 7, 0], keyed_word(7));
}

/// Sixteen rounds.
#[inline(always)]
fn sixteen_rounds<L: Lanes>(state: &mut [L; 8], mut keyed_word: impl FnMut(usize) -> L) {
    eight_rounds(state, &mut keyed_word);
    eight_rounds(state, |place| keyed_word(place + 8));
}

/// One round, after which every register has its own name again.
#[inline(always)]
fn turn<L: Lanes>(state: &mut [L; 8], keyed_word: L) {
    round(state, [0, 1, 2, 3, 4, 5, 6, 7], keyed_word);
    // Written out: `rotate_right` would move them through memory.
    let [a, b, c, d, e, f, g, h] = *state;
    *state = [h, a, b, c, d, e, f, g];
}

/// The compression function, §6.2.2. Leaves the last words of the schedule in place of the block.
#[inline(always)]
pub(crate) fn compress<L: Lanes>(initial: [L; 8], block: &mut [L; 16]) -> [L; 8] {
    add_all(rounds(initial, None, block, ALL_ROWS), initial)
}

/// The 64 rounds for a block whose schedule, constants added, is known.
#[inline(never)]
pub(crate) fn compress_scheduled<L: Lanes>(initial: [L; 8], keyed_schedule: &[u32; 64]) -> [L; 8] {
    let mut state = initial;
    for keyed in keyed_schedule.as_chunks::<8>().0 {
        eight_rounds(&mut state, |place| L::splat(keyed[place]));
    }
    state
}

/// The message schedule of a block, each word with its round constant added.
pub(crate) fn keyed_schedule(block: &Block) -> [u32; 64] {
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
    schedule[index] = schedule[index]
        .add(sigma0(schedule[(index + 1) % 16]))
        .add(schedule[(index + 9) % 16])
        .add(sigma1(schedule[(index + 14) % 16]));
}

#[inline(always)]
pub(crate) fn sigma0<L: Lanes>(word: L) -> L {
    word.rotate_right::<7>()
        .xor(word.rotate_right::<18>())
        .xor(word.shift_right::<3>())
}

#[inline(always)]
fn sigma1<L: Lanes>(word: L) -> L {
    word.rotate_right::<17>()
        .xor(word.rotate_right::<19>())
        .xor(word.shift_right::<10>())
}

/// One round, step 3 of §6.2.2; `names` says which registers are a to h.
#[inline(always)]
fn round<L: Lanes>(state: &mut [L; 8], names: [usize; 8], keyed_word: L) {
    let [a, b, c, ..] = names.map(|register| state[register]);
    let first = temporary(state, names, keyed_word);
    let sum0 = a
        .rotate_right::<2>()
        .xor(a.rotate_right::<13>())
        .xor(a.rotate_right::<22>());
    let majority = b.xor(a.xor(b).and(b.xor(c)));
    state[names[3]] = state[names[3]].add(first);
    state[names[7]] = first.add(sum0).add(majority);
}

/// The half of a round that makes the new e.
#[inline(always)]
fn half_round<L: Lanes>(state: &mut [L; 8], names: [usize; 8], keyed_word: L) {
    let first = temporary(state, names, keyed_word);
    state[names[3]] = state[names[3]].add(first);
}

/// The first temporary word of a round. What is known first is added first.
#[inline(always)]
fn temporary<L: Lanes>(state: &[L; 8], names: [usize; 8], keyed_word: L) -> L {
    let [.., e, f, g, h] = names.map(|register| state[register]);
    let sum1 = e
        .rotate_right::<6>()
        .xor(e.rotate_right::<11>())
        .xor(e.rotate_right::<25>());
    let choice = g.xor(e.and(f.xor(g)));
    h.add(keyed_word).add(choice).add(sum1)
}

#[inline(always)]
pub(crate) fn add_all<L: Lanes>(left: [L; 8], right: [L; 8]) -> [L; 8] {
    core::array::from_fn(|index| left[index].add(right[index]))
}
