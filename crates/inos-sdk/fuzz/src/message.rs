//! Requests as TypeScript would encode them, then bent; and bytes that were never a request.

use inos_sdk::generated::job_capnp::{job, region};

use crate::host::Job;
use crate::input::Input;
use crate::methods::{ECHO, FAIL, FILL, HUNGRY, LOUD, PARALLEL, RESULT, SUM, WAIT, WALK};

const METHODS: [u16; 11] = [
    ECHO, SUM, SUM, FAIL, PARALLEL, WAIT, HUNGRY, LOUD, RESULT, WALK, FILL,
];
/// Jobs within jobs: some more than a reader follows.
const DEEPEST: u32 = 20;

/// A job, and a request that is its own, a bent one or anything.
pub fn mutated_request(input: &mut Input<'_>) -> (Job, Vec<u8>) {
    let method = input.choose(&METHODS);
    let job = Job {
        seed: input.below(64).into(),
        region: Some((input.word(), input.word())),
        budget: input.word().into(),
        minimum: input.below(32).into(),
        threads: input.below(4),
        output_bytes: input.below(128),
        result_bytes: input.below(64),
        priority: input.below(3) as usize,
        ..Job::of(method)
    };
    let mut request = match input.below(4) {
        0 => input.bytes(256).to_vec(),
        1 => nested(method, input),
        _ => job.request(),
    };
    for _ in 0..input.below(4) {
        let at = usize::from(input.byte());
        if let Some(byte) = request.get_mut(at) {
            *byte ^= input.byte();
        }
    }
    if input.below(4) == 0 {
        request.truncate(input.byte().into());
    }
    (job, request)
}

/// Jobs within jobs, and a region with a shape at their end.
fn nested(method: u16, input: &mut Input<'_>) -> Vec<u8> {
    let mut message = capnp::message::Builder::new_default();
    let mut inner = message.init_root::<job::Builder<'_>>();
    inner.set_method(method);
    for _ in 0..input.below(DEEPEST) {
        inner = inner.init_params().init_as::<job::Builder<'_>>();
        inner.set_seed(1);
    }
    inner = inner.init_params().init_as::<job::Builder<'_>>();
    let sizes = input.below(16);
    let region = inner.init_params().init_as::<region::Builder<'_>>();
    let mut shape = region.init_shape(sizes);
    for index in 0..sizes {
        shape.set(index, input.word());
    }
    capnp::serialize::write_message_to_words(&message)
}
