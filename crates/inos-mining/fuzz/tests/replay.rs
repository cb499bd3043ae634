//! Runs every kept input again, each once a new path through the code or a finding, and mutations of them.

use inos_mining_fuzz::{TARGETS, corpus};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

const CASES: u32 = 2000;

#[test]
fn kept_inputs_run_to_their_end() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        println!("{name}: {} inputs", inputs.len());
        for input in inputs {
            target(&input);
        }
    }
}

#[test]
fn mutated_inputs_run_to_their_end() {
    for (name, target) in TARGETS {
        let changes = prop::collection::vec((any::<Index>(), any::<u8>()), 1..8);
        let end = prop::collection::vec(any::<u8>(), 0..60);
        let mutated = (select(corpus(name)), changes, end).prop_map(|(mut input, changes, end)| {
            for (at, value) in changes {
                let at = at.index(input.len());
                input[at] = value;
            }
            input.extend(end);
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
