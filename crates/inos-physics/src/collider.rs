//! Colliders: creating and removing them by command.

use rapier3d::dynamics::CoefficientCombineRule;
use rapier3d::geometry::{
    ActiveCollisionTypes, Collider, ColliderBuilder, ColliderHandle, Group, InteractionGroups,
    InteractionTestMode,
};
use rapier3d::math::IVector;
use rapier3d::pipeline::ActiveEvents;

use crate::generated::physics_capnp::{
    collider_flag as flag, collider_operand as operand, collider_property as property,
    physics_limits,
};
use crate::operands::Operands;
use crate::{Error, Handle, World, hooks};

/// How far from 0 a cell may be along each axis.
pub(crate) const FARTHEST_VOXEL: u32 = 1 << 20;

pub(crate) fn groups(bits: u32) -> InteractionGroups {
    let (memberships, filter) = (bits >> 16, bits & 0xffff);
    InteractionGroups::new(
        Group::from_bits_retain(memberships),
        Group::from_bits_retain(filter),
        InteractionTestMode::And,
    )
}

fn combine_rule(
    operands: Operands<'_>,
    index: u32,
    shift: u32,
) -> Result<CoefficientCombineRule, Error> {
    Ok(match (operands.word(index)? >> shift) & 0xff {
        0 => CoefficientCombineRule::Average,
        1 => CoefficientCombineRule::Min,
        2 => CoefficientCombineRule::Multiply,
        3 => CoefficientCombineRule::Max,
        _ => return Err(operands.bad(index)),
    })
}

fn build(world: &World, slot: u32, operands: Operands<'_>) -> Result<Collider, Error> {
    let shape = world.shape(operands, operand::SHAPE, operand::SIZE)?;
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
        .friction_combine_rule(combine_rule(operands, operand::COMBINE_RULES, 0)?)
        .restitution_combine_rule(combine_rule(operands, operand::COMBINE_RULES, 8)?)
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
    let collider = build(world, handle.slot, operands)?;
    let inserted = world.physics.insert_collider(collider, parent);
    if world.colliders.insert(handle, inserted) {
        return Ok(());
    }
    Err(operands.bad(operand::SLOT))
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
    world.hooks.forget(handle.slot);
    Ok(())
}

/// Changes one property of a collider.
pub(crate) fn set(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    const VALUE: u32 = 3;
    let handle = world.colliders.require(operands.handle(0)?, operands.at)?;
    let which = operands.word(2)?;
    let slot = operands.word(0)?;
    if which == property::ONE_WAY {
        return hooks::set_one_way(world, slot, operands, VALUE);
    }
    if which == property::SURFACE_VELOCITY {
        return hooks::set_surface_velocity(world, slot, operands, VALUE);
    }
    if which == property::VOXEL_NEIGHBORS || which == property::ALL_VOXEL_NEIGHBORS {
        return join_voxels(world, handle, which, operands);
    }
    if which == property::SHAPE {
        let shape = world.shape(operands, VALUE, VALUE + 1)?;
        world.physics.colliders[handle].set_shape(shape);
        return Ok(());
    }
    let Some(collider) = world.physics.colliders.get_mut(handle) else {
        return Err(operands.bad(0));
    };
    let has_parent = collider.parent().is_some();
    let switch = || operands.word(VALUE).map(|word| word != 0);
    match which {
        property::POSITION if has_parent => {
            collider.set_translation_wrt_parent(operands.vector(VALUE)?);
        }
        property::POSITION => collider.set_translation(operands.vector(VALUE)?),
        property::ROTATION => set_rotation(collider, operands, VALUE)?,
        property::DENSITY => collider.set_density(operands.size(VALUE)?),
        property::MASS => collider.set_mass(operands.size(VALUE)?),
        property::FRICTION => collider.set_friction(operands.size(VALUE)?),
        property::RESTITUTION => collider.set_restitution(operands.size(VALUE)?),
        property::COMBINE_RULES => {
            collider.set_friction_combine_rule(combine_rule(operands, VALUE, 0)?);
            collider.set_restitution_combine_rule(combine_rule(operands, VALUE, 8)?);
        }
        property::COLLISION_GROUPS => {
            collider.set_collision_groups(groups(operands.word(VALUE)?));
        }
        property::SOLVER_GROUPS => collider.set_solver_groups(groups(operands.word(VALUE)?)),
        property::SENSOR => collider.set_sensor(switch()?),
        property::ENABLED => collider.set_enabled(switch()?),
        property::CONTACT_SKIN => collider.set_contact_skin(operands.size(VALUE)?),
        property::ACTIVE_EVENTS => {
            collider.set_active_events(ActiveEvents::from_bits_truncate(operands.word(VALUE)?))
        }
        property::CONTACT_FORCE_THRESHOLD => {
            collider.set_contact_force_event_threshold(operands.size(VALUE)?);
        }
        property::COLLISION_TYPES => {
            let types = operands.word(VALUE)? as u16;
            collider.set_active_collision_types(ActiveCollisionTypes::from_bits_truncate(types));
        }
        property::MASS_PROPERTIES => {
            collider.set_mass_properties(operands.mass_properties(VALUE)?);
        }
        property::WORLD_POSITION => collider.set_translation(operands.vector(VALUE)?),
        property::WORLD_ROTATION => collider.set_rotation(operands.unit_rotation(VALUE)?),
        property::VOXEL => return set_voxel(collider, operands, VALUE),
        _ => return Err(operands.bad(2)),
    }
    Ok(())
}

