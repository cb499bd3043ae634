// Nonce search: each invocation hashes the message with one nonce in it. Integers only, so that every device
// gives the same bits. The twin of crates/inos-mining/src/search/: sections are those of FIPS 180-4 and of the
// BLAKE3 paper. Indices into arrays of words are literals throughout: they become registers.

/// What the nonces of one run have in common.
struct Task {
    /// The numbers that qualify, most significant word first.
    lowest: array<u32, 8>,
    highest: array<u32, 8>,
    /// The state after the blocks that end before the window.
    midstate: array<u32, 8>,
    /// How many blocks follow, of 16 words each; their window is zero.
    block_count: u32,
    /// Where the window lies, in bytes from the first of them, and how many bytes it has.
    window_start: u32,
    window_bytes: u32,
    /// How the window is written: LITTLE_ENDIAN, BIG_ENDIAN or DIGITS.
    window_form: u32,
    /// Whether the digest's last word is its most significant one, and whether its words are to be turned round.
    is_reversed: u32,
    is_swapped: u32,
    /// BLAKE3: the message's bytes in the last block, and the flag of the first.
    last_bytes: u32,
    first_flag: u32,
    blocks: array<u32>,
}

/// The part of a run that one dispatch searches.
struct Slice {
    /// The number that its first window is written for.
    low: u32,
    count: u32,
    /// What its first nonce is called in `found`.
    first: u32,
}

@group(0) @binding(0) var<storage, read> task: Task;
@group(0) @binding(1) var<uniform> slice: Slice;
/// The lowest that qualifies.
@group(0) @binding(2) var<storage, read_write> found: atomic<u32>;

const LITTLE_ENDIAN = 0u;
const DIGITS = 2u;
const WORKGROUP = 64u;

fn swap_bytes(word: u32) -> u32 {
    return (word << 24u) | ((word & 0xff00u) << 8u) | ((word >> 8u) & 0xff00u) | (word >> 24u);
}

fn rotate_right(word: u32, bits: u32) -> u32 {
    return (word >> bits) | (word << (32u - bits));
}

/// The bytes of the window for a number, most significant byte first, from the first byte on.
fn window_bytes(number: u32) -> vec3<u32> {
    if task.window_form != DIGITS {
        let word = select(number, swap_bytes(number), task.window_form == LITTLE_ENDIAN);
        return vec3(word, 0u, 0u);
    }
    var bytes = vec3(0u);
    var rest = number;
    for (var digit = 0u; digit < task.window_bytes; digit++) {
        let written = vec3((0x30u + rest % 10u) << 24u, bytes.xy << vec2(24u));
        bytes = (bytes >> vec3(8u)) | written;
        rest /= 10u;
    }
    return bytes;
}

/// What the window adds to the word that it begins in and to the two after it.
fn window_words(number: u32) -> vec3<u32> {
    let bytes = window_bytes(number);
    let shift = (task.window_start % 4u) * 8u;
    // In two steps: all 32 bits at once can't be shifted.
    let carried = (vec3(0u, bytes.xy) << vec3(31u - shift)) << vec3(1u);
    return (bytes >> vec3(shift)) | carried;
}

/// The word of the blocks at an index, with the window in it.
fn word_at(index: u32, window: vec3<u32>) -> u32 {
    let place = index - task.window_start / 4u;
    var word = task.blocks[index];
    word |= select(0u, window.x, place == 0u);
    word |= select(0u, window.y, place == 1u);
    word |= select(0u, window.z, place == 2u);
    return word;
}

/// One of the blocks.
fn block_at(index: u32, window: vec3<u32>) -> array<u32, 16> {
    let from_word = 16u * index;
    return array(
        word_at(from_word + 0u, window),
        word_at(from_word + 1u, window),
        word_at(from_word + 2u, window),
        word_at(from_word + 3u, window),
        word_at(from_word + 4u, window),
        word_at(from_word + 5u, window),
        word_at(from_word + 6u, window),
        word_at(from_word + 7u, window),
        word_at(from_word + 8u, window),
        word_at(from_word + 9u, window),
        word_at(from_word + 10u, window),
        word_at(from_word + 11u, window),
        word_at(from_word + 12u, window),
        word_at(from_word + 13u, window),
        word_at(from_word + 14u, window),
        word_at(from_word + 15u, window),
    );
}

