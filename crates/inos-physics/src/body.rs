//! Bodies: creating, removing and changing them by command.

use rapier3d::dynamics::{
    LockedAxes, RigidBody, RigidBodyActivation, RigidBodyBuilder, RigidBodyHandle, RigidBodyType,
};

use crate::generated::physics_capnp::{
    body_flag as flag, body_kind, body_operand as operand, body_property as property,
};
use crate::operands::Operands;
use crate::{Error, World, joint};

const LOCKED_AXES: u32 = 0x3f;

fn kind(operands: Operands<'_>, index: u32) -> Result<RigidBodyType, Error> {
    Ok(match operands.word(index)? {
        body_kind::DYNAMIC => RigidBodyType::Dynamic,
        body_kind::FIXED => RigidBodyType::Fixed,
        body_kind::KINEMATIC_POSITION => RigidBodyType::KinematicPositionBased,
        body_kind::KINEMATIC_VELOCITY => RigidBodyType::KinematicVelocityBased,
        _ => return Err(operands.bad(index)),
    })
}

/// A signed byte, stored as the word of its value.
fn dominance(operands: Operands<'_>, index: u32) -> Result<i8, Error> {
    let value = operands.word(index)?.cast_signed();
    i8::try_from(value).map_err(|_| operands.bad(index))
}

fn locked_axes(bits: u32) -> LockedAxes {
    LockedAxes::from_bits_truncate((bits & LOCKED_AXES) as u8)
}

pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(operand::SLOT)?;
    if !world.bodies.is_free(handle) {
        return Err(operands.bad(operand::SLOT));
    }
    let flags = operands.word(operand::FLAGS)?;
    let is = |bit| flags & bit != 0;
    let builder = RigidBodyBuilder::new(kind(operands, operand::KIND)?)
        .user_data(u128::from(handle.slot))
        .enabled(is(flag::ENABLED))
        .pose(operands.pose(operand::POSITION, operand::ROTATION)?)
        .gravity_scale(operands.number(operand::GRAVITY_SCALE)?)
        .locked_axes(locked_axes(flags >> flag::LOCKED_AXES_SHIFT))
        .linvel(operands.vector(operand::LINEAR_VELOCITY)?)
        .angvel(operands.vector(operand::ANGULAR_VELOCITY)?)
        .linear_damping(operands.size(operand::LINEAR_DAMPING)?)
        .angular_damping(operands.size(operand::ANGULAR_DAMPING)?)
        .can_sleep(is(flag::CAN_SLEEP))
        .sleeping(is(flag::SLEEPING))
        .ccd_enabled(is(flag::CCD))
        .gyroscopic_forces_enabled(is(flag::GYROSCOPIC))
        .dominance_group(dominance(operands, operand::DOMINANCE)?)
        .additional_solver_iterations(operands.word(operand::SOLVER_ITERATIONS)?.min(255) as usize)
        .soft_ccd_prediction(operands.size(operand::SOFT_CCD_PREDICTION)?)
        .additional_mass(operands.size(operand::ADDITIONAL_MASS)?);
    let body = world.physics.insert_body(builder);
    if world.bodies.insert(handle, body) {
        return Ok(());
    }
    Err(operands.bad(operand::SLOT))
}

/// Removes a body with its colliders and joints. The host empties their slots likewise.
pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(0)?;
    let body = world.bodies.require(handle, operands.at)?;
    let slots: Vec<u32> = world.physics.bodies[body]
        .colliders()
        .iter()
        .map(|&collider| world.physics.colliders[collider].user_data as u32)
        .collect();
    for slot in slots {
        world.colliders.remove(slot);
        world.hooks.forget(slot);
    }
    let attached = world
        .joints
        .iter()
        .filter(|(_, joint)| joint.is_on(handle.slot));
    let attached: Vec<u32> = attached.map(|(slot, _)| slot).collect();
    world.unstepped |= !attached.is_empty();
    for slot in attached {
        world.joints.remove(slot);
    }
    world.physics.remove_body(body);
    world.bodies.remove(handle.slot);
    Ok(())
}

/// Changes one property of a body.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = world.bodies.require(operands.handle(0)?, operands.at)?;
    let selector = operands.word(2)?;
    let (which, wake) = (selector & 0xff, selector >> 8 & 1 != 0);
    // As for creating a joint in reduced coordinates: what follows is moved by forces.
    let link = world.physics.multibody_joints.rigid_body_link(handle);
    if which == property::KIND
        && link.is_some_and(|link| link.id != 0)
        && kind(operands, 3)? != RigidBodyType::Dynamic
    {
        return Err(operands.bad(3));
    }
    let Some(body) = world.physics.bodies.get_mut(handle) else {
        return Err(operands.bad(0));
    };
    if set_motion(body, which, wake, operands)? || set_force(body, which, wake, operands)? {
        return Ok(());
    }
    set_trait(body, which, wake, operands)?;
    match which {
        property::KIND => joint::rest_on(world, handle),
        property::SLEEP => put_to_sleep(world, handle),
        property::RECOMPUTE_MASS => {
            let colliders = &world.physics.colliders;
            if let Some(body) = world.physics.bodies.get_mut(handle) {
                body.recompute_mass_properties_from_colliders(colliders);
            }
        }
        _ => {}
    }
    Ok(())
}

