//! Colliders: creating and removing them by command.

use rapier3d::dynamics::CoefficientCombineRule;
use rapier3d::geometry::{
    ActiveCollisionTypes, Collider, ColliderBuilder, Group, InteractionGroups, InteractionTestMode,
};
use rapier3d::pipeline::ActiveEvents;

use crate::generated::physics_capnp::{
    collider_flag as flag, collider_operand as operand, physics_limits,
};
use crate::operands::Operands;
use crate::shape::shape;
use crate::{Error, Handle, World};

fn groups(bits: u32) -> InteractionGroups {
    let (memberships, filter) = (bits >> 16, bits & 0xffff);
    InteractionGroups::new(
        Group::from_bits_retain(memberships),
        Group::from_bits_retain(filter),
        InteractionTestMode::And,
    )
}

fn combine_rule(operands: Operands<'_>, shift: u32) -> Result<CoefficientCombineRule, Error> {
    Ok(
        match operands.word(operand::COMBINE_RULES)? >> shift & 0xff {
            0 => CoefficientCombineRule::Average,
            1 => CoefficientCombineRule::Min,
            2 => CoefficientCombineRule::Multiply,
            3 => CoefficientCombineRule::Max,
            _ => return Err(operands.bad(operand::COMBINE_RULES)),
        },
    )
}

fn build(slot: u32, operands: Operands<'_>) -> Result<Collider, Error> {
    let shape = shape(operands.word(operand::SHAPE)?, operands, operand::SIZE)?;
    let flags = operands.word(operand::FLAGS)?;
    let is = |bit| flags & bit != 0;
    let mass = operands.size(operand::MASS)?;
    let types = operands.word(operand::ACTIVE_COLLISION_TYPES)?;
    let builder = ColliderBuilder::new(shape)
        .user_data(u128::from(slot))
        .enabled(is(flag::ENABLED))
        .sensor(is(flag::SENSOR))
        .position(operands.pose(operand::POSITION, operand::ROTATION)?)
        .friction(operands.size(operand::FRICTION)?)
        .restitution(operands.size(operand::RESTITUTION)?)
        .friction_combine_rule(combine_rule(operands, 0)?)
        .restitution_combine_rule(combine_rule(operands, 8)?)
        .collision_groups(groups(operands.word(operand::COLLISION_GROUPS)?))
        .solver_groups(groups(operands.word(operand::SOLVER_GROUPS)?))
        .active_events(ActiveEvents::from_bits_truncate(
            operands.word(operand::ACTIVE_EVENTS)?,
        ))
        .active_collision_types(ActiveCollisionTypes::from_bits_truncate(types as u16))
        .contact_force_event_threshold(operands.size(operand::CONTACT_FORCE_THRESHOLD)?)
        .contact_skin(operands.size(operand::CONTACT_SKIN)?);
    let builder = if is(flag::MASS_GIVEN) {
        builder.mass(mass)
    } else {
        builder.density(mass)
    };
    Ok(builder.build())
}

pub(crate) fn create(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(operand::SLOT)?;
    if !world.colliders.is_free(handle) {
        return Err(operands.bad(operand::SLOT));
    }
    let parent = parent(world, operands)?;
    let collider = build(handle.slot, operands)?;
    let inserted = world.physics.insert_collider(collider, parent);
    world
        .colliders
        .insert(handle, inserted)
        .map_err(|()| operands.bad(operand::SLOT))
}

fn parent(
    world: &World,
    operands: Operands<'_>,
) -> Result<Option<rapier3d::dynamics::RigidBodyHandle>, Error> {
    match operands.handle(operand::BODY)? {
        Handle { slot, .. } if slot == physics_limits::NONE => Ok(None),
        body => world.bodies.require(body, operands.at).map(Some),
    }
}

/// Removes a collider.
pub(crate) fn remove(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let handle = operands.handle(0)?;
    let collider = world.colliders.require(handle, operands.at)?;
    let physics = &mut world.physics;
    physics.colliders.remove(
        collider,
        &mut physics.islands,
        &mut physics.bodies,
        &mut physics.soft_bodies,
        operands.word(2)? != 0,
    );
    world.colliders.remove(handle.slot);
    Ok(())
}