/// Whether a digest is among the numbers that qualify.
fn qualifies(digest: array<u32, 8>) -> bool {
    let leading = number_word(digest[0], digest[7]);
    if leading - task.lowest[0] > task.highest[0] - task.lowest[0] {
        return false;
    }
    let number = array(
        leading,
        number_word(digest[1], digest[6]),
        number_word(digest[2], digest[5]),
        number_word(digest[3], digest[4]),
        number_word(digest[4], digest[3]),
        number_word(digest[5], digest[2]),
        number_word(digest[6], digest[1]),
        number_word(digest[7], digest[0]),
    );
    var above_lowest = false;
    var below_highest = false;
    for (var place = 0u; place < 8u; place++) {
        let word = number[place];
        let is_below = !above_lowest && word < task.lowest[place];
        let is_above = !below_highest && word > task.highest[place];
        if is_below || is_above {
            return false;
        }
        above_lowest = above_lowest || word > task.lowest[place];
        below_highest = below_highest || word < task.highest[place];
    }
    return true;
}

/// A word of the number that a digest is, from the one at its place and the one at the same place from the end.
fn number_word(word: u32, mirrored: u32) -> u32 {
    let chosen = select(word, mirrored, task.is_reversed != 0u);
    return select(chosen, swap_bytes(chosen), task.is_swapped != 0u);
}

/// The number of an invocation in its dispatch, or the largest number if there is nothing for it to do.
fn place_of(workgroup: vec3<u32>, workgroups: vec3<u32>, local: u32) -> u32 {
    let place = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP + local;
    return select(0xffffffffu, place, place < slice.count);
}

fn report(place: u32, digest: array<u32, 8>) {
    if qualifies(digest) {
        atomicMin(&found, slice.first + place);
    }
}

// SHA-256

/// The registers a to d and e to h.
struct State {
    front: vec4<u32>,
    back: vec4<u32>,
}

const SHA256_INITIAL = array(
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
);

/// One round, step 3 of 6.2.2.
fn sha256_round(s: State, keyed_word: u32) -> State {
    let e = s.back.x;
    let a = s.front.x;
    let sum1 = rotate_right(e, 6u) ^ rotate_right(e, 11u) ^ rotate_right(e, 25u);
    let choice = s.back.z ^ (e & (s.back.y ^ s.back.z));
    let first = s.back.w + sum1 + choice + keyed_word;
    let sum0 = rotate_right(a, 2u) ^ rotate_right(a, 13u) ^ rotate_right(a, 22u);
    let majority = s.front.y ^ ((a ^ s.front.y) & (s.front.y ^ s.front.z));
    return State(
        vec4(first + sum0 + majority, s.front.xyz),
        vec4(s.front.w + first, s.back.xyz),
    );
}

/// The word of the message schedule sixteen after `oldest`.
fn expand(oldest: u32, far: u32, middle: u32, near: u32) -> u32 {
    let sigma0 = rotate_right(far, 7u) ^ rotate_right(far, 18u) ^ (far >> 3u);
    let sigma1 = rotate_right(near, 17u) ^ rotate_right(near, 19u) ^ (near >> 10u);
    return oldest + sigma0 + middle + sigma1;
}

fn first_rounds(start: State, w: ptr<function, array<u32, 16>>) -> State {
    var s = start;
    s = sha256_round(s, (*w)[0] + 0x428a2f98u);
    s = sha256_round(s, (*w)[1] + 0x71374491u);
    s = sha256_round(s, (*w)[2] + 0xb5c0fbcfu);
    s = sha256_round(s, (*w)[3] + 0xe9b5dba5u);
    s = sha256_round(s, (*w)[4] + 0x3956c25bu);
    s = sha256_round(s, (*w)[5] + 0x59f111f1u);
    s = sha256_round(s, (*w)[6] + 0x923f82a4u);
    s = sha256_round(s, (*w)[7] + 0xab1c5ed5u);
    s = sha256_round(s, (*w)[8] + 0xd807aa98u);
    s = sha256_round(s, (*w)[9] + 0x12835b01u);
    s = sha256_round(s, (*w)[10] + 0x243185beu);
    s = sha256_round(s, (*w)[11] + 0x550c7dc3u);
    s = sha256_round(s, (*w)[12] + 0x72be5d74u);
    s = sha256_round(s, (*w)[13] + 0x80deb1feu);
    s = sha256_round(s, (*w)[14] + 0x9bdc06a7u);
    s = sha256_round(s, (*w)[15] + 0xc19bf174u);
    return s;
}

