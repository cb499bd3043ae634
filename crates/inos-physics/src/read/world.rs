//! What can be read of the world itself.

use super::Value;
use crate::World;
use crate::generated::answers_capnp::read_world as property;

/// One property of the world; `None` if there is no such.
pub(super) fn property(world: &World, which: u32) -> Option<Value> {
    let physics = &world.physics;
    let parameters = &physics.integration_parameters;
    Some(match which {
        property::GRAVITY => Value::vector(physics.gravity),
        property::STEP_SECONDS => Value::number(parameters.dt),
        property::LENGTH_UNIT => Value::number(parameters.length_unit),
        property::SOLVER_ITERATIONS => Value::count(parameters.num_solver_iterations),
        property::PGS_ITERATIONS => Value::count(parameters.num_internal_pgs_iterations),
        property::STABILIZATION_ITERATIONS => {
            Value::count(parameters.num_internal_stabilization_iterations)
        }
        property::CCD_SUBSTEPS => Value::count(parameters.max_ccd_substeps),
        property::CONTACT_FREQUENCY => Value::number(parameters.contact_softness.natural_frequency),
        property::CONTACT_DAMPING_RATIO => Value::number(parameters.contact_softness.damping_ratio),
        property::CONTACT_ERP => Value::number(parameters.contact_softness.erp(parameters.dt)),
        property::ALLOWED_LINEAR_ERROR => Value::number(parameters.normalized_allowed_linear_error),
        property::PREDICTION_DISTANCE => Value::number(parameters.normalized_prediction_distance),
        property::MAXIMUM_CORRECTIVE_VELOCITY => {
            Value::number(parameters.normalized_max_corrective_velocity)
        }
        property::WARMSTART => Value::number(parameters.warmstart_coefficient),
        property::BODIES => Value::count(physics.bodies.len()),
        property::COLLIDERS => Value::count(physics.colliders.len()),
        property::JOINTS => Value::word(world.joints.live()),
        property::ACTIVE_BODIES => Value::count(physics.islands.active_bodies().count()),
        property::CONTACT_PAIRS => Value::count(physics.narrow_phase.contact_pairs().count()),
        _ => return None,
    })
}
