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
    /// For each block around the window, what is known of its schedule.
    around: Vec<Plan>,
    /// For each block after the window, the message schedule with the round constants added.
    after: Vec<[u32; 64]>,
    /// The second hash of a double one.
    double: Option<Box<Plan>>,
}

impl Kernel {
    /// Prepares `message`; `double` hashes each digest once more.
    pub(super) fn new(message: &[u8], window_offset: usize, double: bool) -> Self {
        let template = Template::new(pad(message), window_offset, WordOrder::BigEndian);
        let midstate = template.before.iter().fold(INITIAL, compress);
        let after = template.after.iter().map(keyed_schedule).collect();
        let mut around = Vec::new();
        for (index, block) in template.around.iter().enumerate() {
            // Only the first of two begins in a state that is known.
            let known = (index == 0).then_some(midstate);
            around.push(Plan::new(block, template.varying(index), known));
        }
        let mut padding = [0; 16];
        padding[8] = 0x8000_0000;
        padding[15] = DIGEST_BITS;
        Self {
            midstate,
            template,
            around,
            after,
            double: double.then(|| Box::new(Plan::new(&padding, 0x00ff, Some(INITIAL)))),
        }
    }

    /// The words of the digest for each lane's window.
    #[cfg(test)]
    pub(super) fn digests<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> [L; 8] {
        self.hash(
            window,
            |state: [L; 8], schedule, initial: [L; 8]| {
                add_all(last_rounds(state, schedule), initial)
            },
            |state: [L; 8], schedule, initial: [L; 8]| {
                add_all(compress_scheduled(state, schedule), initial)
            },
        )
    }

    /// The first word of the digest for each lane's window.
    #[inline(always)]
    pub(super) fn first_words<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> L {
        self.hash(
            window,
            |state: [L; 8], schedule, initial: [L; 8]| {
                last_rounds(state, schedule)[0].add(initial[0])
            },
            |state: [L; 8], schedule, initial: [L; 8]| {
                compress_scheduled(state, schedule)[0].add(initial[0])
            },
        )
    }

    /// The last word of the digest for each lane's window, which is known three rounds early.
    #[inline(always)]
    pub(super) fn last_words<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> L {
        self.hash(
            window,
            |state: [L; 8], schedule, initial: [L; 8]| last_word(state, schedule).add(initial[7]),
            |state: [L; 8], schedule, initial: [L; 8]| {
                compress_scheduled(state, schedule)[7].add(initial[7])
            },
        )
    }

    /// Hashes up to the end of the last compression, which `end` makes into what is wanted:
    /// from the state after 48 rounds, the schedule then and the state at its beginning. `end_known`
    /// does the same where the last block is known.
    #[inline(always)]
    fn hash<L: Lanes, R>(
        &self,
        window: impl Fn(u32) -> u32,
        end: impl Fn([L; 8], &mut [L; 16], [L; 8]) -> R,
        end_known: impl Fn([L; 8], &[u32; 64], [L; 8]) -> R,
    ) -> R {
        let mut state = self.midstate.map(L::splat);
        let mut blocks = self.around.iter().enumerate();
        let (last_around, after) = match (&self.double, self.after.split_last()) {
            (None, None) => (blocks.next_back(), None),
            (None, Some((last, before))) => (None, Some((before, last))),
            (Some(_), _) => (None, None),
        };
        for (index, plan) in blocks {
            let mut schedule = self.template.block_with(index, &window);
            let rounds = plan.first_rounds(state, &mut schedule);
            state = add_all(last_rounds(rounds, &mut schedule), state);
        }
        if let Some((index, plan)) = last_around {
            let mut schedule = self.template.block_with(index, &window);
            let rounds = plan.first_rounds(state, &mut schedule);
            return end(rounds, &mut schedule, state);
        }
        if let Some((before, last)) = after {
            for schedule in before {
                state = add_all(compress_scheduled(state, schedule), state);
            }
            return end_known(state, last, state);
        }
        for schedule in &self.after {
            state = add_all(compress_scheduled(state, schedule), state);
        }
        let Some(plan) = &self.double else {
            unreachable!("a single hash has ended by now");
        };
        let mut schedule = plan.words.map(L::splat);
        schedule[..8].copy_from_slice(&state);
        let initial = plan.state.map(L::splat);
        let rounds = plan.first_rounds(initial, &mut schedule);
        end(rounds, &mut schedule, initial)
    }

    /// How many blocks are compressed for each nonce.
    pub(super) fn blocks_per_nonce(&self) -> usize {
        self.template.blocks_per_nonce() + usize::from(self.double.is_some())
    }
}

/// What a word of the schedule is the sum of (§6.2.2, step 1), as far as it varies.
#[derive(Clone, Copy, Debug, Default)]
struct Terms {
    /// The sum of what is known.
    known: u32,
    sigma1: bool,
    seventh: bool,
    sigma0: bool,
    sixteenth: bool,
}

/// What is known of a block only some of whose words vary from lane to lane.
#[derive(Clone, Debug)]
struct Plan {
    /// The block, with zeros in the window.
    words: Block,
    /// The state before the round `entry`: what is done of the rounds once for all lanes.
    state: [u32; 8],
    entry: usize,
    /// The words 16 to 31 of the schedule.
    terms: [Terms; 16],
    /// The round constants. From here they are loaded, which costs less than building a vector.
    keys: [[u32; 16]; 4],
}