fn second_rounds(start: State, w: ptr<function, array<u32, 16>>) -> State {
    var s = start;
    (*w)[0] = expand((*w)[0], (*w)[1], (*w)[9], (*w)[14]);
    (*w)[1] = expand((*w)[1], (*w)[2], (*w)[10], (*w)[15]);
    (*w)[2] = expand((*w)[2], (*w)[3], (*w)[11], (*w)[0]);
    (*w)[3] = expand((*w)[3], (*w)[4], (*w)[12], (*w)[1]);
    (*w)[4] = expand((*w)[4], (*w)[5], (*w)[13], (*w)[2]);
    (*w)[5] = expand((*w)[5], (*w)[6], (*w)[14], (*w)[3]);
    (*w)[6] = expand((*w)[6], (*w)[7], (*w)[15], (*w)[4]);
    (*w)[7] = expand((*w)[7], (*w)[8], (*w)[0], (*w)[5]);
    (*w)[8] = expand((*w)[8], (*w)[9], (*w)[1], (*w)[6]);
    (*w)[9] = expand((*w)[9], (*w)[10], (*w)[2], (*w)[7]);
    (*w)[10] = expand((*w)[10], (*w)[11], (*w)[3], (*w)[8]);
    (*w)[11] = expand((*w)[11], (*w)[12], (*w)[4], (*w)[9]);
    (*w)[12] = expand((*w)[12], (*w)[13], (*w)[5], (*w)[10]);
    (*w)[13] = expand((*w)[13], (*w)[14], (*w)[6], (*w)[11]);
    (*w)[14] = expand((*w)[14], (*w)[15], (*w)[7], (*w)[12]);
    (*w)[15] = expand((*w)[15], (*w)[0], (*w)[8], (*w)[13]);
    s = sha256_round(s, (*w)[0] + 0xe49b69c1u);
    s = sha256_round(s, (*w)[1] + 0xefbe4786u);
    s = sha256_round(s, (*w)[2] + 0x0fc19dc6u);
    s = sha256_round(s, (*w)[3] + 0x240ca1ccu);
    s = sha256_round(s, (*w)[4] + 0x2de92c6fu);
    s = sha256_round(s, (*w)[5] + 0x4a7484aau);
    s = sha256_round(s, (*w)[6] + 0x5cb0a9dcu);
    s = sha256_round(s, (*w)[7] + 0x76f988dau);
    s = sha256_round(s, (*w)[8] + 0x983e5152u);
    s = sha256_round(s, (*w)[9] + 0xa831c66du);
    s = sha256_round(s, (*w)[10] + 0xb00327c8u);
    s = sha256_round(s, (*w)[11] + 0xbf597fc7u);
    s = sha256_round(s, (*w)[12] + 0xc6e00bf3u);
    s = sha256_round(s, (*w)[13] + 0xd5a79147u);
    s = sha256_round(s, (*w)[14] + 0x06ca6351u);
    s = sha256_round(s, (*w)[15] + 0x14292967u);
    return s;
}

fn third_rounds(start: State, w: ptr<function, array<u32, 16>>) -> State {
    var s = start;
    (*w)[0] = expand((*w)[0], (*w)[1], (*w)[9], (*w)[14]);
    (*w)[1] = expand((*w)[1], (*w)[2], (*w)[10], (*w)[15]);
    (*w)[2] = expand((*w)[2], (*w)[3], (*w)[11], (*w)[0]);
    (*w)[3] = expand((*w)[3], (*w)[4], (*w)[12], (*w)[1]);
    (*w)[4] = expand((*w)[4], (*w)[5], (*w)[13], (*w)[2]);
    (*w)[5] = expand((*w)[5], (*w)[6], (*w)[14], (*w)[3]);
    (*w)[6] = expand((*w)[6], (*w)[7], (*w)[15], (*w)[4]);
    (*w)[7] = expand((*w)[7], (*w)[8], (*w)[0], (*w)[5]);
    (*w)[8] = expand((*w)[8], (*w)[9], (*w)[1], (*w)[6]);
    (*w)[9] = expand((*w)[9], (*w)[10], (*w)[2], (*w)[7]);
    (*w)[10] = expand((*w)[10], (*w)[11], (*w)[3], (*w)[8]);
    (*w)[11] = expand((*w)[11], (*w)[12], (*w)[4], (*w)[9]);
    (*w)[12] = expand((*w)[12], (*w)[13], (*w)[5], (*w)[10]);
    (*w)[13] = expand((*w)[13], (*w)[14], (*w)[6], (*w)[11]);
    (*w)[14] = expand((*w)[14], (*w)[15], (*w)[7], (*w)[12]);
    (*w)[15] = expand((*w)[15], (*w)[0], (*w)[8], (*w)[13]);
    s = sha256_round(s, (*w)[0] + 0x27b70a85u);
    s = sha256_round(s, (*w)[1] + 0x2e1b2138u);
    s = sha256_round(s, (*w)[2] + 0x4d2c6dfcu);
    s = sha256_round(s, (*w)[3] + 0x53380d13u);
    s = sha256_round(s, (*w)[4] + 0x650a7354u);
    s = sha256_round(s, (*w)[5] + 0x766a0abbu);
    s = sha256_round(s, (*w)[6] + 0x81c2c92eu);
    s = sha256_round(s, (*w)[7] + 0x92722c85u);
    s = sha256_round(s, (*w)[8] + 0xa2bfe8a1u);
    s = sha256_round(s, (*w)[9] + 0xa81a664bu);
    s = sha256_round(s, (*w)[10] + 0xc24b8b70u);
    s = sha256_round(s, (*w)[11] + 0xc76c51a3u);
    s = sha256_round(s, (*w)[12] + 0xd192e819u);
    s = sha256_round(s, (*w)[13] + 0xd6990624u);
    s = sha256_round(s, (*w)[14] + 0xf40e3585u);
    s = sha256_round(s, (*w)[15] + 0x106aa070u);
    return s;
}

