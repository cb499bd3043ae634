//! Runs every kept input of every target again: each was once a new path through the code, or a finding.

use inos_fuzz::{TARGETS, corpus};

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