impl Plan {
    /// A plan for a block whose words vary where a bit of `varying` is set. The rounds before those
    /// can be done at once if the state before the block is `known`.
    fn new(words: &Block, varying: u16, known: Option<[u32; 8]>) -> Self {
        let mut varies = [false; 32];
        let mut schedule = [0; 32];
        for (index, word) in words.iter().enumerate() {
            varies[index] = varying >> index & 1 == 1;
            if !varies[index] {
                schedule[index] = *word;
            }
        }
        let mut terms = [Terms::default(); 16];
        for (place, term) in terms.iter_mut().enumerate() {
            let at = place + 16;
            term.sigma1 = varies[at - 2];
            term.seventh = varies[at - 7];
            term.sigma0 = varies[at - 15];
            term.sixteenth = varies[at - 16];
            // Words that vary are zeros here, and so are their sigmas: they are added per lane.
            term.known = [
                sigma1(schedule[at - 2]),
                schedule[at - 7],
                sigma0(schedule[at - 15]),
                schedule[at - 16],
            ]
            .into_iter()
            .fold(0, u32::wrapping_add);
            varies[at] = term.sigma1 || term.seventh || term.sigma0 || term.sixteenth;
            if !varies[at] {
                schedule[at] = term.known;
            }
        }
        let entry = known.map_or(0, |_| varying.trailing_zeros() as usize);
        let mut state = known.unwrap_or_default();
        for (word, key) in words.iter().zip(&ROUND[0]).take(entry) {
            turn(&mut state, word.wrapping_add(*key));
        }
        Self {
            words: *words,
            state,
            entry,
            terms,
            keys: ROUND,
        }
    }

    /// The first 48 rounds. Leaves the words 32 to 47 of the schedule.
    #[inline(never)]
    fn first_rounds<L: Lanes>(&self, initial: [L; 8], schedule: &mut [L; 16]) -> [L; 8] {
        let mut state = initial;
        if self.entry > 0 {
            state = self.state.map(L::splat);
        }
        for (word, key) in schedule.iter().zip(&self.keys[0]).skip(self.entry) {
            turn(&mut state, word.add(L::splat(*key)));
        }
        for (place, terms) in self.terms.iter().enumerate() {
            let mut sum = L::splat(terms.known);
            if terms.sigma1 {
                sum = sum.add(sigma1(schedule[(place + 14) % 16]));
            }
            if terms.seventh {
                sum = sum.add(schedule[(place + 9) % 16]);
            }
            if terms.sigma0 {
                sum = sum.add(sigma0(schedule[(place + 1) % 16]));
            }
            if terms.sixteenth {
                sum = sum.add(schedule[place]);
            }
            schedule[place] = sum;
        }
        sixteen_rounds(&mut state, |place| {
            schedule[place].add(L::splat(self.keys[1][place]))
        });
        sixteen_rounds(&mut state, |place| {
            expand(schedule, place);
            schedule[place].add(L::splat(self.keys[2][place]))
        });
        state
    }
}

/// The last 16 rounds.
#[inline(never)]
fn last_rounds<L: Lanes>(mut state: [L; 8], schedule: &mut [L; 16]) -> [L; 8] {
    let keys = core::hint::black_box(&ROUND[3]);
    sixteen_rounds(&mut state, |place| {
        expand(schedule, place);
        schedule[place].add(L::splat(keys[place]))
    });
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
fn eight_rounds<L: Lanes>(state: &mut [L; 8], mut keyed_word: impl FnMut(usize) -> L) {
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
    state.rotate_right(1);
}

/// The compression function, §6.2.2.
///
/// The rounds are a loop, and one copy of it serves all callers: unrolled they outgrow the
/// processor's cache of decoded instructions and were measured a third slower.
#[inline(never)]
pub(crate) fn compress<L: Lanes>(initial: [L; 8], block: &[L; 16]) -> [L; 8] {
    let mut state = initial;
    let mut schedule = *block;
    let [first, rest @ ..] = core::hint::black_box(&ROUND);
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

/// The 64 rounds for a block whose schedule, constants added, is known.
#[inline(never)]
pub(crate) fn compress_scheduled<L: Lanes>(initial: [L; 8], keyed_schedule: &[u32; 64]) -> [L; 8] {
    let mut state = initial;
    for keyed in keyed_schedule.as_chunks::<16>().0 {
        sixteen_rounds(&mut state, |place| L::splat(keyed[place]));
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
fn sigma0<L: Lanes>(word: L) -> L {
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

/// The first temporary word of a round.
#[inline(always)]
fn temporary<L: Lanes>(state: &[L; 8], names: [usize; 8], keyed_word: L) -> L {
    let [.., e, f, g, h] = names.map(|register| state[register]);
    let sum1 = e
        .rotate_right::<6>()
        .xor(e.rotate_right::<11>())
        .xor(e.rotate_right::<25>());
    let choice = g.xor(e.and(f.xor(g)));
    h.add(sum1).add(choice).add(keyed_word)
}

#[inline(always)]
pub(crate) fn add_all<L: Lanes>(left: [L; 8], right: [L; 8]) -> [L; 8] {
    core::array::from_fn(|index| left[index].add(right[index]))
}
