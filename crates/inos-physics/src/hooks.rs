//! What happens at contacts, as data: pairs that ignore each other, platforms that hold from one side, belts.
//!
//! rapier calls back for these while it steps. Nobody could be called back off the host's thread, so the few things
//! that such callbacks are used for are told beforehand.

use std::collections::{BTreeMap, BTreeSet};

use rapier3d::geometry::{Collider, ColliderHandle, ColliderSet, SolverFlags};
use rapier3d::math::Vector;
use rapier3d::pipeline::{
    ActiveHooks, ContactModificationContext, PairFilterContext, PhysicsHooks,
};
use serde::{Deserialize, Serialize};

use crate::operands::Operands;
use crate::{Error, World};

/// From where a platform holds: from where this normal of the collider points, and how far off that.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct OneWay {
    normal: Vector,
    angle: f32,
}

/// What is told of contacts, by the colliders' slots.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Hooks {
    /// Pairs, the lower slot first.
    ignored: BTreeSet<(u32, u32)>,
    one_way: BTreeMap<u32, OneWay>,
    /// How fast a surface moves, in its collider's frame.
    surfaces: BTreeMap<u32, Vector>,
}

fn pair(first: u32, second: u32) -> (u32, u32) {
    (first.min(second), first.max(second))
}

fn slot(colliders: &ColliderSet, handle: ColliderHandle) -> Option<u32> {
    colliders
        .get(handle)
        .map(|collider| collider.user_data as u32)
}

impl Hooks {
    /// Forgets a collider that goes.
    pub(crate) fn forget(&mut self, slot: u32) {
        self.ignored
            .retain(|&(first, second)| first != slot && second != slot);
        self.one_way.remove(&slot);
        self.surfaces.remove(&slot);
    }

    /// What rapier must call back for.
    fn active(&self, slot: u32) -> ActiveHooks {
        let mut hooks = ActiveHooks::empty();
        let is_ignored = |&(first, second): &(u32, u32)| first == slot || second == slot;
        if self.ignored.iter().any(is_ignored) {
            hooks |= ActiveHooks::FILTER_CONTACT_PAIRS | ActiveHooks::FILTER_INTERSECTION_PAIR;
        }
        if self.one_way.contains_key(&slot) || self.surfaces.contains_key(&slot) {
            hooks |= ActiveHooks::MODIFY_SOLVER_CONTACTS;
        }
        hooks
    }

    fn ignores(&self, context: &PairFilterContext<'_>) -> bool {
        let first = slot(context.colliders, context.collider1);
        let second = slot(context.colliders, context.collider2);
        first
            .zip(second)
            .is_some_and(|(first, second)| self.ignored.contains(&pair(first, second)))
    }
}

impl PhysicsHooks for Hooks {
    fn filter_contact_pair(&self, context: &PairFilterContext<'_>) -> Option<SolverFlags> {
        (!self.ignores(context)).then(SolverFlags::default)
    }

    fn filter_intersection_pair(&self, context: &PairFilterContext<'_>) -> bool {
        !self.ignores(context)
    }

    fn modify_solver_contacts(&self, context: &mut ContactModificationContext<'_>) {
        let colliders = context.colliders;
        let handles = [context.collider1, context.collider2];
        let [Some(first), Some(second)] = handles.map(|handle| colliders.get(handle)) else {
            return;
        };
        let slots = [first, second].map(|collider| collider.user_data as u32);
        if let Some(one_way) = self.one_way.get(&slots[0]) {
            context.update_as_oneway_platform(one_way.normal, one_way.angle);
        } else if let Some(one_way) = self.one_way.get(&slots[1]) {
            // rapier compares with the first collider's normal, in its frame.
            let turned = second.rotation() * one_way.normal;
            let normal = -(first.rotation().inverse() * turned);
            context.update_as_oneway_platform(normal, one_way.angle);
        }
        let speed = |slot, collider: &Collider| {
            let velocity = self.surfaces.get(&slot).copied();
            velocity.map_or(Vector::ZERO, |velocity| collider.rotation() * velocity)
        };
        let velocity = speed(slots[0], first) - speed(slots[1], second);
        if velocity != Vector::ZERO
            && let Some(manifold) = context.rigid_mut()
        {
            for contact in manifold.solver_contacts.iter_mut() {
                contact.tangent_velocity = velocity;
            }
        }
    }
}

/// Lets two colliders pass through each other, or meet again.
pub(crate) fn ignore_pair(world: &mut World, operands: Operands<'_>) -> Result<(), Error> {
    let [first, second] = [operands.handle(0)?, operands.handle(2)?];
    world.colliders.require(first, operands.at)?;
    world.colliders.require(second, operands.at)?;
    if first.slot == second.slot {
        return Err(operands.bad(2));
    }
    let key = pair(first.slot, second.slot);
    if operands.word(4)? != 0 {
        world.hooks.ignored.insert(key);
    } else {
        world.hooks.ignored.remove(&key);
    }
    renew(world, first.slot);
    renew(world, second.slot);
    Ok(())
}

/// Makes a collider a platform that holds from one side, or no longer: whether, its normal, an angle.
pub(crate) fn set_one_way(
    world: &mut World,
    slot: u32,
    operands: Operands<'_>,
    value: u32,
) -> Result<(), Error> {
    if operands.word(value)? == 0 {
        world.hooks.one_way.remove(&slot);
    } else {
        let normal = operands.direction(value + 1)?;
        let angle = operands.size(value + 4)?;
        world.hooks.one_way.insert(slot, OneWay { normal, angle });
    }
    renew(world, slot);
    Ok(())
}

/// Makes a collider's surface move, or rest.
pub(crate) fn set_surface_velocity(
    world: &mut World,
    slot: u32,
    operands: Operands<'_>,
    value: u32,
) -> Result<(), Error> {
    let velocity = operands.vector(value)?;
    if velocity == Vector::ZERO {
        world.hooks.surfaces.remove(&slot);
    } else {
        world.hooks.surfaces.insert(slot, velocity);
    }
    renew(world, slot);
    Ok(())
}

fn renew(world: &mut World, slot: u32) {
    let Some((_, handle)) = world.colliders.at(slot) else {
        return;
    };
    let hooks = world.hooks.active(slot);
    if let Some(collider) = world.physics.colliders.get_mut(handle)
        && collider.active_hooks() != hooks
    {
        collider.set_active_hooks(hooks);
    }
}
