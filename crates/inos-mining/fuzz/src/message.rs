//! Requests for every method of the capsule as TypeScript would encode them, over regions that are in order or
//! aren't; then bent.

use capnp::message::{Builder, HeapAllocator};
use inos_sdk::generated::job_capnp::{job, region};

use crate::generated::mining_capnp as schema;
use crate::generated::mining_capnp::{mining_limits, mining_method};
use crate::input::Input;

/// How many blocks of the arena a request may name.
pub const BLOCKS: usize = 3;
pub const BLOCK_BYTES: u32 = 4096;

const LENGTHS: [u32; 10] = [0, 1, 8, 32, 64, 384, 1024, 1025, 2000, BLOCK_BYTES];

/// Names a block, or what is none.
fn fill_region(mut region: region::Builder<'_>, blocks: &[u32; BLOCKS], input: &mut Input<'_>) {
    let block = input.choose(blocks);
    let (offset, length) = match input.below(8) {
        0 => (input.long() as u32, input.long() as u32),
        1 => (
            block + input.below(64),
            input.length(BLOCK_BYTES as usize) as u32,
        ),
        _ => (block, input.choose(&LENGTHS)),
    };
    region.set_offset(offset);
    region.set_byte_length(length);
}

fn fill_options(mut options: schema::blake3_options::Builder<'_>, input: &mut Input<'_>) {
    let length = input.choose(&[0, 31, 32, 32]);
    match input.below(3) {
        0 => options.set_mode(schema::Blake3Mode::Hash),
        1 => options.set_mode(schema::Blake3Mode::Keyed),
        _ => options.set_mode(schema::Blake3Mode::DeriveKey),
    }
    options.set_key(&input.bytes(length));
    options.set_context("a context");
}

fn algorithm(input: &mut Input<'_>) -> schema::HashAlgorithm {
    input.choose(&[
        schema::HashAlgorithm::Sha256,
        schema::HashAlgorithm::Sha256d,
        schema::HashAlgorithm::Sha512,
        schema::HashAlgorithm::Blake3,
    ])
}

fn fill_search(
    mut params: schema::search_params::Builder<'_>,
    blocks: &[u32; BLOCKS],
    input: &mut Input<'_>,
) {
    params.set_algorithm(algorithm(input));
    let length = input.length(mining_limits::MAXIMUM_HEADER_BYTES as usize + 1);
    params.set_header(&input.bytes(length));
    params.set_nonce_offset(input.length(length + 1) as u32);
    let length = input.choose(&[32, 32, 32, 31]);
    params.set_target(&input.bytes(length));
    let length = input.choose(&[0, 0, 32, 33]);
    params.set_lowest(&input.bytes(length));
    params.set_first_nonce(input.long());
    params.set_last_nonce(input.long());
    params.set_digest_order(input.choose(&[
        schema::DigestOrder::BigEndian,
        schema::DigestOrder::LittleEndian,
    ]));
    params.set_nonce_format(input.choose(&[
        schema::NonceFormat::Uint32LittleEndian,
        schema::NonceFormat::Uint32BigEndian,
        schema::NonceFormat::Uint64LittleEndian,
        schema::NonceFormat::Uint64BigEndian,
        schema::NonceFormat::Decimal,
    ]));
    params.set_mode(input.choose(&[schema::SearchMode::First, schema::SearchMode::Any]));
    if input.is_set() {
        params.set_on_cpu(input.is_set());
        fill_region(params.init_lane_board(), blocks, input);
    }
}