/// Fills or empties a cell of a collider made of voxels.
fn set_voxel(collider: &mut Collider, operands: Operands<'_>, index: u32) -> Result<(), Error> {
    let cell = cell(operands, index)?;
    let is_filled = operands.word(index + 3)? != 0;
    let Some(voxels) = collider.shape_mut().as_voxels_mut() else {
        return Err(operands.bad(2));
    };
    voxels.set_voxel(cell, is_filled);
    Ok(())
}

fn cell(operands: Operands<'_>, index: u32) -> Result<IVector, Error> {
    let axis = |offset| operands.word(index + offset).map(u32::cast_signed);
    let cell = [axis(0)?, axis(1)?, axis(2)?];
    if cell.iter().any(|axis| axis.unsigned_abs() > FARTHEST_VOXEL) {
        return Err(operands.bad(index));
    }
    Ok(IVector::from_array(cell))
}

/// Tells two colliders of voxels of each other's cells, so that nothing catches at the edges between them: of all, or
/// of those around one that changed.
fn join_voxels(
    world: &mut World,
    handle: ColliderHandle,
    which: u32,
    operands: Operands<'_>,
) -> Result<(), Error> {
    let other = world.colliders.require(operands.handle(3)?, operands.at)?;
    let shift = cell(operands, 5)?;
    let (Some(first), Some(second)) = world.physics.colliders.get_pair_mut(handle, other) else {
        return Err(operands.bad(3));
    };
    let voxels = first.shape_mut().as_voxels_mut();
    let (Some(voxels), Some(others)) = (voxels, second.shape_mut().as_voxels_mut()) else {
        return Err(operands.bad(2));
    };
    if which == property::VOXEL_NEIGHBORS {
        voxels.propagate_voxel_change(others, cell(operands, 8)?, shift);
    } else {
        voxels.combine_voxel_states(others, shift);
    }
    Ok(())
}

/// Relative to its body, if it has one.
fn set_rotation(collider: &mut Collider, operands: Operands<'_>, index: u32) -> Result<(), Error> {
    let rotation = operands.unit_rotation(index)?;
    match collider.position_wrt_parent().copied() {
        Some(mut pose) => {
            pose.rotation = rotation;
            collider.set_position_wrt_parent(pose);
        }
        None => collider.set_rotation(rotation),
    }
    Ok(())
}
