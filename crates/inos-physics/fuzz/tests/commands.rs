//! Runs every kept input again, each once a new path through the code or a finding, and mutations of them.

use inos_physics_fuzz::{commands, corpus};
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[test]
fn kept_inputs_run_to_their_end() {
    for input in corpus("commands") {
        commands(&input);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(3000)
    })]

    #[test]
    fn mutated_inputs_run_to_their_end(
        input in select(corpus("commands")),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8),
        end in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut input = input;
        for (at, value) in changes {
            let at = at.index(input.len());
            input[at] = value;
        }
        input.extend(end);
        commands(&input);
    }
}