fn fourth_rounds(start: State, w: ptr<function, array<u32, 16>>) -> State {
    var s = start;
    (*w)[0] = expand((*w)[0], (*w)[1], (*w)[9], (*w)[14]);
    (*w)[1] = expand((*w)[1], (*w)[2], (*w)[10], (*w)[15]);
    (*w)[2] = expand((*w)[2], (*w)[3], (*w)[11], (*w)[0]);
    (*w)[3] = expand((*w)[3], (*w)[4], (*w)[12], (*w)[1]);
    (*w)[4] = expand((*w)[4], (*w)[5], (*w)[13], (*w)[2]);
    (*w)[5] = expand((*w)[5], (*w)[6], (*w)[14], (*w)[3]);
    (*w)[6] = expand((*w)[6], (*w)[7], (*w)[15], (*w)[4]);
    (*w)[7] = expand((*w)[7], (*w)[8], (*w)[0], (*w)[5]);
    (*w)[8] = expand((*w)[8], (*w)[9], (*w)[1], (*w)[6]);
    (*w)[9] = expand((*w)[9], (*w)[10], (*w)[2], (*w)[7]);
    (*w)[10] = expand((*w)[10], (*w)[11], (*w)[3], (*w)[8]);
    (*w)[11] = expand((*w)[11], (*w)[12], (*w)[4], (*w)[9]);
    (*w)[12] = expand((*w)[12], (*w)[13], (*w)[5], (*w)[10]);
    (*w)[13] = expand((*w)[13], (*w)[14], (*w)[6], (*w)[11]);
    (*w)[14] = expand((*w)[14], (*w)[15], (*w)[7], (*w)[12]);
    (*w)[15] = expand((*w)[15], (*w)[0], (*w)[8], (*w)[13]);
    s = sha256_round(s, (*w)[0] + 0x19a4c116u);
    s = sha256_round(s, (*w)[1] + 0x1e376c08u);
    s = sha256_round(s, (*w)[2] + 0x2748774cu);
    s = sha256_round(s, (*w)[3] + 0x34b0bcb5u);
    s = sha256_round(s, (*w)[4] + 0x391c0cb3u);
    s = sha256_round(s, (*w)[5] + 0x4ed8aa4au);
    s = sha256_round(s, (*w)[6] + 0x5b9cca4fu);
    s = sha256_round(s, (*w)[7] + 0x682e6ff3u);
    s = sha256_round(s, (*w)[8] + 0x748f82eeu);
    s = sha256_round(s, (*w)[9] + 0x78a5636fu);
    s = sha256_round(s, (*w)[10] + 0x84c87814u);
    s = sha256_round(s, (*w)[11] + 0x8cc70208u);
    s = sha256_round(s, (*w)[12] + 0x90befffau);
    s = sha256_round(s, (*w)[13] + 0xa4506cebu);
    s = sha256_round(s, (*w)[14] + 0xbef9a3f7u);
    s = sha256_round(s, (*w)[15] + 0xc67178f2u);
    return s;
}
/// The compression function, 6.2.2.
fn compress(initial: array<u32, 8>, block: array<u32, 16>) -> array<u32, 8> {
    var w = block;
    var s = State(
        vec4(initial[0], initial[1], initial[2], initial[3]),
        vec4(initial[4], initial[5], initial[6], initial[7]),
    );
    s = first_rounds(s, &w);
    s = second_rounds(s, &w);
    s = third_rounds(s, &w);
    s = fourth_rounds(s, &w);
    return array(
        initial[0] + s.front.x, initial[1] + s.front.y, initial[2] + s.front.z, initial[3] + s.front.w,
        initial[4] + s.back.x, initial[5] + s.back.y, initial[6] + s.back.z, initial[7] + s.back.w,
    );
}