fn put_to_sleep(world: &mut World, handle: RigidBodyHandle) {
    if let Some(body) = world.physics.bodies.get_mut(handle) {
        body.sleep();
    }
}

/// Where a body is and how it moves. Says whether `which` is such a property.
fn set_motion(
    body: &mut RigidBody,
    which: u32,
    wake: bool,
    operands: Operands<'_>,
) -> Result<bool, Error> {
    const VALUE: u32 = 3;
    match which {
        property::TRANSLATION => body.set_translation(operands.vector(VALUE)?, wake),
        property::ROTATION => body.set_rotation(operands.unit_rotation(VALUE)?, wake),
        property::LINEAR_VELOCITY => body.set_linvel(operands.vector(VALUE)?, wake),
        property::ANGULAR_VELOCITY => body.set_angvel(operands.vector(VALUE)?, wake),
        property::NEXT_TRANSLATION => body.set_next_kinematic_translation(operands.vector(VALUE)?),
        property::NEXT_ROTATION => {
            body.set_next_kinematic_rotation(operands.unit_rotation(VALUE)?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Forces and impulses. Says whether `which` is one.
fn set_force(
    body: &mut RigidBody,
    which: u32,
    wake: bool,
    operands: Operands<'_>,
) -> Result<bool, Error> {
    const VALUE: u32 = 3;
    const POINT: u32 = 6;
    match which {
        property::ADD_FORCE => body.add_force(operands.vector(VALUE)?, wake),
        property::ADD_TORQUE => body.add_torque(operands.vector(VALUE)?, wake),
        property::ADD_FORCE_AT_POINT => {
            body.add_force_at_point(operands.vector(VALUE)?, operands.vector(POINT)?, wake);
        }
        property::IMPULSE => body.apply_impulse(operands.vector(VALUE)?, wake),
        property::TORQUE_IMPULSE => body.apply_torque_impulse(operands.vector(VALUE)?, wake),
        property::IMPULSE_AT_POINT => {
            body.apply_impulse_at_point(operands.vector(VALUE)?, operands.vector(POINT)?, wake);
        }
        property::RESET_FORCES => body.reset_forces(wake),
        property::RESET_TORQUES => body.reset_torques(wake),
        _ => return Ok(false),
    }
    Ok(true)
}

/// What a body is.
fn set_trait(
    body: &mut RigidBody,
    which: u32,
    wake: bool,
    operands: Operands<'_>,
) -> Result<(), Error> {
    const VALUE: u32 = 3;
    let switch = || operands.word(VALUE).map(|word| word != 0);
    match which {
        property::SLEEP | property::RECOMPUTE_MASS => {}
        property::WAKE => body.wake_up(true),
        property::KIND => body.set_body_type(kind(operands, VALUE)?, wake),
        property::LINEAR_DAMPING => body.set_linear_damping(operands.size(VALUE)?),
        property::ANGULAR_DAMPING => body.set_angular_damping(operands.size(VALUE)?),
        property::GRAVITY_SCALE => body.set_gravity_scale(operands.number(VALUE)?, wake),
        property::ENABLED => body.set_enabled(switch()?),
        property::CCD => body.enable_ccd(switch()?),
        property::DOMINANCE => body.set_dominance_group(dominance(operands, VALUE)?),
        property::LOCKED_AXES => body.set_locked_axes(locked_axes(operands.word(VALUE)?), wake),
        property::ADDITIONAL_MASS => body.set_additional_mass(operands.size(VALUE)?, wake),
        property::SOFT_CCD_PREDICTION => body.set_soft_ccd_prediction(operands.size(VALUE)?),
        property::SOLVER_ITERATIONS => {
            body.set_additional_solver_iterations(operands.word(VALUE)?.min(255) as usize);
        }
        property::MASS_PROPERTIES => {
            body.set_additional_mass_properties(operands.mass_properties(VALUE)?, wake);
        }
        property::GYROSCOPIC_FORCES => body.enable_gyroscopic_forces(switch()?),
        property::FAST_ROTATION => body.set_allow_fast_rotation(switch()?),
        property::PGS_ITERATIONS => {
            body.set_additional_pgs_iterations(operands.word(VALUE)?.min(255) as usize);
        }
        property::CAN_SLEEP => set_can_sleep(body, switch()?),
        _ => return Err(operands.bad(2)),
    }
    Ok(())
}

/// A body that can't sleep has thresholds that nothing falls below; it wakes.
fn set_can_sleep(body: &mut RigidBody, can_sleep: bool) {
    let activation = body.activation_mut();
    if can_sleep {
        let usual = RigidBodyActivation::active();
        activation.normalized_linear_threshold = usual.normalized_linear_threshold;
        activation.angular_threshold = usual.angular_threshold;
        return;
    }
    let never = RigidBodyActivation::cannot_sleep();
    activation.normalized_linear_threshold = never.normalized_linear_threshold;
    activation.angular_threshold = never.angular_threshold;
    body.wake_up(true);
}
