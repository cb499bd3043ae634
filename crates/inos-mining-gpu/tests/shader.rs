//! The shader as a device's compiler sees it.

use inos_mining_gpu::task::Algorithm;
use inos_mining_gpu::{SHADER, WORKGROUP};
use naga::valid::{Capabilities, ValidationFlags, Validator};

#[test]
fn the_shader_is_valid_and_has_every_algorithm() {
    let module = naga::front::wgsl::parse_str(SHADER)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(SHADER)));
    // No capabilities: nothing that only some devices have.
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(SHADER)));
    for algorithm in Algorithm::ALL {
        let entry = module
            .entry_points
            .iter()
            .find(|entry| entry.name == algorithm.entry_point())
            .expect("each algorithm has an entry point");
        assert_eq!(entry.workgroup_size, [WORKGROUP, 1, 1]);
    }
}

#[test]
fn the_shader_computes_with_integers_only() {
    let module = naga::front::wgsl::parse_str(SHADER).expect("it is valid");
    let has_floats = module.types.iter().any(|(_, ty)| {
        let scalar = match &ty.inner {
            naga::TypeInner::Scalar(scalar) | naga::TypeInner::Vector { scalar, .. } => {
                Some(scalar.kind)
            }
            _ => None,
        };
        matches!(
            scalar,
            Some(naga::ScalarKind::Float | naga::ScalarKind::AbstractFloat)
        )
    });
    assert!(
        !has_floats,
        "floating point may differ from device to device"
    );
}