/// The parameters of a method, nearly as they should be.
fn fill_params(
    job: job::Builder<'_>,
    method: u16,
    hasher: u32,
    blocks: &[u32; BLOCKS],
    input: &mut Input<'_>,
) {
    let any = job.init_params();
    macro_rules! fill {
        ($module:ident, $params:ident => $($body:tt)*) => {{
            let mut $params = any.init_as::<schema::$module::Builder<'_>>();
            $($body)*
        }};
    }
    match method {
        mining_method::HASH => fill!(hash_params, params => {
            params.set_algorithm(algorithm(input));
            fill_region(params.reborrow().init_input(), blocks, input);
            if input.is_set() { fill_region(params.init_scratch(), blocks, input); }
        }),
        mining_method::SEARCH => fill_search(any.init_as(), blocks, input),
        mining_method::HASHER_OPEN => fill!(hasher_open_params, params => {
            params.set_algorithm(algorithm(input));
            fill_options(params.init_options(), input);
        }),
        mining_method::HASHER_UPDATE => fill!(hasher_update_params, params => {
            params.set_hasher(hasher);
            fill_region(params.init_input(), blocks, input);
        }),
        mining_method::HASHER_UPDATE_TREE => fill!(hasher_update_tree_params, params => {
            params.set_hasher(hasher);
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.init_scratch(), blocks, input);
        }),
        mining_method::HASHER_FINISH => {
            fill!(hasher_finish_params, params => params.set_hasher(hasher))
        }
        mining_method::HASHER_CLOSE => {
            fill!(hasher_close_params, params => params.set_hasher(hasher))
        }
        mining_method::HASHER_EXTEND => fill!(hasher_extend_params, params => {
            params.set_hasher(hasher);
            params.set_position(input.long());
            fill_region(params.init_output(), blocks, input);
        }),
        mining_method::HASH_MANY => fill!(hash_many_params, params => {
            params.set_algorithm(algorithm(input));
            params.set_count(input.long() as u32);
            params.set_message_bytes(input.long() as u32);
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.reborrow().init_ends(), blocks, input);
            fill_region(params.init_output(), blocks, input);
        }),
        mining_method::BLAKE3 => fill!(blake3_params, params => {
            fill_options(params.reborrow().init_options(), input);
            params.set_position(input.long());
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.reborrow().init_output(), blocks, input);
            if input.is_set() { fill_region(params.init_scratch(), blocks, input); }
        }),
        mining_method::ENCODE_OUTBOARD => fill!(encode_outboard_params, params => {
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.init_outboard(), blocks, input);
        }),
        mining_method::EXTRACT_SLICE => fill!(extract_slice_params, params => {
            params.set_start(input.long());
            params.set_length(input.long());
            params.set_input_start(input.long());
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.reborrow().init_outboard(), blocks, input);
            fill_region(params.init_slice(), blocks, input);
        }),
        mining_method::ENCODE_SUBTREE => fill!(encode_subtree_params, params => {
            params.set_number(input.long());
            fill_region(params.reborrow().init_input(), blocks, input);
            fill_region(params.init_outboard(), blocks, input);
        }),
        mining_method::JOIN_SUBTREES => fill!(join_subtrees_params, params => {
            params.set_bytes(input.long());
            fill_region(params.reborrow().init_values(), blocks, input);
            fill_region(params.init_outboard(), blocks, input);
        }),
        _ => fill!(verify_slice_params, params => {
            params.set_start(input.long());
            params.set_length(input.long());
            let length = input.choose(&[32, 32, 31]);
            params.set_digest(&input.bytes(length));
            fill_region(params.reborrow().init_slice(), blocks, input);
            fill_region(params.init_output(), blocks, input);
        }),
    }
}

/// A request for a method, bent in some places or not.
pub fn request(method: u16, hasher: u32, blocks: &[u32; BLOCKS], input: &mut Input<'_>) -> Vec<u8> {
    let mut message = Builder::<HeapAllocator>::new_default();
    let mut job = message.init_root::<job::Builder<'_>>();
    job.set_method(method);
    fill_params(job, method, hasher, blocks, input);
    let mut bytes = capnp::serialize::write_message_to_words(&message);
    for _ in 0..input.below(3) {
        let at = input.length(bytes.len() - 1);
        bytes[at] ^= input.byte();
    }
    if input.below(8) == 0 {
        let length = input.length(bytes.len());
        bytes.truncate(length);
    }
    bytes
}
