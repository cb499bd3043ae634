//! What a machine without libFuzzer can do: mutations of the kept inputs, for some seconds, different ones each time.

use inos_fuzz::{TARGETS, corpus};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

const CASES: u32 = 15_000;

/// What is done to an input.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Flip(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    /// The rest is another input's.
    Splice(Index, Vec<u8>),
}

impl Mutation {
    fn apply(&self, input: &mut Vec<u8>) {
        if input.is_empty() {
            return;
        }
        let length = input.len();
        let place = |at: &Index| at.index(length);
        match self {
            Self::Set(at, value) => input[place(at)] = *value,
            Self::Flip(at, bit) => input[place(at)] ^= 1 << bit,
            Self::Insert(at, value) => input.insert(place(at), *value),
            Self::Remove(at) => drop(input.remove(place(at))),
            Self::Splice(at, other) => {
                let at = place(at);
                input.truncate(at);
                input.extend(other.iter().skip(at));
            }
        }
    }
}

fn mutations(inputs: &[Vec<u8>]) -> impl Strategy<Value = Vec<Mutation>> + use<> {
    let at = any::<Index>;
    let one = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, value)| Mutation::Set(at, value)),
        (at(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, value)| Mutation::Insert(at, value)),
        at().prop_map(Mutation::Remove),
        (at(), select(inputs.to_vec())).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ];
    prop::collection::vec(one, 1..6)
}

#[test]
fn mutated_inputs_run_to_their_end() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        let mutated =
            (select(inputs.clone()), mutations(&inputs)).prop_map(|(mut input, steps)| {
                for step in &steps {
                    step.apply(&mut input);
                }
                input
            });
        let config = Config {
            failure_persistence: None,
            ..Config::with_cases(CASES)
        };
        let ran = TestRunner::new(config).run(&mutated, |input| {
            target(&input);
            Ok(())
        });
        assert!(ran.is_ok(), "{name}: {ran:?}");
    }
}
