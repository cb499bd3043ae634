//! What can be read of a body besides its pose and velocities.

use rapier3d::dynamics::{RigidBody, RigidBodyType};
use rapier3d::math::AngularInertia;

use super::Value;
use crate::generated::answers_capnp::read_body as property;
use crate::generated::physics_capnp::body_kind;
use crate::operands::Operands;
use crate::{Error, World};

fn find<'w>(world: &'w World, thing: Operands<'_>) -> Result<&'w RigidBody, Error> {
    let handle = world.bodies.require(thing.handle(0)?, thing.at)?;
    world.physics.bodies.get(handle).ok_or(thing.bad(0))
}

/// One property of a body; `None` if there is no such.
pub(super) fn property(
    world: &World,
    thing: Operands<'_>,
    which: u32,
) -> Result<Option<Value>, Error> {
    let body = find(world, thing)?;
    Ok(setting(body, which)
        .or_else(|| motion(body, which))
        .or_else(|| mass(body, which)))
}

/// How fast the point of a body at a place in the world moves.
pub(super) fn velocity_at(world: &World, thing: Operands<'_>) -> Result<Option<Value>, Error> {
    let body = find(world, thing)?;
    Ok(Some(Value::vector(
        body.velocity_at_point(thing.vector(2)?),
    )))
}

fn kind(body: &RigidBody) -> u32 {
    match body.body_type() {
        RigidBodyType::Fixed => body_kind::FIXED,
        RigidBodyType::KinematicPositionBased => body_kind::KINEMATIC_POSITION,
        RigidBodyType::KinematicVelocityBased => body_kind::KINEMATIC_VELOCITY,
        _ => body_kind::DYNAMIC,
    }
}

/// What its user set.
fn setting(body: &RigidBody, which: u32) -> Option<Value> {
    Some(match which {
        property::KIND => Value::word(kind(body)),
        property::ENABLED => Value::switch(body.is_enabled()),
        property::LINEAR_DAMPING => Value::number(body.linear_damping()),
        property::ANGULAR_DAMPING => Value::number(body.angular_damping()),
        property::GRAVITY_SCALE => Value::number(body.gravity_scale()),
        property::DOMINANCE => Value::signed(i32::from(body.dominance_group())),
        property::EFFECTIVE_DOMINANCE => Value::signed(i32::from(body.effective_dominance_group())),
        property::LOCKED_AXES => Value::word(u32::from(body.locked_axes().bits())),
        property::CCD => Value::switch(body.is_ccd_enabled()),
        property::CCD_ACTIVE => Value::switch(body.is_ccd_active()),
        property::SOFT_CCD_PREDICTION => Value::number(body.soft_ccd_prediction()),
        property::SOLVER_ITERATIONS => Value::count(body.additional_solver_iterations()),
        property::PGS_ITERATIONS => Value::count(body.additional_pgs_iterations()),
        property::GYROSCOPIC_FORCES => Value::switch(body.gyroscopic_forces_enabled()),
        property::FAST_ROTATION => Value::switch(body.is_fast_rotation_allowed()),
        property::COLLIDERS => Value::count(body.colliders().len()),
        property::SOFT_BODY => Value::switch(body.soft_body().is_some()),
        _ => return None,
    })
}

/// Where it is and how it moves.
fn motion(body: &RigidBody, which: u32) -> Option<Value> {
    Some(match which {
        property::SLEEPING => Value::switch(body.is_sleeping()),
        property::MOVING => Value::switch(body.is_moving()),
        property::TRANSLATION => Value::vector(body.translation()),
        property::ROTATION => Value::rotation(*body.rotation()),
        property::LINEAR_VELOCITY => Value::vector(body.linvel()),
        property::ANGULAR_VELOCITY => Value::vector(body.angvel()),
        property::NEXT_TRANSLATION => Value::vector(body.next_position().translation),
        property::NEXT_ROTATION => Value::rotation(body.next_position().rotation),
        property::FORCE => Value::vector(body.user_force()),
        property::TORQUE => Value::vector(body.user_torque()),
        property::KINETIC_ENERGY => Value::number(body.kinetic_energy()),
        _ => return None,
    })
}

/// The upper triangle of a symmetric matrix.
fn symmetric(matrix: AngularInertia) -> Value {
    Value::numbers([
        matrix.m11, matrix.m12, matrix.m13, matrix.m22, matrix.m23, matrix.m33,
    ])
}

fn mass(body: &RigidBody, which: u32) -> Option<Value> {
    let properties = body.mass_properties();
    let local = &properties.local_mprops;
    Some(match which {
        property::MASS => Value::number(body.mass()),
        property::INVERSE_MASS => Value::number(local.inv_mass),
        property::LOCAL_CENTER_OF_MASS => Value::vector(local.local_com),
        property::CENTER_OF_MASS => Value::vector(properties.world_com),
        property::PRINCIPAL_INERTIA => Value::vector(local.principal_inertia()),
        property::INVERSE_PRINCIPAL_INERTIA => Value::vector(local.inv_principal_inertia),
        property::INERTIA_FRAME => Value::rotation(local.principal_inertia_local_frame),
        property::EFFECTIVE_INVERSE_MASS => Value::vector(properties.effective_inv_mass),
        property::EFFECTIVE_INVERSE_INERTIA => symmetric(properties.effective_world_inv_inertia),
        property::EFFECTIVE_INERTIA => symmetric(properties.effective_angular_inertia()),
        _ => return None,
    })
}