fn sha256(number: u32) -> array<u32, 8> {
    let window = window_words(number);
    var state = task.midstate;
    for (var block = 0u; block < task.block_count; block++) {
        state = compress(state, block_at(block, window));
    }
    return state;
}

/// SHA-256 of a digest, whose words and padding are one block.
fn sha256_of_digest(d: array<u32, 8>) -> array<u32, 8> {
    return compress(SHA256_INITIAL, array(
        d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7],
        0x80000000u, 0u, 0u, 0u, 0u, 0u, 0u, 256u,
    ));
}

@compute @workgroup_size(WORKGROUP)
fn search_sha256(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = place_of(workgroup, workgroups, local);
    if place != 0xffffffffu {
        report(place, sha256(slice.low + place));
    }
}

@compute @workgroup_size(WORKGROUP)
fn search_sha256d(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = place_of(workgroup, workgroups, local);
    if place != 0xffffffffu {
        report(place, sha256_of_digest(sha256(slice.low + place)));
    }
}

// BLAKE3: at most 1,024 bytes are one chunk, which is the root, so that the counter is always zero.

const CHUNK_END_AND_ROOT = 10u;

/// The state's sixteen words in rows of four, 2.2.
struct Rows {
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
    d: vec4<u32>,
}

/// Four quarter rounds G, one in each column.
fn mix_columns(start: Rows, x: vec4<u32>, y: vec4<u32>) -> Rows {
    var r = start;
    r.a += r.b + x;
    r.d = rotate_all(r.d ^ r.a, 16u);
    r.c += r.d;
    r.b = rotate_all(r.b ^ r.c, 12u);
    r.a += r.b + y;
    r.d = rotate_all(r.d ^ r.a, 8u);
    r.c += r.d;
    r.b = rotate_all(r.b ^ r.c, 7u);
    return r;
}

fn rotate_all(words: vec4<u32>, bits: u32) -> vec4<u32> {
    return (words >> vec4(bits)) | (words << vec4(32u - bits));
}

/// A round: the columns, then the diagonals as columns of turned rows.
fn mix_round(start: Rows, m: array<u32, 16>) -> Rows {
    var r = mix_columns(start, vec4(m[0], m[2], m[4], m[6]), vec4(m[1], m[3], m[5], m[7]));
    r = Rows(r.a, r.b.yzwx, r.c.zwxy, r.d.wxyz);
    r = mix_columns(r, vec4(m[8], m[10], m[12], m[14]), vec4(m[9], m[11], m[13], m[15]));
    return Rows(r.a, r.b.wxyz, r.c.zwxy, r.d.yzwx);
}

/// The order of the words in the next round.
fn permuted(m: array<u32, 16>) -> array<u32, 16> {
    return array(
        m[2], m[6], m[3], m[10], m[7], m[0], m[4], m[13], m[1], m[11], m[12], m[5], m[9], m[14], m[15], m[8],
    );
}

/// The compression function, cut to the eight words of a chaining value or digest.
fn blake3_compress(chaining: array<u32, 8>, block: array<u32, 16>, bytes: u32, flags: u32) -> array<u32, 8> {
    var m = block;
    var r = Rows(
        vec4(chaining[0], chaining[1], chaining[2], chaining[3]),
        vec4(chaining[4], chaining[5], chaining[6], chaining[7]),
        vec4(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au),
        vec4(0u, 0u, bytes, flags),
    );
    for (var done = 0u; done < 7u; done++) {
        r = mix_round(r, m);
        m = permuted(m);
    }
    let low = r.a ^ r.c;
    let high = r.b ^ r.d;
    return array(low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w);
}

/// A block as BLAKE3 reads it: the window's words the other way round.
fn blake3(number: u32) -> array<u32, 8> {
    let words = window_words(number);
    let window = vec3(swap_bytes(words.x), swap_bytes(words.y), swap_bytes(words.z));
    var chaining = task.midstate;
    for (var block = 0u; block < task.block_count; block++) {
        let is_last = block + 1u == task.block_count;
        let flags = select(0u, task.first_flag, block == 0u) | select(0u, CHUNK_END_AND_ROOT, is_last);
        let bytes = select(64u, task.last_bytes, is_last);
        chaining = blake3_compress(chaining, block_at(block, window), bytes, flags);
    }
    return chaining;
}

@compute @workgroup_size(WORKGROUP)
fn search_blake3(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = place_of(workgroup, workgroups, local);
    if place != 0xffffffffu {
        report(place, blake3(slice.low + place));
    }
}
